package commands

import (
	"context"
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// fakeDesk records what it is asked, and answers from its fields.
type fakeDesk struct {
	calls []string
	// err is what every order answers with; panics makes every order panic.
	err    error
	panics bool

	statuses []engine.Status
	// threads are operations by the thread their card began, waiting by component.
	threads map[string]ledger.Operation
	waiting map[string]ledger.Operation
	past    []ledger.Operation
	asks    []engine.Ask
	acts    []engine.Act
	// turned are the refusals the desk was told of, as verb and code.
	turned []string
}

func (d *fakeDesk) note(format string, args ...any) error {
	if d.panics {
		panic("desk on fire")
	}
	d.calls = append(d.calls, fmt.Sprintf(format, args...))
	return d.err
}

func (d *fakeDesk) act(verb string, act engine.Act) (ledger.Operation, error) {
	d.acts = append(d.acts, act)
	return operation(act.ID, ledger.Approved), d.note("%s %s", verb, act.ID)
}

func (d *fakeDesk) Overview(context.Context) []engine.Status {
	if err := d.note("overview"); err != nil {
		return nil
	}
	return d.statuses
}

func (d *fakeDesk) Status(_ context.Context, component string) (engine.Status, error) {
	return engine.Status{Component: scale.Component{Name: component}}, d.note("status %s", component)
}

func (d *fakeDesk) Propose(_ context.Context, ask engine.Ask) (ledger.Operation, error) {
	d.asks = append(d.asks, ask)
	return operation(ask.Component+"-1", ledger.Proposed), d.note("propose %s %s", ask.Component, ask.Target)
}

func (d *fakeDesk) DryRun(_ context.Context, ask engine.Ask) (ledger.Operation, error) {
	d.asks = append(d.asks, ask)
	return operation(ask.Component+"-1", ledger.Proposed), d.note("dry run %s %s", ask.Component, ask.Target)
}

func (d *fakeDesk) Approve(_ context.Context, act engine.Act) (ledger.Operation, error) {
	return d.act("approve", act)
}

func (d *fakeDesk) Decline(_ context.Context, act engine.Act) (ledger.Operation, error) {
	return d.act("decline", act)
}

func (d *fakeDesk) Cancel(_ context.Context, act engine.Act) (ledger.Operation, error) {
	return d.act("cancel", act)
}

func (d *fakeDesk) Adjust(_ context.Context, act engine.Act, to int) (ledger.Operation, error) {
	return d.act(fmt.Sprintf("adjust to %d", to), act)
}

func (d *fakeDesk) RollBack(_ context.Context, act engine.Act) (ledger.Operation, error) {
	return d.act("roll back", act)
}

func (d *fakeDesk) ScaleRecommended(_ context.Context, act engine.Act) (ledger.Operation, error) {
	return d.act("scale recommended", act)
}

func (d *fakeDesk) Snooze(_ context.Context, act engine.Act, length time.Duration) (ledger.Episode, error) {
	d.acts = append(d.acts, act)
	return ledger.Episode{ID: act.ID, Component: "download-worker"}, d.note("snooze %s %s", act.ID, length)
}

func (d *fakeDesk) Operation(_ context.Context, idOrComponent string) (ledger.Operation, error) {
	if err := d.note("operation %s", idOrComponent); err != nil {
		return ledger.Operation{}, err
	}
	op, ok := d.waiting[idOrComponent]
	if !ok {
		return op, &scale.Refusal{Code: scale.RefusedNotFound, Why: "Nothing waits."}
	}
	return op, nil
}

func (d *fakeDesk) InThread(_ context.Context, _, thread string) (ledger.Operation, error) {
	if err := d.note("in thread %s", thread); err != nil {
		return ledger.Operation{}, err
	}
	op, ok := d.threads[thread]
	if !ok {
		return op, fmt.Errorf("looking for the thread: %w", scale.ErrNotStored)
	}
	return op, nil
}

func (d *fakeDesk) History(_ context.Context, component string, _ int) ([]ledger.Operation, error) {
	return d.past, d.note("history %s", component)
}

func (d *fakeDesk) Diagnose(_ context.Context, idOrComponent string) (diagnose.Diagnosis, error) {
	return diagnose.Diagnosis{Component: idOrComponent}, d.note("diagnose %s", idOrComponent)
}

func (d *fakeDesk) Watch(_ context.Context, component string, _ scale.Person, _, thread string, length time.Duration) error {
	return d.note("watch %s %s", component, length)
}

func (d *fakeDesk) TurnAway(_ context.Context, verb string, act engine.Act, refusal *scale.Refusal) {
	d.turned = append(d.turned, fmt.Sprintf("%s %s %s", verb, act.By.ID, refusal.Code))
}

func (d *fakeDesk) OnCall(context.Context) (scale.OnCall, error) {
	return scale.OnCall{Group: "kafka-oncall"}, d.note("on call")
}

// operation is one in the given state, for the component in its id.
func operation(id string, state ledger.State) ledger.Operation {
	component, number, _ := ledger.ParseOperationID(id)
	return ledger.Operation{
		ID: id, Component: component, Number: number, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}),
		Events: []ledger.Event{{State: state}},
	}
}
