package metrics_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scalebot/scalebot/internal/metrics"
	"github.com/scalebot/scalebot/internal/scale"
)

// fleetProm is a Prometheus that knows the pods of many components: each of them handles as many
// messages a second as the number in its name says. It takes its time.
type fleetProm struct {
	mu    sync.Mutex
	asked []string
	// takes is how long it takes for a query about so many pods; nil means 50 ms.
	takes func(pods int) time.Duration
	// unfit is a pod that no query works with, unknown one that it has nothing about, and
	// twice one that two targets of the same job tell of.
	unfit, unknown, twice string
	// anonymous leaves out the pods' names.
	anonymous bool
	down      error
}

var podsIn = regexp.MustCompile(`pod=~?"([^"]*)"`)

func (p *fleetProm) RoundTrip(r *http.Request) (*http.Response, error) {
	query := r.FormValue("query")
	pods := strings.Split(podsIn.FindStringSubmatch(query)[1], "|")
	p.mu.Lock()
	p.asked = append(p.asked, query)
	down, takes := p.down, p.takes
	p.mu.Unlock()
	if down != nil {
		return nil, down
	}
	took := 50 * time.Millisecond
	if takes != nil {
		took = takes(len(pods))
	}
	select {
	case <-time.After(took):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	w := httptest.NewRecorder()
	var rows []string
	for _, pod := range pods {
		switch {
		case pod == p.unfit:
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, `{"status":"error","errorType":"execution","error":"vector cannot contain metrics with the same labelset"}`)
			return w.Result(), nil
		case pod == p.unknown, strings.Contains(query, "breaker"):
		case p.anonymous:
			rows = append(rows, one("1"))
		default:
			rows = append(rows, p.rowsOf(query, pod)...)
		}
	}
	fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":%s}}`, vector(rows...))
	return w.Result(), nil
}

func (p *fleetProm) rowsOf(query, pod string) []string {
	target := func(endpoint string) string {
		return of(pod, "1", "job", "j", "instance", "i", "endpoint", endpoint)
	}
	number := regexp.MustCompile(`\d+`).FindString(pod)
	switch {
	case strings.HasPrefix(query, "up") && pod == p.twice:
		return []string{target("metrics"), target("http")}
	case strings.HasPrefix(query, "up"):
		return []string{target("metrics")}
	case strings.Contains(query, "_bucket"):
		return []string{of(pod, number, "le", "0.5"), of(pod, number, "le", "+Inf")}
	case pod == p.twice && !strings.Contains(query, "endpoint"):
		return []string{of(pod, number+"000")}
	}
	return []string{of(pod, number)}
}

// requests are how many queries came since the last call.
func (p *fleetProm) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.asked)
	p.asked = nil
	return n
}

const podsEach = 6

func fleetOf(many int) []scale.Component {
	var all []scale.Component
	for i := range many {
		all = append(all, deployed(func(c *scale.Component) { c.Name = fmt.Sprintf("worker-%03d", i+1) }))
	}
	return all
}

func podsOf(c scale.Component) []scale.Pod {
	var names []string
	for i := range podsEach {
		names = append(names, fmt.Sprintf("%s-%c", c.Name, 'a'+i))
	}
	return pods(names...)
}

// round asks for all components, so many at once.
func round(tb testing.TB, source *metrics.Prometheus, fleet []scale.Component, atOnce int) map[string]scale.Signals {
	tb.Helper()
	var mu sync.Mutex
	all := map[string]scale.Signals{}
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, c := range fleet {
		group.Go(func() error {
			signals := source.Signals(tb.Context(), c, podsOf(c))
			mu.Lock()
			defer mu.Unlock()
			all[c.Name] = signals
			return nil
		})
	}
	_ = group.Wait()
	return all
}

// handled is what the pods of a component handle together.
func handled(c scale.Component) float64 {
	var number int
	fmt.Sscanf(c.Name, "worker-%d", &number)
	return float64(podsEach * number)
}

// wantOwn checks that each component was told its own number, but for those left out.
func wantOwn(t *testing.T, got map[string]scale.Signals, fleet []scale.Component, but ...string) {
	t.Helper()
	for _, c := range fleet {
		value, known := got[c.Name].Throughput.Get()
		if left := strings.Contains(strings.Join(but, " "), c.Name); !left && (!known || value != handled(c)) {
			t.Errorf("%s handles %v (%s), want %v", c.Name, value, got[c.Name].Throughput.Why(), handled(c))
		}
	}
}

func playFleet(t *testing.T, many int, play func(*testing.T, *fleetProm, *metrics.Prometheus, []scale.Component)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &fleetProm{}
		source, err := metrics.NewPrometheus("http://prom", metrics.Options{Client: &http.Client{Transport: p}})
		if err != nil {
			t.Fatal(err)
		}
		play(t, p, source, fleetOf(many))
	})
}

// A fleet costs a few queries in a round, and not some for each component; each is told its own
// numbers.
func TestAFleetIsAskedTogether(t *testing.T) {
	playFleet(t, 500, func(t *testing.T, p *fleetProm, source *metrics.Prometheus, fleet []scale.Component) {
		began := time.Now()
		got := round(t, source, fleet, metrics.ComponentsAtOnce)
		if took := time.Since(began); took > time.Second {
			t.Errorf("a round took %v, want at most a second", took)
		}
		if n := p.requests(); n > 100 {
			t.Errorf("a round took %d queries, want at most 100", n)
		}
		wantOwn(t, got, fleet)
	})
}

