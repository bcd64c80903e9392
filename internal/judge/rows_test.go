package judge

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// component moves the download worker's world to another component of the pipeline.
func component(w *measuretest.World, name, title string, partitions, low, high, least int) *measuretest.World {
	w.Component = scale.Component{Name: name, Title: title, Namespace: "kafka-pipeline", Deployment: name, Group: "xact-" + name, Topics: []string{"xact." + name}, Min: least, Low: low, High: high}
	w.Now.Partitions = scale.Known(partitions, w.Now.At, "Kafka")
	w.Now.Group.Value = measuretest.GroupOf(w.Now.Workload.Value.Desired, partitions)
	w.Now.Downstream = nil
	return w
}

// the rules hold for ingesters and result processors as for
// download workers, each up to its own partitions: 6 ingesters and 3 processors may be
// proposed when their lag is high, 13 and 7 may not.
func TestTheRulesHoldForEveryComponent(t *testing.T) {
	for name, c := range map[string]struct {
		world             *measuretest.World
		good, tooMany     int
		replicas, arrival int
	}{
		"event-ingester":   {component(measuretest.CalmWorld().Workers(3), "event-ingester", "Event Ingester", 12, 3, 6, 2), 6, 13, 3, 500},
		"result-processor": {component(measuretest.CalmWorld().Workers(2), "result-processor", "Result Processor", 6, 2, 3, 2), 3, 7, 2, 250},
	} {
		t.Run(name, func(t *testing.T) {
			w := c.world.Lag(14_200)
			w.Now.Rates.Value = scale.Rates{Arrival: float64(c.arrival), Consumption: 100 * float64(c.replicas)}
			if r := recommended(w); r.Action != scale.ScaleUp || r.To != c.good {
				t.Errorf("got %s to %d (%q), want up to %d", r.Action, r.To, r.Reasons, c.good)
			}
			if r := refused(w, c.good); r != nil {
				t.Errorf("%d: got refusal %q, want a proposal", c.good, r.Why)
			}
			if r := refused(w, c.tooMany); r == nil || r.Code != scale.RefusedAbovePartitions {
				t.Errorf("%d: got %+v, want it refused above the partitions", c.tooMany, r)
			}
		})
	}
}

// workers go only when all three hold, lag low, use low, more than
// the load needs, and then one or two at a time; have no say in that.
func TestScalingDownIsGradualAndNeedsAllThree(t *testing.T) {
	if r := recommended(measuretest.IdleWorld()); r.Action != scale.ScaleDown || r.From-r.To > 2 || r.To >= r.From {
		t.Fatalf("got %s from %d to %d, want one or two fewer", r.Action, r.From, r.To)
	}
	for name, edit := range map[string]func(*measuretest.World){
		"lag is not low":      func(w *measuretest.World) { w.Lag(1_500) },
		"CPU is not low":      func(w *measuretest.World) { w.Now.Usage.Value.CPULimit = 0.5 },
		"memory is not low":   func(w *measuretest.World) { w.Now.Usage.Value.MemoryLimit = 0.5 },
		"the load needs them": func(w *measuretest.World) { w.Now.Rates.Value = scale.Rates{Arrival: 890, Consumption: 890} },
		"whether lag is low is unknown": func(w *measuretest.World) {
			w.Now.Lag = scale.Unknown[scale.Lag]("Kafka does not answer", w.Now.At, "Kafka")
		},
	} {
		w := measuretest.IdleWorld()
		edit(w)
		if r := recommended(w); r.Action == scale.ScaleDown {
			t.Errorf("%s: got a scale-down to %d", name, r.To)
		}
	}
}

// T-13: four workers on 24 partitions own six each, and nobody is told "2–3 each".
func TestTheMinimumIsNotToldToBeTwoOrThreeEach(t *testing.T) {
	w := measuretest.IdleWorld().Workers(5)
	w.Now.Group.Value = measuretest.GroupOf(5, 24)
	plan := planned(w, 4, "test")
	if plan.After.Busiest != 6 {
		t.Errorf("got %d partitions on the busiest of four, want 6", plan.After.Busiest)
	}
	if text := strings.Join(append(plan.Notes, plan.Warnings...), "\n"); strings.Contains(text, "2–3") {
		t.Errorf("got %q, want no word of 2–3 each", text)
	}
}

// T-34: a critical lag asks for action now, and the runbook's own step of up to half of
// the workers is no risky change that would have to wait for a second person.
func TestWhatTheRunbookAsksForNowWaitsForNobody(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.TwoPeople = measuretest.EveryClass
	if plan := planned(w, 12, ""); len(plan.Risks) != 0 {
		t.Errorf("got risks %+v for the recommended count, want none", plan.Risks)
	}
	if r := recommended(w); r.ActBy.After(w.Now.At) {
		t.Errorf("got act by %v, want now", r.ActBy)
	}
}
