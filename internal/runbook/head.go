package runbook

import (
	"regexp"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"go.yaml.in/yaml/v3"
)

var (
	groupForm   = regexp.MustCompile(`^@?[A-Za-z0-9][A-Za-z0-9._-]{0,79}$`)
	userForm    = regexp.MustCompile(`^[UW][A-Z0-9]{2,20}$`)
	channelForm = regexp.MustCompile(`^[CG][A-Z0-9]{2,20}$`)
	metricForm  = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$`)
	labelForm   = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]{0,99}$`)
	prefixForm  = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,100}$`)
	pathForm    = regexp.MustCompile(`^/[!-~]{0,199}$`)
)

// readHead reads the settings about the runbook itself and about people.
func readHead(top *section, book *Book) {
	top.text("owner", &book.Owner, 200)
	top.read("updated", "a date such as 2024-12-27", func(text string) bool {
		_, err := time.Parse(time.DateOnly, text)
		return set(&book.Updated, text, err == nil)
	})
	readLinks(top, book)
	access := top.sub("access")
	group := book.Access.OnCallGroup
	access.named("onCallGroup", &group, groupForm, "the handle or id of a Slack user group")
	book.Access.OnCallGroup = strings.TrimPrefix(group, "@")
	access.words("onCallUsers", &book.Access.OnCallUsers, "a Slack user id such as U012AB3CD", userForm.MatchString)
	access.words("channels", &book.Access.Channels, "a Slack channel id such as C012AB3CD", channelForm.MatchString)
	access.choice("selfApproval", &book.Access.SelfApproval, "routine", "always", "never")
	readTwoPeople(access.sub("twoPeople"), &book.Policy.TwoPeople)
	access.end()
}

// readTwoPeople reads which classes of change need two people.
func readTwoPeople(s *section, two *scale.TwoPeople) {
	s.toggle("belowRecommended", &two.BelowRecommended)
	s.toggle("aboveRecommended", &two.AboveRecommended)
	s.toggle("largeChange", &two.LargeChange)
	s.toggle("downUnderLoad", &two.DownUnderLoad)
	s.toggle("overrideMinimum", &two.OverrideMinimum)
	s.toggle("partitions", &two.Partitions)
	s.toggle("afterIneffective", &two.AfterIneffective)
	s.toggle("noRoom", &two.NoRoom)
	s.end()
}

func readLinks(top *section, book *Book) {
	items, ok := top.items("links")
	if !ok {
		return
	}
	book.Links = make([]Link, 0, len(items))
	for _, item := range items {
		var link Link
		s := newSection(top.layer, "links", item, true)
		s.text("name", &link.Name, 100)
		s.text("url", &link.URL, 500)
		s.end()
		book.Links = append(book.Links, link)
	}
}

// common holds the defaults shared by all components.
type common struct {
	namespace string
	// set says that a team's file, and not the default, chose the namespace.
	set     bool
	prefix  string
	metrics scale.Metrics
}

func readCommon(top *section, shared *common) {
	top.named("namespace", &shared.namespace, nameForm, nameWanted)
	shared.set = shared.set || top.has("namespace") && !top.layer.whole
	top.named("topicPrefix", &shared.prefix, prefixForm, "the beginning of topic names, such as xact.")
	readMetrics(top.sub("metrics"), &shared.metrics)
}

// readMetrics applies a metrics section to the metrics. A metric is replaced as a whole, so that
// a new name never inherits the old one's labels or query.
func readMetrics(s *section, m *scale.Metrics) {
	s.count("port", &m.Port, 1, 65535)
	s.named("path", &m.Path, pathForm, "a path such as /metrics")
	readMetric(s, "consumed", scale.Counter, &m.Consumed)
	readMetric(s, "errors", scale.Counter, &m.Errors)
	s.named("errorKind", &m.ErrorKind, labelForm, "the name of a label")
	s.words("timeoutKinds", &m.TimeoutKinds, "a value of the error kind's label", func(text string) bool { return lineOf(text, 100) })
	readMetric(s, "latency", scale.Histogram, &m.Latency)
	readMetric(s, "download", scale.Histogram, &m.Download)
	readMetric(s, "breaker", scale.Gauge, &m.Breaker)
	s.amount("breakerOpen", &m.BreakerOpen, 0.001, mostMessages)
	readMetric(s, "writes", scale.Counter, &m.Writes)
	s.end()
}

// readMetric reads "name", "none" or a mapping with name, kind, unit, labels and query.
func readMetric(s *section, key string, kind scale.MetricKind, into *scale.Metric) {
	v := s.maybe(key)
	if v == nil {
		return
	}
	metric := scale.Metric{Kind: kind}
	if v.Kind == yaml.ScalarNode {
		s.named(key, &metric.Name, metricForm, "a metric's name, none, or a mapping")
		if metric.Name == "none" {
			metric = scale.Metric{}
		}
		*into = metric
		return
	}
	m := newSection(s.layer, s.at(key), s.keys[key], false)
	m.named("name", &metric.Name, metricForm, "a metric's name")
	var word string
	m.choice("kind", &word, string(kind))
	m.text("query", &metric.Query, 2000)
	m.choice("unit", &metric.Unit, "seconds", "milliseconds", "microseconds", "nanoseconds", "minutes", "hours")
	readLabels(m, &metric)
	m.end()
	if !metric.Configured() && v.Kind == yaml.MappingNode {
		m.fail(v, m.path, "has neither a name nor a query; write none to say that there is no such metric")
	}
	*into = metric
}

func readLabels(m *section, metric *scale.Metric) {
	labels := m.sub("labels")
	for _, key := range labels.order {
		var value string
		if !labelForm.MatchString(key.Value) {
			labels.fail(key, labels.path, "found "+quote(key.Value)+", want the name of a label")
		}
		labels.text(key.Value, &value, 200)
		if metric.Labels == nil {
			metric.Labels = map[string]string{}
		}
		metric.Labels[key.Value] = value
	}
	labels.end()
}
