package scale

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Replicas is the change an operation makes: an absolute target, so that repeating
// the write after a crash is safe.
type Replicas struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Down reports whether replicas are taken away.
func (r Replicas) Down() bool { return r.To < r.From }

// Request is who asked for what, where and why.
type Request struct {
	By Person `json:"by"`
	// Reason is what the person gave as why; foreign text.
	Reason string `json:"reason,omitempty"`
	// Origin is "command", "alert", "suggestion", "report" or "adjust".
	Origin  string    `json:"origin"`
	Channel string    `json:"channel"`
	Thread  string    `json:"thread,omitempty"`
	At      time.Time `json:"at"`
	// ExpiresAt is when an undecided proposal lapses.
	ExpiresAt time.Time `json:"expiresAt"`
	// Episode links to the alert it answers, Undoes to the operation it rolls back,
	// Replaces to the proposal it took the place of.
	Episode  string `json:"episode,omitempty"`
	Undoes   string `json:"undoes,omitempty"`
	Replaces string `json:"replaces,omitempty"`
	// Key is the caller's idempotency key, such as Slack's trigger id: asking twice
	// with one key makes one operation.
	Key string `json:"key,omitempty"`
	// OverrideMinimum says that the count below the minimum was asked for explicitly
	// BreakGlass that the requester means to carry a risky change alone, for
	// the given reason.
	OverrideMinimum bool `json:"overrideMinimum,omitempty"`
	BreakGlass      bool `json:"breakGlass,omitempty"`
}

// Event is one fact in an operation's story. Events are only ever appended.
type Event struct {
	// State is the state the operation entered, or empty for a fact that changes
	// none, such as a refused approval.
	State State     `json:"state,omitempty"`
	At    time.Time `json:"at"`
	By    Person    `json:"by,omitzero"`
	// Code is the machine-readable reason, such as "not_on_call" or "reverted".
	Code string `json:"code,omitempty"`
	Note string `json:"note,omitempty"`
	// Channel and TS are where a person did it, and Key is the delivery by which the
	// order came, such as Slack's trigger id; empty for what the bot did by itself.
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"`
	Key     string `json:"key,omitempty"`
}

// Rollout holds what was seen while a change took effect; every zero time means
// "not yet".
type Rollout struct {
	// WrittenAt is when the API server accepted the write, and Wrote the scale's
	// resource version afterwards.
	WrittenAt time.Time `json:"writtenAt,omitzero"`
	Wrote     string    `json:"wrote,omitempty"`
	// FirstReadyAt is when the first new pod was ready, ReadyAt when all were.
	FirstReadyAt time.Time `json:"firstReadyAt,omitzero"`
	ReadyAt      time.Time `json:"readyAt,omitzero"`
	// RebalanceAt is when the group was first seen moving, StableAt when every ready
	// pod was a member and the group stable (T-36).
	RebalanceAt time.Time `json:"rebalanceAt,omitzero"`
	StableAt    time.Time `json:"stableAt,omitzero"`
	// BlindSince is since when the group cannot be read without a break; zero while it can.
	BlindSince time.Time `json:"blindSince,omitzero"`
	// Troubles are sentences about pods that do not start, newest state.
	Troubles []string `json:"troubles,omitempty"`
	// Now is the last look while settling, for the live card.
	Now Progress `json:"now,omitzero"`
	// RevertChecks counts the looks after the write that found it intact, and
	// RevertedBy names who undid it (T-01); RevertedAt is when that was seen, for nobody
	// records when it was done.
	RevertChecks int       `json:"revertChecks,omitempty"`
	RevertedBy   string    `json:"revertedBy,omitempty"`
	RevertedAt   time.Time `json:"revertedAt,omitzero"`
	RevertedTo   int       `json:"revertedTo,omitempty"`
	// RolledBackBy is the operation that set the old count again after this one had failed.
	RolledBackBy string `json:"rolledBackBy,omitempty"`
	// OvertakenBy is a later operation that has set the count after this one had failed, and
	// is no roll back of it.
	OvertakenBy string `json:"overtakenBy,omitempty"`
}

// Progress is one look at a running change.
type Progress struct {
	At    time.Time `json:"at,omitzero"`
	Ready int       `json:"ready"`
	// Replicas is the desired count seen, Members the group's members, both -1 when
	// unknown.
	Replicas int `json:"replicas"`
	Members  int `json:"members"`
	// Lag is the total now, -1 when unknown; Spark the last few, oldest first.
	Lag        int64         `json:"lag"`
	Spark      []int64       `json:"spark,omitempty"`
	State      GroupState    `json:"state,omitempty"`
	Rebalanced time.Duration `json:"rebalanced,omitempty"`
	// ErrorShare is the failing share, negative when unknown.
	ErrorShare float64 `json:"errorShare"`
	// Unstarted is how many of the wanted pods never ran and will not by themselves: no room,
	// no image or no quota.
	Unstarted int `json:"unstarted,omitempty"`
}

// Operation is the durable story of one change, from the request to the last
// report. It is changed only through a store, by compare and swap.
type Operation struct {
	// ID is component and number: "download-worker-17".
	ID        string `json:"id"`
	Component string `json:"component"`
	Number    int    `json:"number"`
	// Version is opaque; it is what compare and swap compares.
	Version string `json:"-"`

	Change  Replicas       `json:"change"`
	Request Request        `json:"request"`
	Before  Snapshot       `json:"before"`
	Advice  Recommendation `json:"advice"`
	Plan    Plan           `json:"plan"`
	// Message is the card; zero until it was posted.
	Message MessageRef `json:"message,omitzero"`
	Events  []Event    `json:"events"`
	// Approvals is how many different people have to approve; 0 means one.
	Approvals int `json:"approvals,omitempty"`
	// Alarm is where the channel was told that the glass was broken; zero until then.
	Alarm MessageRef `json:"alarm,omitzero"`
	// Intended is what the deployment was when the intent was stored, just before the
	// write; zero until then.
	Intended Seen     `json:"intended,omitzero"`
	Rollout  Rollout  `json:"rollout,omitzero"`
	Reports  []Report `json:"reports,omitempty"`
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

// State is what the last event with a state says.
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

// MaxNotes bounds the refusals kept with an operation, and beside them the notes, so that
// hammering a button cannot grow it without end; MaxAlike bounds the refusals of one person
// for one reason, so that nobody's hammering crowds out what others were refused.
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

// roomFor reports whether one more such fact may be kept.
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

// ApprovedBy is who completed the approval, if somebody did; [Operation.Approvers] are all.
func (o Operation) ApprovedBy() (Person, bool) {
	e, ok := o.Entered(Approved)
	return e.By, ok
}

// Deadline is when a settling operation gives up.
func (o Operation) Deadline(limits RolloutLimits) time.Time {
	return o.Rollout.WrittenAt.Add(limits.Deadline)
}
