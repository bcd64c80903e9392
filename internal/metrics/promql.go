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
}

// queries makes the PromQL of one component.
type queries struct {
	c      scale.Component
	window time.Duration
}

// rate is the sum of a counter's rates over all pods. rate() sees each pod's series by
// itself, so that a restart is a reset and not a loss.
func (q queries) rate(m scale.Metric, what string) expr {
	return q.generate(m, what, func() string {
		return fmt.Sprintf("sum(rate(%s%s[%s]))", m.Name, q.selector(m), q.span())
	})
}

// rateBy is the same, by the values of a label.
func (q queries) rateBy(m scale.Metric, what, label string) expr {
	if label == "" {
		return q.rate(m, what)
	}
	if !labelName.MatchString(label) {
		return expr{why: quoted(label) + " is not a label name"}
	}
	return q.generate(m, what, func() string {
		return fmt.Sprintf("sum by (%s) (rate(%s%s[%s]))", label, m.Name, q.selector(m), q.span())
	})
}

// p95 is the 95th percentile of a histogram over all pods.
func (q queries) p95(m scale.Metric, what string) expr {
	return q.generate(m, what, func() string {
		return fmt.Sprintf("histogram_quantile(%g, sum by (le) (rate(%s_bucket%s[%s])))", quantile, m.Name, q.selector(m), q.span())
	})
}

// busy is how many seconds of work are done per second.
func (q queries) busy(m scale.Metric, what string) expr {
	if m.Name == "" && m.Query != "" {
		return expr{why: "the runbook file has only a query for " + what + ", and the time spent cannot be read from it"}
	}
	m.Query = ""
	return q.generate(m, what, func() string {
		return fmt.Sprintf("sum(rate(%s_sum%s[%s]))", m.Name, q.selector(m), q.span())
	})
}

// all is every series of a gauge.
func (q queries) all(m scale.Metric, what string) expr {
	return q.generate(m, what, func() string { return m.Name + q.selector(m) })
}

// generate is the team's own query where there is one, else the one that text makes.
func (q queries) generate(m scale.Metric, what string, text func() string) expr {
	if m.Query != "" {
		return expr{text: m.Query}
	}
	if why := checkMetric(m, what); why != "" {
		return expr{why: why}
	}
	return expr{text: text()}
}

// selector matches the component's namespace, its pods and the metric's own labels,
// which replace those two where they name them. Pods of a Deployment are named after it,
// its ReplicaSet and themselves, so that another Deployment whose name merely begins
// alike is left out.
func (q queries) selector(m scale.Metric) string {
	matchers := make(map[string]string)
	if q.c.Namespace != "" {
		matchers["namespace"] = "namespace=" + strconv.Quote(q.c.Namespace)
	}
	if q.c.Deployment != "" {
		pods := regexp.QuoteMeta(q.c.Deployment) + "-[a-z0-9]+-[a-z0-9]+"
		matchers["pod"] = "pod=~" + strconv.Quote(pods)
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

// span is the window in PromQL, in whole seconds.
func (q queries) span() string {
	return fmt.Sprintf("%ds", max(1, int64(q.window/time.Second)))
}
