// Package bench measures what scalebot promises, and its lag reading beside other
// readers on the same cluster. It is a module of its own, so that the readers it
// compares with are no dependencies of scalebot.
//
//	go test -run '^$' -bench LagSweep -benchtime 20x
//	go test -run '^$' -bench 'AckLatency|Resident|Start' -benchtime 1x
//	go test -run '^$' -bench Fleet -benchtime 1x -timeout 30m
//
// Everything that is not measured is in processes of its own: kfake with three brokers,
// the Slack emulator, and an API server 5 ms away that keeps records, watches them and
// counts what it is asked. LagSweep reports the median of each
// reader's sweeps, and how many times longer than scalebot's that is. The other
// benchmarks run the real program: AckLatency sends it 1,000 commands at once, Resident
// reads its resident memory beside 500 groups, Start times it from exec to ready, Fleet
// asks what 500 components cost with the records in the API server, beside the build that
// SCALEBOT_BEFORE names. They build the program unless SCALEBOT names one.
//
// That no command is lost during a refresh of the sockets, and that one socket alone
// loses some, is a test of package slackui, in virtual time.
package bench
