package audit

import (
	"cmp"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
)

// The kinds of records: those of events, and reports.
const (
	KindTransition = string(ledger.EntryTransition)
	KindApproval   = string(ledger.EntryApproval)
	KindRefusal    = string(ledger.EntryRefusal)
	KindNote       = string(ledger.EntryNote)
	// KindReport is a report that was made after the change, or closed without being made.
	KindReport = "report"
)

// Record is one fact of the trail.
type Record struct {
	// Time is when it happened, in UTC.
	Time      time.Time `json:"time"`
	Operation string    `json:"operation"`
	Component string    `json:"component"`
	Kind      string    `json:"kind"`
	// Index is the event's place in its operation, or the report's among the reports.
	Index int `json:"index"`
	// From and To are the states before and after; To is empty if the state did not change.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// By and Name are who did it: the stable id, and what they were called then.
	By   string `json:"by,omitempty"`
	Name string `json:"name,omitempty"`
	Team string `json:"team,omitempty"`
	Code string `json:"code,omitempty"`
	Note string `json:"note,omitempty"`
	// Channel and TS are where they did it; Trigger is the Slack delivery that brought the order.
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"`
	Trigger string `json:"trigger,omitempty"`
	// Figures are the values of the change, such as its replica counts.
	change.Figures
	// Reason is why the change was requested. Only the first record of an operation has it.
	Reason string `json:"reason,omitempty"`
	// Horizon, Verdict and Late belong to a report.
	Horizon string `json:"horizon,omitempty"`
	Verdict string `json:"verdict,omitempty"`
	Late    bool   `json:"late,omitempty"`
}

// Filter selects records; the zero Filter takes all of them.
type Filter struct {
	// Since excludes what happened before it; Component excludes other components.
	Since     time.Time
	Component string
}

func (f Filter) matches(r Record) bool {
	return !r.Time.Before(f.Since) && (f.Component == "" || r.Component == f.Component)
}

// Records are the facts of the operations in the order in which they happened. The order
// is total, so that the same store always gives the same trail.
func Records(operations []ledger.Operation, filter Filter) []Record {
	var all []Record
	for _, op := range operations {
		for _, r := range Of(op) {
			if filter.matches(r) {
				all = append(all, r)
			}
		}
	}
	slices.SortFunc(all, func(a, b Record) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Operation, b.Operation),
			cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Index, b.Index))
	})
	return all
}

// rank puts the events of a moment before its reports.
func rank(r Record) int {
	if r.Kind == KindReport {
		return 1
	}
	return 0
}

// Of returns the facts of one operation: its events in their order, then its reports.
func Of(op ledger.Operation) []Record {
	records := make([]Record, 0, len(op.Events)+len(op.Reports))
	var state ledger.State
	for i, e := range op.Events {
		records = append(records, event(op, i, state))
		if e.State != "" {
			state = e.State
		}
	}
	for i, r := range op.Reports {
		if !r.Pending() {
			records = append(records, report(op, i))
		}
	}
	return records
}

func blank(op ledger.Operation, at time.Time, kind string, index int) Record {
	return Record{
		Time: at.UTC(), Operation: op.ID, Component: op.Component, Kind: kind, Index: index,
		Figures: op.Change().Figures(),
	}
}

// event is the record of event i. before is the operation's state before that event.
func event(op ledger.Operation, i int, before ledger.State) Record {
	e := op.Events[i]
	r := blank(op, e.At, string(e.Entry()), i)
	r.From, r.To = string(before), string(e.State)
	r.By, r.Name, r.Team, r.Code, r.Note = e.By.ID, e.By.Name, e.By.Team, e.Code, e.Note
	r.Channel, r.TS, r.Trigger = e.Channel, e.TS, e.Key
	if i == 0 {
		r.Reason = op.Request.Reason
	}
	return r
}

func report(op ledger.Operation, i int) Record {
	made := op.Reports[i]
	at, note := made.MadeAt, made.Why
	if made.Closed != "" {
		note = made.Closed
	}
	if at.IsZero() {
		// A report that was closed without being made has no time of its own.
		at = op.Last().At
	}
	r := blank(op, at, KindReport, i)
	r.Horizon, r.Verdict, r.Late, r.Note = made.Horizon, string(made.Verdict), made.Late, note
	return r
}
