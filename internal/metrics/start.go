package metrics

// beginning is what a start time says beside an earlier one.
type beginning int

const (
	// startedBefore: it runs as it did.
	startedBefore beginning = iota
	// startedAnew: it has begun anew since the last reading.
	startedAnew
	// startedOther: something else answers, which was running at the last reading already.
	startedOther
)

const (
	// sameStart is by how many seconds one start time differs from page to page: it is
	// counted from the machine's own, which its clock is corrected by.
	sameStart = 2
	// clocksDiffer is by how many seconds the clocks of two machines may differ.
	clocksDiffer = 60
	// noDate is what a start time lies under that is no date, but a counter of its own.
	noDate = 1e8
)

// compareStarts judges a start time beside the one before, all in seconds of Unix time; zero
// is one that is not known. looked is when the one before was seen.
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
