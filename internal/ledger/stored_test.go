package ledger

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// asMap is JSON without the order of its fields.
func asMap(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// Every state has a record as versions without steps have stored it. It is read as one step,
// and written back as it was: during a rolling update the old version goes on with it.
func TestRecordsWithoutStepsAreReadAndWrittenAsTheyWere(t *testing.T) {
	for _, state := range States {
		t.Run(string(state), func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", "stored", string(state)+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var op Operation
			if err := json.Unmarshal(data, &op); err != nil {
				t.Fatal(err)
			}
			if op.State() != state || len(op.Steps) != 1 || op.Change() != (change.Replicas{From: 6, To: 9}) {
				t.Fatalf("got %s with %d steps, the change %v; want %s and one step from 6 to 9", op.State(), len(op.Steps), op.Change(), state)
			}
			before := asMap(t, data)
			if _, had := before["rollout"]; had != op.Written() {
				t.Errorf("got a rollout %+v, stored was one: %t", op.Rollout(), had)
			}
			if _, had := before["intended"]; had != (op.Step().Intended == Seen{ResourceVersion: "48151", Generation: 23}) {
				t.Errorf("got the intent %+v, stored was one: %t", op.Step().Intended, had)
			}
			written, err := json.Marshal(op)
			if err != nil {
				t.Fatal(err)
			}
			if got := asMap(t, written); !reflect.DeepEqual(got, before) {
				t.Errorf("written back:\n got %v\nwant %v", got, before)
			}
		})
	}
}

// Several steps keep what was seen of each. They have no change of their own, which is how
// versions without steps tell that they cannot carry them out.
func TestSeveralStepsAreStoredAsAList(t *testing.T) {
	op := Operation{ID: "download-worker-17", Component: "download-worker", Number: 17, Events: []Event{{State: Proposed}, {State: Approved}},
		Steps: StepsOf(change.Step{Do: change.Replicas{From: 9, To: 7}}, change.Step{Do: change.Replicas{From: 7, To: 6}})}
	op.Steps[0].Intended = Seen{ResourceVersion: "4", Generation: 2}
	op = op.WithRollout(Rollout{WrittenAt: scaletest.Start, Wrote: "5"})
	data, err := json.Marshal(op)
	if err != nil {
		t.Fatal(err)
	}
	stored := asMap(t, data)
	for _, absent := range []string{"change", "intended", "rollout", "kind"} {
		if _, ok := stored[absent]; ok {
			t.Errorf("the record has %q beside its steps: %s", absent, data)
		}
	}
	want := `"steps":[{"do":{"from":9,"kind":"replicas","to":7},"intended":{"resourceVersion":"4","generation":2},"rollout":{"writtenAt":`
	if !strings.Contains(string(data), want) {
		t.Errorf("got %s, want in it %s", data, want)
	}
	var again Operation
	if err := json.Unmarshal(data, &again); err != nil || !reflect.DeepEqual(again, op) {
		t.Errorf("got %+v and %v, want %+v", again, err, op)
	}
}

