// Package e2e is the bot against the real servers: Apache Kafka, Kubernetes, Prometheus and a browser, on loopback and without containers.
//
//	make e2e      # every test
//	make lab      # the same servers, left running, and the environment for scalebot run
//	make lab-stop # end them
//
// This package plays stories with the built program in a whole world (package world). Packages kafka and cluster run one server each and hold the
// bot's adapters to it; what they find that a pretend server does otherwise belongs into the pretend server, with a test beside it.
//
// Everything runs on Apache Kafka 4.4.0, and package kafka on 4.3.1 as well; SCALEBOT_E2E_KAFKA names the version.
//
// It needs Go, Java 17 with Maven (for Kafka), Prometheus and Chromium (Debian's packages). Kubernetes and KEDA's operator are compiled from their
// Go modules, each in a module of its own (kubernetes, keda), so that neither the product nor these tests need their dependencies; what that takes
// the first time is in docs/measurements.md. What is fetched and built stays in a cache outside of the repository, under a name that is a hash of
// what it is made of, and which SCALEBOT_E2E_CACHE may place elsewhere. A prerequisite that is missing is named, and is a failure.
//
// The figures in docs/measurements.md come from
//
//	go test -run '^$' -bench LagSweep -benchtime 5x ./kafka
//	go test -run '^$' -bench Rebalance -benchtime 3x ./kafka
//	go test -run '^$' -bench Reaction -benchtime 10x .
package e2e
