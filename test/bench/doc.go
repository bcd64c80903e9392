// Package bench measures scalebot's lag reading beside other readers on the same
// cluster. It is a module of its own, so that the readers it compares with are no
// dependencies of scalebot.
//
//	go test -run '^$' -bench LagSweep -benchtime 20x
//
// The cluster is kfake with three brokers in a process of its own. Every reader reports
// the median of its sweeps, and how many times longer than scalebot's that is.
package bench
