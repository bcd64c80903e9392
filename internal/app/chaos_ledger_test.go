package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// chaosLedger sees every write at the instant it is carried out and holds it against the
// invariants that must be true at every moment, not only in the end.
type chaosLedger struct {
	diary *diary
	book  *runbook.Book

	mu         sync.Mutex
	operations map[string]ledger.Operation
	episodes   map[string]ledger.Episode
	effects    map[chaosStep]int // effective writes, by step.
	touched    map[string]bool   // operations whose count somebody else has set after them.
	states     map[ledger.State]int
	replicas   map[string]int // by component.
	violations []string
}

// chaosStep is one step of an operation, by its index.
type chaosStep struct {
	operation string
	step      int
}

func (s chaosStep) String() string { return fmt.Sprintf("step %d of %s", s.step+1, s.operation) }

func newLedger(d *diary, book *runbook.Book) *chaosLedger {
	return &chaosLedger{diary: d, book: book, operations: map[string]ledger.Operation{}, episodes: map[string]ledger.Episode{}, effects: map[chaosStep]int{}, touched: map[string]bool{}, states: map[ledger.State]int{}, replicas: map[string]int{"download-worker": 6, "event-ingester": 3}}
}

func (l *chaosLedger) violated(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.violation(format, args...)
}

func (l *chaosLedger) violation(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	l.violations = append(l.violations, text)
	l.diary.note("VIOLATION: %s", text)
}

// stored is told of every change; nothing else is carried out meanwhile.
func (l *chaosLedger) stored(s stored) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch object := s.object.(type) {
	case *autoscalingv1.Scale:
		l.effect(s.by, object.Name, int(s.before), int(object.Spec.Replicas))
	case *unstructured.Unstructured:
		switch s.resource {
		case "scalingoperations":
			l.operation(object)
		case "scalingepisodes":
			l.episode(object)
		}
	}
}

// operation checks what a stored operation makes of the one before.
func (l *chaosLedger) operation(object *unstructured.Unstructured) {
	var op ledger.Operation
	if !l.record(object, &op) {
		return
	}
	before := l.operations[op.ID]
	if op.State() != before.State() {
		l.states[op.State()]++
		l.diary.note("%s is %s (%s) %s", op.ID, op.State(), op.Change(), op.Last().Note)
	}
	l.follows(before, op)
	l.operations[op.ID] = op
	var live []string
	for id, other := range l.operations {
		if other.Component == op.Component && other.State().Live() {
			live = append(live, id)
		}
	}
	if len(live) > 1 {
		slices.Sort(live)
		l.violation("%s has %d live operations: %v", op.Component, len(live), live)
	}
}

// record reads what is stored.
func (l *chaosLedger) record(object *unstructured.Unstructured, into any) bool {
	raw, _, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "record")
	data, err := json.Marshal(raw)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		l.violation("%s cannot be read: %v", object.GetName(), err)
	}
	return err == nil
}

// episode checks what a stored episode makes of the one before.
func (l *chaosLedger) episode(object *unstructured.Unstructured) {
	var e ledger.Episode
	if !l.record(object, &e) {
		return
	}
	before := l.episodes[e.ID]
	if before.ID == "" || before.Open() != e.Open() {
		l.diary.note("%s open: %t", e.ID, e.Open())
	}
	if !before.Message.IsZero() && e.Message.IsZero() {
		l.violation("%s forgot where its card is", e.ID)
	}
	l.episodes[e.ID] = e
	for id, other := range l.episodes {
		if id != e.ID && other.Component == e.Component && other.Kind == e.Kind && other.Open() && e.Open() {
			l.violation("%s and %s are open at once", id, e.ID)
		}
	}
}

// follows checks that events are only appended, and as the table of states allows.
func (l *chaosLedger) follows(before, op ledger.Operation) {
	if len(op.Events) < len(before.Events) {
		l.violation("%s lost events: %d of %d are left", op.ID, len(op.Events), len(before.Events))
		return
	}
	for i, e := range before.Events {
		if e.State != op.Events[i].State || e.By.ID != op.Events[i].By.ID || !e.At.Equal(op.Events[i].At) {
			l.violation("%s: event %d was rewritten from %s by %s to %s by %s", op.ID, i, e.State, e.By.ID, op.Events[i].State, op.Events[i].By.ID)
		}
	}
	state := before.State()
	for _, e := range op.Events[len(before.Events):] {
		if e.State == "" {
			continue
		}
		if !ledger.CanFollow(state, e.State) {
			l.violation("%s went from %s to %s", op.ID, state, e.State)
		}
		if e.State == ledger.Failed && e.Code == "reverted" && !l.touched[op.ID] {
			l.violation("%s says that its count was set back (%s), and nobody did", op.ID, e.Note)
		}
		if e.State == ledger.Replaced && state != ledger.Proposed && e.By.ID != "scalebot" {
			l.violation("%s was %s, and a decision of %s replaced it", op.ID, state, e.By.ID)
		}
		// Looking takes a while, and clocks differ.
		if e.State == ledger.Approved && e.At.After(op.Request.ExpiresAt.Add(time.Minute)) {
			l.violation("%s was approved at %v and had lapsed at %v", op.ID, e.At, op.Request.ExpiresAt)
		}
		state = e.State
	}
	for i, r := range before.Reports {
		if i < len(op.Reports) && !r.Posted.IsZero() && op.Reports[i].Posted != r.Posted {
			l.violation("%s: report %s moved from %v to %v", op.ID, r.Horizon, r.Posted, op.Reports[i].Posted)
		}
	}
}

