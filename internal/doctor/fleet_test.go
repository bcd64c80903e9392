package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

const fleetSize = 500

// talkers are workers who answer, but for those that hang until they are given up.
type talkers struct{ hang map[string]bool }

func (w talkers) Signals(ctx context.Context, c scale.Component, _ []scale.Pod) scale.Signals {
	now := time.Now()
	if w.hang[c.Name] {
		<-ctx.Done()
		no := scale.Unknown[float64]("the pods do not answer", now, "pods")
		return scale.Signals{Throughput: no, Latency: no}
	}
	return scale.Signals{Throughput: scale.Known(100.0, now, "pods"), Latency: scale.Known(1.0, now, "pods")}
}

func (talkers) History(context.Context, scale.Component, time.Time, time.Time, time.Duration) ([]scale.Point, error) {
	return nil, nil
}

// manyComponents are 500, each with a deployment of its own name.
func manyComponents() *runbook.Book {
	book := *runbook.Default()
	book.Components = nil
	for i := range fleetSize {
		name := fmt.Sprintf("worker-%03d", i)
		book.Components = append(book.Components, scale.Component{
			Name: name, Namespace: "kafka-pipeline", Deployment: name, Group: name, Topics: []string{name},
			Metrics: scale.Metrics{Consumed: scale.Metric{Name: "consumed_total"}, Latency: scale.Metric{Name: "duration_seconds"}},
		})
	}
	return &book
}

// sparse is a cluster that lacks some deployments and has no metrics API.
type sparse struct {
	Cluster
	without []string
	// lists counts what was asked for.
	lists atomic.Int32
}

func (s *sparse) Workloads(_ context.Context, components []scale.Component) map[string]scale.Reading[scale.Workload] {
	return listed(s, components, func(c scale.Component, now time.Time) scale.Reading[scale.Workload] {
		if slices.Contains(s.without, c.Name) {
			return scale.Unknown[scale.Workload]("there is no deployment "+c.Deployment, now, "Kubernetes")
		}
		return scale.Known(scale.Workload{Desired: 1, Pods: []scale.Pod{{Name: c.Name}}}, now, "Kubernetes")
	})
}

func (s *sparse) Owners(_ context.Context, components []scale.Component) map[string]scale.Reading[scale.Owner] {
	return listed(s, components, func(_ scale.Component, now time.Time) scale.Reading[scale.Owner] {
		return scale.Known(scale.Owner{Kind: scale.OwnerNone}, now, "Kubernetes")
	})
}

func (s *sparse) Usages(_ context.Context, components []scale.Component, _ map[string]scale.Workload) map[string]scale.Reading[scale.Usage] {
	return listed(s, components, func(_ scale.Component, now time.Time) scale.Reading[scale.Usage] {
		return scale.Unknown[scale.Usage]("the metrics API knows none of the pods", now, "metrics.k8s.io")
	})
}

func (*sparse) Mismatches(scale.Component, scale.Workload) []string { return nil }

// listed is one list of a reading for each component.
func listed[T any](s *sparse, components []scale.Component, read func(scale.Component, time.Time) scale.Reading[T]) map[string]scale.Reading[T] {
	s.lists.Add(1)
	readings := map[string]scale.Reading[T]{}
	for _, c := range components {
		readings[c.Name] = read(c, time.Now())
	}
	return readings
}

// Of 500 components three do not exist and four hang. The doctor takes lists, gives each
// component a deadline of its own, ends in time and names those seven. The metrics API knows
// none of the pods, which is one line.
func TestALargeFleetIsExaminedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := &sparse{without: []string{"worker-007", "worker-100", "worker-499"}}
		s := Subject{Book: manyComponents(), Cluster: cluster, Metrics: talkers{map[string]bool{"worker-000": true, "worker-001": true, "worker-250": true, "worker-498": true}}}
		began := time.Now()
		report := examine(t.Context(), []check{{"workloads and metrics", s.workloads}})
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it took %v, want at most 10 s", took)
		}
		if n := cluster.lists.Load(); n != 3 {
			t.Errorf("%d lists, want one each of workloads, owners and use", n)
		}
		var b strings.Builder
		if err := report.Print(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"worker-007: ", "worker-100: ", "worker-499: ", "worker-000, worker-001, worker-250, worker-498: no data for throughput (consumed_total), latency (duration_seconds)",
			"worker-000, worker-001, worker-002, worker-003, worker-004 and 492 more: CPU and memory are unknown",
		} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("no %q in\n%s", want, b.String())
			}
		}
		if len(report.Lines) > 6 {
			t.Errorf("%d lines, want only what is wrong:\n%s", len(report.Lines), b.String())
		}
	})
}

