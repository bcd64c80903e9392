package scale

import (
	"fmt"
	"time"
)

// Age is how long ago the oldest message arrived that a group has not read: lag in time (decision
// B.3). It is computed from the moments at which the end offset was seen to pass the commit. It
// never reaches back to before the first sample.
type Age struct {
	Time time.Duration `json:"time"`
	// AtLeast says that the message may be older: it was there before the first sample of the end
	// offsets, or the age on some partition is not known.
	AtLeast bool `json:"atLeast,omitempty"`
	// Topic and Partition are where the message waits; Topic is empty when nothing waits.
	Topic     string `json:"topic,omitempty"`
	Partition int32  `json:"partition,omitempty"`
}

// Sentence prints the age as a clause: "oldest unread 80 s old (partition 7)";
// empty when nothing waits.
func (a Age) Sentence() string {
	if a.Topic == "" {
		return ""
	}
	bound := ""
	if a.AtLeast {
		bound = "at least "
	}
	return fmt.Sprintf("oldest unread %s%s old (partition %d)", bound, Span(a.Time), a.Partition)
}

// Short prints the age for a heading: "80 s", "at least 2 min".
func (a Age) Short() string {
	if a.AtLeast {
		return "oldest at least " + Span(a.Time)
	}
	return "oldest " + Span(a.Time)
}
