// Package stage runs the product on one machine: the real bot of package app between the Slack
// emulator and the simulated cluster and Kafka of package demo, all on loopback and over the real
// protocols.
package stage
