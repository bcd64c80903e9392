package scale

import (
	"testing"
	"time"
)

// Decision B.3: lag in time is the age of the oldest unread, with its partition,
// a lower bound where somewhere it is not known, and never zero for want of knowledge.
func TestTheAgeOfTheLagIsThatOfItsOldestMessage(t *testing.T) {
	waits := func(n int32, age time.Duration) PartitionLag {
		return PartitionLag{Topic: "t", Partition: n, Lag: 10, Oldest: age}
	}
	read := PartitionLag{Topic: "t", Partition: 9}
	early := waits(3, time.Hour)
	early.OldestAtLeast = true
	for name, c := range map[string]struct {
		partitions []PartitionLag
		want       string
		known      bool
	}{
		"everything is read":         {[]PartitionLag{read}, "", true},
		"nothing is known":           {nil, "", false},
		"no age is known":            {[]PartitionLag{waits(1, 0), read}, "", false},
		"the oldest one counts":      {[]PartitionLag{waits(1, 20*time.Second), waits(2, 80*time.Second), read}, "oldest unread 80 s old (partition 2)", true},
		"one age is not known":       {[]PartitionLag{waits(1, 0), waits(2, 80*time.Second)}, "oldest unread at least 80 s old (partition 2)", true},
		"one partition is not known": {[]PartitionLag{{Flag: LagUnknown}, waits(2, 80*time.Second)}, "oldest unread at least 80 s old (partition 2)", true},
		"older than anybody watched": {[]PartitionLag{early, waits(2, time.Minute)}, "oldest unread at least 1 h old (partition 3)", true},
		"read, but one is not known": {[]PartitionLag{{Flag: LagUnknown}, read}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			age, known := SumLag(c.partitions, nil).Oldest()
			if got := age.Sentence(); got != c.want || known != c.known {
				t.Errorf("got %q (known: %v), want %q (%v)", got, known, c.want, c.known)
			}
		})
	}
}

// aged gives every partition of the world an age, in seconds the same as its number.
func (w *world) aged() *world {
	for i := range w.s.Lag.Value.Partitions {
		w.s.Lag.Value.Partitions[i].Oldest = time.Duration(i+1) * time.Second
	}
	return w
}

// R-105, R3 of the decisions: a count of messages is told in seconds too, measured where
// it can be.
func TestHighLagIsToldInTime(t *testing.T) {
	w := spike(14_200).aged()
	wantText(t, "the reasons", joinedReasons(w.recommend()), "oldest unread 24 s old (partition 23)", "of traffic at")
	check := wantCheck(t, w.plan(12, "").Checklist, "R-105", Warn)
	wantText(t, "the checklist", check.After, "14,200", "oldest unread 24 s old")
}

func joinedReasons(r Recommendation) (text string) {
	for _, reason := range r.Reasons {
		text += reason + "\n"
	}
	return text
}

// busyButQuiet is an idle world with traffic: each partition gets 50 messages a second,
// so that 24 × 50 × 2.5 s = 3,000 of its lag only wait for the next commit.
func busyButQuiet(lag int64) *world {
	w := idleWorld()
	w.lag(lag)
	for i := range w.s.Lag.Value.Partitions {
		w.s.Lag.Value.Partitions[i].Arrival = 50
	}
	for i := range w.past {
		w.past[i].Lag = float64(lag)
	}
	return w
}

// R-011 and R4 of the decisions: a busy group that keeps up always shows some lag between
// two commits; that must not keep idle workers for good. What waits beyond that does.
func TestR011LeavesOutWhatOnlyWaitsForACommit(t *testing.T) {
	for lag, want := range map[int64]Outcome{3_900: Fires, 4_000: Silent, 3_000: Fires, 14_000: Silent} {
		f := busyButQuiet(lag).outcome(t, "R-011")
		if f.Outcome != want {
			t.Errorf("lag %d: got %s (%s), want %s", lag, f.Outcome, f.Sentence, want)
		}
		wantText(t, "the sentence", f.Sentence, "between commits")
	}
	unknown := busyButQuiet(3_900)
	unknown.s.Rates = Unknown[Rates]("too few samples yet", unknown.s.At, "Kafka")
	if f := unknown.outcome(t, "R-011"); f.Outcome == Fires {
		t.Errorf("got %s (%s) while arrivals are unknown, want nothing left out", f.Outcome, f.Sentence)
	}
	slow := busyButQuiet(14_000)
	for i := range slow.s.Lag.Value.Partitions {
		slow.s.Lag.Value.Partitions[i].CommitEvery = 30 * time.Second
	}
	if f := slow.outcome(t, "R-011"); f.Outcome != Fires {
		t.Errorf("got %s (%s) for a group that commits every 30 s, want its larger floor left out", f.Outcome, f.Sentence)
	}
}

// R-001 stays what the runbook says, whatever of it waits for a commit; that much is told.
func TestR001CountsEveryMessage(t *testing.T) {
	w := busyButQuiet(10_001)
	if f := w.outcome(t, "R-001"); f.Outcome != Fires {
		t.Errorf("got %s (%s), want it to fire", f.Outcome, f.Sentence)
	}
	wantText(t, "the reasons", joinedReasons(w.recommend()), "about 3,000 of it only wait for the next commit")
}