// What a record says is to be changed is understood in full or not at all; elsewhere a newer
// version may have added fields.
func TestOnlyWhatIsUnderstoodInFullIsRead(t *testing.T) {
	for name, c := range map[string]struct{ record, want string }{
		"a field elsewhere":            {`{"change":{"from":6,"to":9},"mood":"calm","rollout":{"wrote":"7","mood":"calm"}}`, ""},
		"one step in a list":           {`{"steps":[{"do":{"kind":"replicas","from":6,"to":9}}]}`, ""},
		"a field of its rollout":       {`{"steps":[{"do":{"kind":"replicas","from":6,"to":9},"rollout":{"mood":"calm"}}]}`, ""},
		"nothing to change":            {`{"id":"x-1"}`, "does not say what is changed"},
		"a change of nothing":          {`{"change":null}`, "without values"},
		"no steps":                     {`{"steps":[]}`, "does not say what is changed"},
		"a kind beside the change":     {`{"kind":"autoscaler","change":{"from":6,"to":9}}`, `changes of kind "autoscaler"`},
		"a change and steps":           {`{"change":{"from":6,"to":9},"steps":[{"do":{"kind":"replicas","from":6,"to":9}}]}`, "a change and steps"},
		"a value more":                 {`{"change":{"from":6,"to":9,"until":"2026-11-24T06:00:00Z"}}`, "and not from, to, until"},
		"a value less":                 {`{"change":{"from":6}}`, "and not from"},
		"a value of another type":      {`{"change":{"from":6,"to":"nine"}}`, "cannot unmarshal string"},
		"a value that is null":         {`{"change":{"from":6,"to":null}}`, "no value for to"},
		"a fraction of a replica":      {`{"change":{"from":6,"to":9.5}}`, "cannot unmarshal number"},
		"a step of another kind":       {`{"steps":[{"do":{"kind":"partitions","from":24,"to":48}}]}`, `changes of kind "partitions"`},
		"a step without a kind":        {`{"steps":[{"do":{"from":6,"to":9}}]}`, "kind of a change"},
		"a step that waits":            {`{"steps":[{"do":{"kind":"replicas","from":6,"to":9},"after":"15m"}]}`, `steps with "after"`},
		"a step without anything done": {`{"steps":[{"rollout":{}}]}`, "decoding a change"},
		"steps that are no list":       {`{"steps":"two"}`, "cannot unmarshal string"},
	} {
		t.Run(name, func(t *testing.T) {
			kept := Operation{ID: "kept"}
			err := json.Unmarshal([]byte(c.record), &kept)
			if c.want == "" {
				if err != nil || kept.Change() != (change.Replicas{From: 6, To: 9}) {
					t.Errorf("got %v and %v, want a change from 6 to 9", kept.Change(), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
			if kept.ID != "kept" {
				t.Errorf("half of what cannot be read was taken over: %+v", kept)
			}
		})
	}
}

func TestAStepWithoutAChangeIsNotStored(t *testing.T) {
	if data, err := json.Marshal(Operation{ID: "x-1", Steps: []Step{{}}}); err == nil {
		t.Errorf("got %s, want an error", data)
	}
}

// The step an operation is at is the last one that was begun: its intent or its write is stored.
func TestTheCurrentStep(t *testing.T) {
	seen, at := Seen{ResourceVersion: "1"}, scaletest.Start
	begun := Step{Intended: seen}
	written := Step{Rollout: Rollout{WrittenAt: at}} // as stored where the intent kept nothing.
	for name, c := range map[string]struct {
		steps []Step
		want  int
	}{
		"none at all":               {nil, 0},
		"none begun":                {[]Step{{}, {}}, 0},
		"the first is on its way":   {[]Step{begun, {}}, 0},
		"the first is written":      {[]Step{written, {}}, 0},
		"the second is on its way":  {[]Step{written, begun, {}}, 1},
		"the last one, and written": {[]Step{written, written, written}, 2},
	} {
		if got := (Operation{Steps: c.steps}).Current(); got != c.want {
			t.Errorf("%s: got step %d, want %d", name, got, c.want)
		}
	}
}

// A step is edited in a copy: two ways on from one operation do not mix, and what another
// holds of it does not change under its eyes.
func TestAStepIsEditedInACopy(t *testing.T) {
	op := Operation{Steps: StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}})}
	early, late := op.WithRollout(Rollout{WrittenAt: scaletest.Start}), op.WithRollout(Rollout{WrittenAt: scaletest.Start.Add(time.Hour)})
	if op.Written() || !early.Rollout().WrittenAt.Equal(scaletest.Start) || early.Rollout().WrittenAt.Equal(late.Rollout().WrittenAt) {
		t.Errorf("got %v, %v, %v", op.Rollout(), early.Rollout(), late.Rollout())
	}
	if got := (Operation{}).WithRollout(Rollout{Wrote: "1"}); got.Steps != nil || got.Written() || got.Change() != nil {
		t.Errorf("an operation without steps got one: %+v", got.Steps)
	}
	both := Operation{Steps: []Step{{Rollout: Rollout{WrittenAt: scaletest.Start}}, {}}}
	next := both.WithStep(func(s *Step) { s.Intended.Generation = 3 })
	if !slices.EqualFunc(next.Steps[1:], both.Steps[1:], func(a, b Step) bool { return a.Intended == b.Intended }) || next.Steps[0].Intended.Generation != 3 {
		t.Errorf("got %+v, want only the step it is at edited", next.Steps)
	}
}
