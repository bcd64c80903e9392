// Package bench measures what scalebot promises, and its lag reading beside other
// readers on the same cluster. It is a module of its own, so that the readers it
// compares with are no dependencies of scalebot.
//
//	go test -run '^$' -bench LagSweep -benchtime 20x
//	go test -run '^$' -bench 'AckLatency|Resident|Start' -benchtime 1x
//
// Everything that is not measured is in processes of its own: kfake with three brokers,
// the Slack emulator, and a small API server. LagSweep reports the median of each
// reader's sweeps, and how many times longer than scalebot's that is. The other
// benchmarks run the real program: AckLatency sends it 1,000 commands at once, Resident
// reads its resident memory beside 500 groups, Start times it from exec to ready. They
// build the program unless SCALEBOT names one.
//
// That no command is lost during a refresh of the sockets, and that one socket alone
// loses some, is a test of package slackui, in virtual time.
package bench
