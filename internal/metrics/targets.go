package metrics

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/scalebot/scalebot/internal/scale"
)

// usualLabels are the labels by which Prometheus tells apart what it scrapes, and by which
// its replicas do.
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

// apart are the labels that alone tell two targets of one pod apart: a monitor that names a
// port twice makes two of the same job and instance, whose "endpoint" or "container" differs.
// A fixed list cannot hold those, because workers use such names for labels of their own, by
// which they must be added up; "up" has the labels of targets and no others. known is false
// where Prometheus does not say, or knows of no target.
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

// differing are the labels by which targets differ that the usual labels do not tell apart.
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

// targets remember by which labels the targets of each component differed at the last reading.
// They hardly ever change, so that the question is put with them at once, and once more only
// where they turn out to be others.
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

// generates reports whether any of the queries is made here; the team's own ones add up as
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
