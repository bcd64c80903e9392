// Package crash kills, stops and restarts the real program while people use it, and
// checks that nothing is lost and nothing happens twice.
//
//	go test -v .                                    # a killed leader, a few rolling restarts
//	go test -v -run Rolling -crash.restarts 50 -timeout 20m .
//	go test -run '^$' -bench . -benchtime 10x -timeout 20m .
//
// Each replica is a process of the built binary. Around it, in the test's own process,
// are the pretend world of package demo with its Kafka and its workers, an API server's
// HTTP face over that world's cluster, and the Slack emulator. Both servers stand behind
// a gate that records what passes and holds a chosen request before or after it took
// effect, so that a process is killed at a known point and not at a lucky one.
//
// The world's clock runs faster so that pods start within seconds; the bot runs on the
// wall clock. That hours have passed while nobody ran is played by moving the stored
// times of an operation back: the bot knows time by nothing else.
//
// The tests build the program unless SCALEBOT names one.
package crash
