package ledger

import (
	"github.com/scalebot/scalebot/internal/scale"
)

// Plan is everything the card shows about one asked change: what it would do, what
// it would not do, and the pre-scale checklist.
type Plan struct {
	From int `json:"from"`
	To   int `json:"to"`
	// Trend and Slope describe the lag: messages per second, positive when rising.
	Trend scale.Trend `json:"trend"`
	Slope float64     `json:"slope"`
	// Spark is the last few lag totals, oldest first, negative where unknown.
	Spark []int64 `json:"spark,omitempty"`
	// Open says that all workers read the same partitions, as in a share group: partition counts
	// then neither compare nor bound worker counts.
	Open bool `json:"open,omitempty"`
	// Part is the unit of work that is distributed where it is not the partition: "task" for
	// Kafka Streams.
	Part string `json:"part,omitempty"`
	// Now and After compare the counts: partitions of the busiest worker, idle
	// workers, drain time.
	Now   Option `json:"now"`
	After Option `json:"after"`
	// Alternatives are neighbouring efficient counts worth naming.
	Alternatives []Option `json:"alternatives,omitempty"`
	// Checklist is.
	Checklist []scale.Check `json:"checklist,omitempty"`
	// Warnings must be read before approving; Notes are worth knowing.
	Warnings []string `json:"warnings,omitempty"`
	Notes    []string `json:"notes,omitempty"`
	// Reverter says who would undo the change and when; empty when nobody (T-01).
	Reverter string `json:"reverter,omitempty"`
	// Keeper says what an owner of the count that does not undo the change does with it, now or
	// later; empty when there is none. WayOut says what to do about the reverter or keeper.
	Keeper string `json:"keeper,omitempty"`
	WayOut string `json:"wayOut,omitempty"`
	// Risks are the classes for which the policy wants two people; empty for a routine change.
	Risks []scale.Risk `json:"risks,omitempty"`
	// Prominent asks for a more prominent confirmation.
	Prominent bool `json:"loud,omitempty"`
	// NeedsReason says that no trigger holds, so a reason is asked for.
	NeedsReason bool `json:"needsReason,omitempty"`
	// Kubectl is the equivalent command.
	Kubectl string `json:"kubectl"`
}
