package metrics

import "time"

// marksPerWindow bounds how many past sums are kept of one pod.
const marksPerWindow = 60

// track is the remembered state of one pod.
type track struct {
	listed time.Time // when the pod was last among the workload's
	at     time.Time // when the page was read
	page   page      // without its series
	// started is the last known start time.
	started float64
	// several says that more than one process answers in turn.
	several bool
	ledgers [metricsOfPod]ledger
	marks   []mark // oldest first
}

// mark is a past state of the sums.
type mark struct {
	at   time.Time
	sums [metricsOfPod]tally
}

// record adds a page read at the given time. A page older than the last one is dropped, because
// two readings may overtake each other. If it is much older, the clock was set back and the page
// counts.
func (t *track) record(p page, at time.Time, window time.Duration) {
	if t.at.Sub(at) > window {
		*t = track{listed: t.listed}
	}
	if !at.After(t.at) {
		return
	}
	t.process(p.started)
	for i := range t.ledgers {
		p.reported[i] = reported{why: t.ledgers[i].advance(p.reported[i], at, window)}
	}
	t.page, t.at = p, at
	if n := len(t.marks); n == 0 || at.Sub(t.marks[n-1].at) >= window/marksPerWindow {
		t.mark(at)
	}
	for len(t.marks) > 1 && at.Sub(t.marks[0].at) > window {
		t.marks = t.marks[1:]
	}
}

func (t *track) mark(at time.Time) {
	m := mark{at: at}
	for i := range t.ledgers {
		m.sums[i] = t.ledgers[i].sums.clone()
	}
	t.marks = append(t.marks, m)
}

// process compares start times. Counts of two processes that answer in turn cannot be compared.
func (t *track) process(started float64) {
	if t.at.IsZero() || started == 0 {
		t.started = max(t.started, started)
		return
	}
	verdict := compareStarts(t.started, started, float64(t.at.Unix()))
	if t.started == 0 && started >= float64(t.at.Unix()) {
		verdict = startedAnew
	}
	t.started = started
	for i := range t.ledgers {
		switch verdict {
		case startedAnew:
			t.ledgers[i].restart()
		case startedOther:
			t.ledgers[i].anew()
		case startedBefore:
		}
	}
	t.several = verdict == startedOther || t.several && verdict == startedBefore
}

// change is what a metric has counted within the window, and over how many seconds. The seconds
// are zero unless there are two pages to compare.
func (t *track) change(metric int) (counted []float64, seconds float64) {
	now := t.ledgers[metric].sums
	for _, m := range t.marks {
		before := m.sums[metric]
		if before.round != now.round {
			continue
		}
		counted = make([]float64, len(now.counted))
		for i, n := range now.counted {
			if i < len(before.counted) {
				n -= before.counted[i]
			}
			counted[i] = max(0, n)
		}
		return counted, now.covered - before.covered
	}
	return nil, 0
}

// size is how many numbers are kept of the pod.
func (t *track) size() int {
	n := 0
	for i := range t.ledgers {
		n += t.ledgers[i].size() + len(t.ledgers[i].sums.counted)*len(t.marks)
	}
	return n
}