// final reports whether every operation has ended.
func (l *chaosLedger) final() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, op := range l.operations {
		if !op.State().Final() {
			return false
		}
	}
	return true
}

// effect checks a written replica count.
func (l *chaosLedger) effect(by, component string, from, to int) {
	l.diary.note("%s set %s from %d to %d", by, component, from, to)
	l.replicas[component] = to
	if by != "scalebot" {
		l.touch(component)
		return
	}
	if from == to {
		return
	}
	c, _ := l.book.Component(component)
	var intents []ledger.Operation
	for _, op := range l.operations {
		if op.Component == component && op.State() == ledger.Applying {
			intents = append(intents, op)
		}
	}
	if len(intents) != 1 {
		l.violation("%s was set from %d to %d with %d recorded intents, want one", component, from, to, len(intents))
		return
	}
	op := intents[0]
	step := chaosStep{op.ID, op.Current()}
	if l.effects[step]++; l.effects[step] > 1 {
		l.violation("%s was written %d times, want at most one effective write per step", step, l.effects[step])
	}
	if want := (change.Replicas{From: from, To: to}); op.Change() != want {
		l.violation("%s changes %s, but %s was written", step, op.Change(), want)
	}
	// A process that Kafka has never answered goes by the runbook's example, and says so.
	guessed := slices.ContainsFunc(op.Plan.Risks, func(r scale.Risk) bool { return r.Class == scale.RiskPartitions })
	if most := int(chaosTopics[component].partitions); to > most && !guessed || to < c.Min && !op.Request.OverrideMinimum {
		l.violation("%s: %d is outside %d–%d without a recorded override", op.ID, to, c.Min, most)
	}
	l.authorised(op)
}

// touch notes that somebody has set the count after the writes that there were.
func (l *chaosLedger) touch(component string) {
	for step := range l.effects {
		if l.operations[step.operation].Component == component {
			l.touched[step.operation] = true
		}
	}
}

// authorised checks the recorded approvals against who may approve here.
func (l *chaosLedger) authorised(op ledger.Operation) {
	if !op.Authorised() {
		l.violation("%s was written with %d of %d approvals", op.ID, len(op.Approvers()), op.Needed())
	}
	for _, who := range op.Approvers() {
		if !slices.Contains([]string{"U0ANA", "U0BEN"}, who.ID) {
			l.violation("%s was approved by %s, who is not on call", op.ID, who.ID)
		}
	}
}

// tally is what all seeds together have played, to see that there was something to check.
type tally struct {
	mu                                                    sync.Mutex
	seeds, effects, reports, episodes, crashes, hits, bad int
	states                                                map[ledger.State]int
}

func (t *tally) add(w *chaosWorld) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.states == nil {
		t.states = map[ledger.State]int{}
	}
	t.seeds++
	t.episodes += len(w.ledger.episodes)
	t.crashes += int(w.crashes.Load())
	t.hits += int(w.hits.Load())
	for _, n := range w.ledger.effects {
		t.effects += n
	}
	for _, op := range w.ledger.operations {
		for _, r := range op.Reports {
			if !r.Posted.IsZero() {
				t.reports++
			}
		}
	}
	for state, n := range w.ledger.states {
		t.states[state] += n
	}
	if len(w.ledger.violations) > 0 {
		t.bad++
	}
}

func (t *tally) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := fmt.Sprintf("%d seeds, %d with violations: %d effective writes, %d reports posted, %d alerts and suggestions, %d crashes, %d calls hit by a fault; states entered:", t.seeds, t.bad, t.effects, t.reports, t.episodes, t.crashes, t.hits)
	for _, state := range slices.Sorted(maps.Keys(t.states)) {
		text += fmt.Sprintf(" %s %d", state, t.states[state])
	}
	return text
}