// One component that Prometheus cannot answer for, or knows nothing of, leaves the others theirs.
func TestOneComponentDoesNotTakeTheOthersAnswers(t *testing.T) {
	playFleet(t, 60, func(t *testing.T, p *fleetProm, source *metrics.Prometheus, fleet []scale.Component) {
		p.unfit, p.unknown = "worker-007-c", "worker-021-a"
		got := round(t, source, fleet, metrics.ComponentsAtOnce)
		wantOwn(t, got, fleet, "worker-007", "worker-021")
		if why := got["worker-007"].Throughput.Why(); !strings.Contains(why, "same labelset") {
			t.Errorf("got %q, want what Prometheus said", why)
		}
		if some := got["worker-021"].Throughput; some.Value != 5*21 || !some.AtLeast || some.Note != "from 5 of 6 pods" {
			t.Errorf("got %+v, want the other five pods", some)
		}
		if n := p.requests(); n > 8*16 {
			t.Errorf("%d queries, want a search for the one and not all of them", n)
		}
	})
	playFleet(t, 3, func(t *testing.T, p *fleetProm, source *metrics.Prometheus, fleet []scale.Component) {
		got := round(t, source, fleet, metrics.ComponentsAtOnce)
		why := got["worker-002"].Breaker.Why()
		if !strings.HasPrefix(why, "Prometheus has no data for breaker_open{") || strings.Contains(why, "worker-001") || !strings.Contains(why, "worker-002-a") {
			t.Errorf("got %q, want the component's own query, to be tried by hand", why)
		}
	})
}

// A Prometheus that is down is not asked more often because of that, and one that takes too long
// over large questions is asked smaller ones.
func TestAPrometheusInTrouble(t *testing.T) {
	playFleet(t, 60, func(t *testing.T, p *fleetProm, source *metrics.Prometheus, fleet []scale.Component) {
		p.down = fmt.Errorf("no route to host")
		for name, s := range round(t, source, fleet, metrics.ComponentsAtOnce) {
			if s.Throughput.Known() || !s.Throughput.Missing() {
				t.Errorf("%s: got %+v, want it unknown", name, s.Throughput)
			}
		}
		if n := p.requests(); n > 8 {
			t.Errorf("%d queries while it is down, want one of each kind", n)
		}
		p.mu.Lock()
		p.down, p.takes = nil, func(pods int) time.Duration { return time.Duration(pods) * 20 * time.Millisecond }
		p.mu.Unlock()
		began := time.Now()
		if got := round(t, source, fleet, metrics.ComponentsAtOnce); got["worker-001"].Throughput.Known() || time.Since(began) > 6*time.Second {
			t.Errorf("got %v after %v, want it unknown within its deadline", got["worker-001"].Throughput, time.Since(began))
		}
		wantOwn(t, round(t, source, fleet, metrics.ComponentsAtOnce), fleet)
	})
}

// Where the answers do not say whose they are, nobody is told another one's.
func TestAnswersThatCannotBeToldApart(t *testing.T) {
	playFleet(t, 4, func(t *testing.T, p *fleetProm, source *metrics.Prometheus, fleet []scale.Component) {
		p.anonymous = true
		for name, s := range round(t, source, fleet, metrics.ComponentsAtOnce) {
			if value, _ := s.Throughput.Get(); value != podsEach {
				t.Errorf("%s: got %v, want what it was told alone: %d", name, value, podsEach)
			}
		}
	})
	playFleet(t, 2, func(t *testing.T, p *fleetProm, source *metrics.Prometheus, fleet []scale.Component) {
		fleet[1].Metrics.Consumed.Labels = map[string]string{"pod": "worker-001-a"}
		got := round(t, source, fleet, metrics.ComponentsAtOnce)
		wantOwn(t, got, fleet[:1])
	})
}

// A pod that two targets of one job tell of counts once; the question is put again only when
// that is news.
func TestTargetsAreRemembered(t *testing.T) {
	playFleet(t, 1, func(t *testing.T, p *fleetProm, source *metrics.Prometheus, fleet []scale.Component) {
		queries := func(what string, want int) {
			t.Helper()
			wantOwn(t, round(t, source, fleet, 1), fleet)
			if n := p.requests(); n != want {
				t.Errorf("%s: %d queries, want %d", what, n, want)
			}
		}
		queries("one target", 7)
		p.twice = "worker-001-b"
		queries("two targets, which is news", 13)
		queries("two targets", 7)
		p.twice = ""
		queries("one target, which is news", 13)
		queries("one target again", 7)
	})
}

// BenchmarkPrometheusRound measures a round over 500 components with a Prometheus 50 ms away: how
// long it takes and how many queries.
func BenchmarkPrometheusRound(b *testing.B) {
	fleet := fleetOf(500)
	p := &fleetProm{}
	source, err := metrics.NewPrometheus("http://prom", metrics.Options{Client: &http.Client{Transport: p}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		round(b, source, fleet, metrics.ComponentsAtOnce)
	}
	b.ReportMetric(float64(p.requests())/float64(b.N), "queries/round")
}
