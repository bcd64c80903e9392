package ledger

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Operation is the durable story of one change, from the request to the last
// report. It is changed only through a store, by compare and swap.
type Operation struct {
	// ID is component and number: "download-worker-17".
	ID        string `json:"id"`
	Component string `json:"component"`
	Number    int    `json:"number"`
	// Version is opaque; it is what compare and swap compares.
	Version string `json:"-"`

	// Steps are its changes, in order; [Operation.Step] is the current one. stored.go says how
	// they are stored.
	Steps   []Step         `json:"-"`
	Request Request        `json:"request"`
	Before  scale.Snapshot `json:"before"`
	Advice  Recommendation `json:"advice"`
	Plan    Plan           `json:"plan"`
	// Message is the card; zero until it was posted.
	Message scale.MessageRef `json:"message,omitzero"`
	Events  []Event          `json:"events"`
	// Approvals is how many different people have to approve; 0 means one.
	Approvals int `json:"approvals,omitempty"`
	// Alarm is the message that tells the channel that somebody broke the glass; zero until then.
	Alarm   scale.MessageRef `json:"alarm,omitzero"`
	Reports []Report         `json:"reports,omitempty"`
}

// OperationID joins component and number.
func OperationID(component string, number int) string {
	return component + "-" + strconv.Itoa(number)
}

// ParseOperationID splits an id into component and number.
func ParseOperationID(id string) (component string, number int, err error) {
	cut := strings.LastIndexByte(id, '-')
	if cut > 0 {
		number, err = strconv.Atoi(id[cut+1:])
	}
	if cut <= 0 || err != nil || number <= 0 || OperationID(id[:cut], number) != id {
		return "", 0, fmt.Errorf("%q is not an operation id such as download-worker-17", id)
	}
	return id[:cut], number, nil
}

// State is the state that the last transition entered.
func (o Operation) State() State {
	for i := len(o.Events) - 1; i >= 0; i-- {
		if o.Events[i].State != "" {
			return o.Events[i].State
		}
	}
	return ""
}

// Entered returns the event by which the operation entered the state, if it did; the
// first such event.
func (o Operation) Entered(s State) (Event, bool) {
	for _, e := range o.Events {
		if e.State == s {
			return e, true
		}
	}
	return Event{}, false
}

// Last returns the newest event that changed the state.
func (o Operation) Last() Event {
	for i := len(o.Events) - 1; i >= 0; i-- {
		if o.Events[i].State != "" {
			return o.Events[i]
		}
	}
	return Event{}
}

// MaxNotes bounds the refusals stored with an operation, and separately the notes, so that
// repeated clicks cannot grow it without end. MaxAlike bounds the refusals of one person for one
// reason, so that one person's clicks leave room for the refusals of others.
const (
	MaxNotes = 50
	MaxAlike = 3
)

// To returns the operation with the event appended, or an error when the state
// table does not allow it. The receiver is not changed.
func (o Operation) To(event Event) (Operation, error) {
	if !CanFollow(o.State(), event.State) {
		return o, fmt.Errorf("operation %s is %s and cannot become %s", o.ID, o.State(), event.State)
	}
	o.Events = append(o.Events[:len(o.Events):len(o.Events)], event)
	return o, nil
}

// Noted returns the operation with a fact appended that changes no state. A refusal or a
// note for which there is no room is dropped.
func (o Operation) Noted(event Event) Operation {
	event.State = ""
	if !o.roomFor(event) {
		return o
	}
	o.Events = append(o.Events[:len(o.Events):len(o.Events)], event)
	return o
}

// roomFor reports whether one more such fact may be stored.
func (o Operation) roomFor(fact Event) bool {
	kind := fact.Entry()
	all, alike := 0, 0
	for _, e := range o.Events {
		if e.Entry() != kind {
			continue
		}
		all++
		if e.By.Is(fact.By) && e.Code == fact.Code {
			alike++
		}
	}
	return all < MaxNotes && (kind != EntryRefusal || alike < MaxAlike)
}

// ApprovedBy is the person who completed the approval, if there is one; [Operation.Approvers] are
// all.
func (o Operation) ApprovedBy() (scale.Person, bool) {
	e, ok := o.Entered(Approved)
	return e.By, ok
}

// Deadline is when the bot stops waiting for the rollout of a settling operation.
func (o Operation) Deadline(limits scale.RolloutLimits) time.Time {
	return o.Rollout().WrittenAt.Add(limits.Deadline)
}
