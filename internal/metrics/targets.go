package metrics

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/scalebot/scalebot/internal/scale"
)

// usualLabels are the labels by which Prometheus always distinguishes targets and its own
// replicas.
var usualLabels = []string{"job", "instance", "prometheus", "prometheus_replica"}

// targetLabels are the labels by which the targets of the component's pods differ.
func (q queries) targetLabels() []string {
	return append(usualLabels[:len(usualLabels):len(usualLabels)], q.apart...)
}

// targetOf names the target that a row comes from.
func targetOf(labels map[string]string, by []string) string {
	text := ""
	for _, name := range by {
		text += quoted(labels[name])
	}
	return text
}

// apart are the labels that distinguish two targets of one pod where job and instance do not. For
// example, a monitor that lists a port twice makes two targets that differ only in "endpoint" or
// "container". A fixed list of such labels is not possible: workers use the same names for labels
// of their own, over which values must be summed. The metric "up" has the labels of targets and
// no others. known is false where Prometheus does not answer, or knows of no target.
func (p *Prometheus) apart(ctx context.Context, q queries) (labels []string, known bool) {
	if !q.generates() {
		return nil, true
	}
	rows, why := p.query(ctx, q.expr(scale.Metric{}, func(q queries) string { return "up" + q.selector(scale.Metric{}) }))
	if why != "" {
		return nil, false
	}
	return differing(rows), true
}

// differing are the labels, other than the usual ones, by which targets differ.
func differing(rows []row) []string {
	first, differ := map[string]map[string]string{}, map[string]bool{}
	for _, r := range rows {
		target := quoted(r.labels[podLabel]) + targetOf(r.labels, usualLabels)
		other, again := first[target]
		if !again {
			first[target] = r.labels
			continue
		}
		for _, labels := range []map[string]string{r.labels, other} {
			for name := range labels {
				if r.labels[name] != other[name] && labelName.MatchString(name) {
					differ[name] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(differ))
}

// targets remembers by which labels the targets of each component differed at the last reading.
// They hardly ever change, so queries use the remembered labels at once, and are repeated only
// where the labels have changed.
type targets struct {
	mu sync.Mutex
	of map[string][]string
}

func (t *targets) last(c scale.Component) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.of[c.Name]
}

func (t *targets) note(c scale.Component, apart []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil {
		t.of = map[string][]string{}
	}
	if t.of[c.Name] = apart; len(apart) == 0 {
		delete(t.of, c.Name)
	}
}

// generates reports whether any of the queries is generated; the team's own queries aggregate as
// the team likes.
func (q queries) generates() bool {
	m := q.c.Metrics
	if e := q.rateBy(m.Errors, aboutErrors, m.ErrorKind); m.Errors.Query == "" && e.why == "" {
		return true
	}
	return slices.ContainsFunc([]scale.Metric{m.Consumed, m.Writes, m.Latency, m.Download, m.Breaker}, func(m scale.Metric) bool {
		return m.Query == "" && q.rate(m, "").why == ""
	})
}
