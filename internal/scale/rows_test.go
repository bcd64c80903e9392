package scale

import (
	"strings"
	"testing"
	"time"
)

// component moves the download worker's world to another component of the pipeline.
func (w *world) component(name, title string, partitions, low, high, least int) *world {
	w.Component = Component{Name: name, Title: title, Namespace: "kafka-pipeline", Deployment: name, Group: "xact-" + name, Topics: []string{"xact." + name}, Min: least, Low: low, High: high}
	w.s.Partitions = Known(partitions, w.s.At, "Kafka")
	w.s.Group.Value = groupOf(w.s.Workload.Value.Desired, partitions)
	w.s.Downstream = nil
	return w
}

// the rules hold for ingesters and result processors as for
// download workers, each up to its own partitions: 6 ingesters and 3 processors may be
// proposed when their lag is high, 13 and 7 may not.
func TestTheRulesHoldForEveryComponent(t *testing.T) {
	for name, c := range map[string]struct {
		world             *world
		good, tooMany     int
		replicas, arrival int
	}{
		"event-ingester":   {calmWorld().workers(3).component("event-ingester", "Event Ingester", 12, 3, 6, 2), 6, 13, 3, 500},
		"result-processor": {calmWorld().workers(2).component("result-processor", "Result Processor", 6, 2, 3, 2), 3, 7, 2, 250},
	} {
		t.Run(name, func(t *testing.T) {
			w := c.world.lag(14_200)
			w.s.Rates.Value = Rates{Arrival: float64(c.arrival), Consumption: 100 * float64(c.replicas)}
			if r := w.recommend(); r.Action != ScaleUp || r.To != c.good {
				t.Errorf("got %s to %d (%q), want up to %d", r.Action, r.To, r.Reasons, c.good)
			}
			if r := w.refuse(c.good); r != nil {
				t.Errorf("%d: got refusal %q, want a proposal", c.good, r.Why)
			}
			if r := w.refuse(c.tooMany); r == nil || r.Code != RefusedAbovePartitions {
				t.Errorf("%d: got %+v, want it refused above the partitions", c.tooMany, r)
			}
		})
	}
}

// workers go only when all three hold, lag low, use low, more than
// the load needs, and then one or two at a time; have no say in that.
func TestScalingDownIsGradualAndNeedsAllThree(t *testing.T) {
	if r := idleWorld().recommend(); r.Action != ScaleDown || r.From-r.To > 2 || r.To >= r.From {
		t.Fatalf("got %s from %d to %d, want one or two fewer", r.Action, r.From, r.To)
	}
	for name, edit := range map[string]func(*world){
		"lag is not low":                func(w *world) { w.lag(1_500) },
		"CPU is not low":                func(w *world) { w.s.Usage.Value.CPULimit = 0.5 },
		"memory is not low":             func(w *world) { w.s.Usage.Value.MemoryLimit = 0.5 },
		"the load needs them":           func(w *world) { w.s.Rates.Value = Rates{Arrival: 890, Consumption: 890} },
		"whether lag is low is unknown": func(w *world) { w.s.Lag = Unknown[Lag]("Kafka does not answer", w.s.At, "Kafka") },
	} {
		w := idleWorld()
		edit(w)
		if r := w.recommend(); r.Action == ScaleDown {
			t.Errorf("%s: got a scale-down to %d", name, r.To)
		}
	}
}

// pods at their bounds are answered with bigger pods, by the runbook's
// example sizes, and with what those cost.
func TestBiggerPodsAreAdvisedWithTheirPrice(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*world)
		want []string
	}{
		"R-072 CPU at 100 %":      {func(w *world) { w.s.Usage.Value.CPUPeak = 1 }, []string{"raise the CPU limit per pod", "1000m (R-071)", "fewer of them per node", "R-073"}},
		"R-072 killed for memory": {func(w *world) { w.s.Workload.Value.Pods[0].LastExit = "OOMKilled" }, []string{"raise the memory limit per pod", "1Gi (R-071)", "fewer of them per node", "R-073"}},
	} {
		w := calmWorld()
		c.edit(w)
		wantText(t, name, strings.Join(Diagnose(w.Component, w.Policy, w.s, w.past).Next, "\n"), c.want...)
	}
}

// where the partitions are the ceiling, raising them is named, with the
// warning that it cannot be undone; R-086 names the count.
func TestMorePartitionsAreNamedWithTheirWarning(t *testing.T) {
	w := spike(60_000).workers(24)
	w.s.Group.Value = groupOf(24, 24)
	text := strings.Join(Diagnose(w.Component, w.Policy, w.s, w.past).Next, "\n") + strings.Join(w.recommend().Remedies, "\n")
	wantText(t, "the remedies", text, "raise the number of partitions; that cannot be undone easily (R-089, R-091)")
}

// a rebalance that takes too long is answered with the two settings and where to
// look.
func TestALongRebalanceIsAnsweredWithItsSettings(t *testing.T) {
	w := calmWorld()
	w.s.Group.Value.State, w.s.Group.Value.RebalancingSince = "PreparingRebalance", start.Add(-3*time.Minute)
	wantText(t, "the advice", strings.Join(Diagnose(w.Component, w.Policy, w.s, w.past).Next, "\n"),
		"KAFKA_MAX_POLL_INTERVAL_MS", "300000", "KAFKA_SESSION_TIMEOUT_MS", "30000", "rebalance timeouts")
}

// T-13: four workers on 24 partitions own six each, and nobody is told "2–3 each".
func TestTheMinimumIsNotToldToBeTwoOrThreeEach(t *testing.T) {
	w := idleWorld().workers(5)
	w.s.Group.Value = groupOf(5, 24)
	plan := w.plan(4, "test")
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
	w := spike(14_200)
	w.TwoPeople = TwoPeople{true, true, true, true, true, true, true, true}
	if plan := w.plan(12, ""); len(plan.Risks) != 0 {
		t.Errorf("got risks %+v for the recommended count, want none", plan.Risks)
	}
	if r := w.recommend(); r.ActBy.After(w.s.At) {
		t.Errorf("got act by %v, want now", r.ActBy)
	}
}