// Where many hang, the others are still told apart from those for which there was no time.
func TestThoseNotAskedAreToldApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := manyComponents()
		s := Subject{Book: book, Metrics: talkers{map[string]bool{}}}
		known := map[string]scale.Workload{}
		hang := map[string]bool{}
		for _, c := range book.Components {
			known[c.Name] = scale.Workload{}
			hang[c.Name] = true
		}
		s.Metrics = talkers{hang}
		ctx, cancel := context.WithTimeout(t.Context(), checkTimeout)
		defer cancel()
		began := time.Now()
		said := s.ask(ctx, known)
		if took := time.Since(began); took > checkTimeout || len(said) == 0 || len(said) == fleetSize {
			t.Errorf("%d of %d said something in %v, want some in time", len(said), fleetSize, took)
		}
	})
}

// What is well is told of each of a few components, and in one line of many.
func TestALargeFleetIsToldInFewLines(t *testing.T) {
	var few, many []finding
	for i := range 30 {
		f := finding{level: OK, component: fmt.Sprintf("c-%02d", i), what: "fine"}
		if i%10 == 3 {
			f = finding{level: Fail, component: f.component, what: "lag of group g" + f.component + " is unknown", alike: "the lag is unknown", next: "Look."}
		}
		if many = append(many, f); i < 5 {
			few = append(few, f)
		}
	}
	if lines := summarise(5, "groups", few); len(lines) != 5 || lines[3].Text != "c-03: lag of group gc-03 is unknown" {
		t.Errorf("of a few: got %+v, want each", lines)
	}
	lines := summarise(30, "groups", many)
	if len(lines) != 2 || lines[0].Level != OK || !strings.Contains(lines[0].Text, "27") || lines[1].Text != "c-03, c-13, c-23: the lag is unknown" || lines[1].Next == "" {
		t.Errorf("of many: got %+v, want one line that is well and one that names three", lines)
	}
}

// shelf is a store with records.
type shelf struct {
	all    int
	broken []scale.Unreadable
	err    error
}

func (s shelf) Unreadable(context.Context) (int, []scale.Unreadable, error) {
	return s.all, s.broken, s.err
}

// Records that cannot be read are named, in numbers; that not all could be looked at is no failure.
func TestUnreadableRecordsAreNamed(t *testing.T) {
	slow := &scale.Fault{Kind: scale.FaultUnreachable, Doing: "listing what is stored"}
	many := slices.Repeat([]scale.Unreadable{{Name: "download-worker-17", Why: `download-worker-17: this version does not know the state "waiting"`}}, 25)
	for name, c := range map[string]struct {
		of    shelf
		level Level
		lines int
		text  string
	}{
		"all is well":         {shelf{all: 7}, OK, 1, "7 records"},
		"one is not":          {shelf{all: 7, broken: many[:1]}, Warn, 2, "download-worker-17"},
		"many are not":        {shelf{all: 70, broken: many}, Warn, 22, "5 more"},
		"there was no time":   {shelf{all: 7, err: slow}, OK, 1, "not looked at"},
		"nothing can be read": {shelf{err: slow}, Fail, 1, "listing"},
	} {
		lines := Subject{Records: c.of}.records(t.Context())
		last := lines[len(lines)-1]
		if len(lines) != c.lines || last.Level != c.level || !strings.Contains(last.Text, c.text) {
			t.Errorf("%s: got %+v, want %d lines, the last one %s with %q", name, lines, c.lines, c.level, c.text)
		}
	}
	if lines := (Subject{}).records(t.Context()); len(lines) != 1 || lines[0].Level != OK {
		t.Errorf("in memory: got %+v", lines)
	}
}
