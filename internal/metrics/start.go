package metrics

// beginning is the result of comparing a start time with an earlier one.
type beginning int

const (
	// startedBefore: the same process is still running.
	startedBefore beginning = iota
	// startedAnew: the process restarted since the last reading.
	startedAnew
	// startedOther: another process answered, which was already running at the last reading.
	startedOther
)

const (
	// sameStart is by how many seconds the start time of one process may differ between pages: it
	// is computed from the machine's clock, which is corrected from time to time.
	sameStart = 2
	// clocksDiffer is by how many seconds the clocks of two machines may differ.
	clocksDiffer = 60
	// noDate is the value below which a start time is no Unix time, but a counter of another
	// kind.
	noDate = 1e8
)

// compareStarts compares a start time with the one before, both in seconds of Unix time; zero
// means unknown. looked is when the earlier one was read.
func compareStarts(before, now, seen float64) beginning {
	later := now > before+sameStart
	switch {
	case before == 0, now == 0:
		return startedBefore
	case later && (now >= seen-clocksDiffer || now < noDate):
		return startedAnew
	case later, now < before-sameStart:
		return startedOther
	}
	return startedBefore
}
