package metrics

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// expr is a PromQL expression, or the reason why there is none.
type expr struct {
	text string
	why  string
	// about makes the same query for other pods; it is nil where the query does not depend on
	// pods. Queries of one kind differ only in their pods.
	about func(pods []string) string
	kind  string
	pods  []string
}

// queries makes the PromQL of one component.
type queries struct {
	c      scale.Component
	window time.Duration
	// pods are the names of the pods to ask about. Without names, pods are matched by the
	// Deployment's name: nothing else is known of past pods.
	pods []string
	past bool
	// apart are labels by which targets of one pod differ, in addition to the usual ones.
	apart []string
}

// byPod is an expression for each pod, and for each value of further labels. Several targets may
// scrape the same pod; the one with the most counts.
func (q queries) byPod(expression string, labels ...string) string {
	by := strings.Join(append([]string{"pod"}, labels...), ", ")
	return fmt.Sprintf("max by (%s) (sum by (%s, %s) (%s))", by, by, strings.Join(q.targetLabels(), ", "), expression)
}

// rate is a counter's rate for each pod. rate() treats each series separately, so that a restart
// is a reset and not a loss.
func (q queries) rate(m scale.Metric, what string) expr {
	return q.generate(m, what, func(q queries) string { return q.byPod(q.rateOf(m.Name, m)) })
}

// rateBy is the same, by the values of a label.
func (q queries) rateBy(m scale.Metric, what, label string) expr {
	if label == "" {
		return q.rate(m, what)
	}
	if !labelName.MatchString(label) {
		return expr{why: quoted(label) + " is not a label name"}
	}
	return q.generate(m, what, func(q queries) string { return q.byPod(q.rateOf(m.Name, m), label) })
}

// buckets are the rates of a histogram's buckets for each pod.
func (q queries) buckets(m scale.Metric, what string) expr {
	return q.generate(m, what, func(q queries) string { return q.byPod(q.rateOf(m.Name+"_bucket", m), "le") })
}

// quantile is a quantile of a histogram over all pods. A result equal to the largest finite bound
// means that the quantile lies beyond it.
func (q queries) quantile(of float64, m scale.Metric, what string) expr {
	return q.generate(m, what, func(q queries) string {
		return fmt.Sprintf("histogram_quantile(%g, sum by (le) (%s))", of, q.byPod(q.rateOf(m.Name+"_bucket", m), "le"))
	})
}

// native counts the series of a histogram that has no classic buckets.
func (q queries) native(m scale.Metric) expr {
	return q.expr(m, func(q queries) string { return "count by (" + podLabel + ") (" + m.Name + q.selector(m) + ")" })
}

// busy is the seconds of processing per second, for each pod.
func (q queries) busy(m scale.Metric, what string) expr {
	if m.Name == "" && m.Query != "" {
		return expr{why: "the runbook file has only a query for " + what + ", and the time spent cannot be read from it"}
	}
	m.Query = ""
	return q.generate(m, what, func(q queries) string { return q.byPod(q.rateOf(m.Name+"_sum", m)) })
}

// all is every series of a gauge.
func (q queries) all(m scale.Metric, what string) expr {
	return q.generate(m, what, func(q queries) string { return m.Name + q.selector(m) })
}

// summed is the sum of what a generated query answers for each pod.
func (q queries) summed(m scale.Metric, e expr) expr {
	if m.Query == "" && e.why == "" {
		e.text = "sum(" + e.text + ")"
	}
	return e
}

func (q queries) rateOf(name string, m scale.Metric) string {
	return fmt.Sprintf("rate(%s%s[%s])", name, q.selector(m), q.span())
}

// generate is the team's own query where there is one, otherwise the generated one.
func (q queries) generate(m scale.Metric, what string, text func(queries) string) expr {
	if m.Query != "" {
		return expr{text: m.Query}
	}
	if why := checkMetric(m, what); why != "" {
		return expr{why: why}
	}
	if len(q.pods) == 0 && !q.past {
		return expr{why: noPodReady}
	}
	return q.expr(m, text)
}

// expr is the generated expression. A query for present pods can be combined with those of other
// components, unless the metric's own labels select pods.
func (q queries) expr(m scale.Metric, text func(queries) string) expr {
	e := expr{text: text(q)}
	if _, named := m.Labels[podLabel]; named || len(q.pods) == 0 {
		return e
	}
	e.about = func(pods []string) string {
		q := q
		q.pods = pods
		return text(q)
	}
	e.kind, e.pods = e.about([]string{""}), q.pods
	return e
}

// selector matches the component's namespace, its pods and the metric's own labels,
// which replace those two where they name them.
func (q queries) selector(m scale.Metric) string {
	matchers := make(map[string]string)
	if q.c.Namespace != "" {
		matchers["namespace"] = "namespace=" + strconv.Quote(q.c.Namespace)
	}
	if pods := q.podMatcher(); pods != "" {
		matchers["pod"] = pods
	}
	for label, value := range m.Labels {
		matchers[label] = label + "=" + strconv.Quote(value)
	}
	var out []string
	for _, label := range slices.Sorted(maps.Keys(matchers)) {
		out = append(out, matchers[label])
	}
	return "{" + strings.Join(out, ",") + "}"
}

// podMatcher selects the pods. Past pods are known only by their Deployment: a pod name is the
// Deployment's name, the ReplicaSet's suffix and its own. The pattern excludes another Deployment
// whose name merely begins with the same text.
func (q queries) podMatcher() string {
	switch {
	case len(q.pods) > 0:
		names := make([]string, len(q.pods))
		for i, pod := range q.pods {
			names[i] = regexp.QuoteMeta(pod)
		}
		return "pod=~" + strconv.Quote(strings.Join(names, "|"))
	case q.c.Deployment != "":
		return "pod=~" + strconv.Quote(regexp.QuoteMeta(q.c.Deployment)+"-[a-z0-9]+-[a-z0-9]+")
	}
	return ""
}

// span is the window in PromQL, in whole seconds.
func (q queries) span() string {
	return fmt.Sprintf("%ds", max(1, int64(q.window/time.Second)))
}
