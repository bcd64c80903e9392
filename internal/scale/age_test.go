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
