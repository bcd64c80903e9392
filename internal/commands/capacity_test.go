package commands

import (
	"strings"
	"testing"
)

// capacity is planned with what is seen and what was typed, and changes
// nothing; in the thread of a card the component may be left out.
func TestCapacityIsPlanned(t *testing.T) {
	for _, call := range []Call{
		{By: ana, Text: "capacity dw 1000 3s 100", Channel: "C1"},
		{By: ana, Text: "capacity 1000 3s 100", Channel: "C1", Thread: "17.0"},
	} {
		d := world()
		answer, ok := handler(d).Call(t.Context(), call).(Planned)
		if !ok {
			t.Fatalf("%q: got an answer that is no plan", call.Text)
		}
		inputs := strings.Join(answer.Need.Inputs, ", ")
		if answer.Need.Component != "download-worker" || !strings.Contains(inputs, "1,000 msg/s produced, as typed") || !strings.Contains(inputs, "3 s to process") {
			t.Errorf("%q: got a plan for %s with %s", call.Text, answer.Need.Component, inputs)
		}
		if len(d.acts) > 0 {
			t.Errorf("%q: got acts %+v, want none", call.Text, d.acts)
		}
	}
	if _, ok := handler(world()).Call(t.Context(), Call{By: ana, Text: "capacity 1000", Channel: "C1"}).(Refused); !ok {
		t.Error("outside a thread nobody said which component is meant, and no refusal came")
	}
}
