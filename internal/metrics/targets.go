package metrics

import (
	"context"
	"maps"
	"slices"

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
// which they must be added up; "up" has the labels of targets and no others. There are none
// where that is not known.
func (p *Prometheus) apart(ctx context.Context, q queries) []string {
	if !q.generates() {
		return nil
	}
	rows, _ := p.query(ctx, expr{text: "up" + q.selector(scale.Metric{})})
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
