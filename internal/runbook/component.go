package runbook

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
	"go.yaml.in/yaml/v3"
)

const (
	nameWanted  = "a name of small letters, digits and dashes, at most 50 long"
	topicWanted = "a topic's name, with * at its end to match many"
)

// mostConsumers bounds how many consumers a file may say that one pod runs.
const mostConsumers = 1000

var (
	// nameForm leaves room for "-" and the operation's number within the 63
	// characters of a Kubernetes label.
	nameForm      = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$`)
	objectForm    = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
	aliasForm     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 ._-]{0,49}$`)
	groupNameForm = regexp.MustCompile(`^[!-~]{1,249}$`)
	topicForm     = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}\*?$`)
	selectorForm  = regexp.MustCompile(`^[ -~]{1,500}$`)
)

// readComponents changes, drops and adds the components a file lists.
func readComponents(top *section, shared *common, book *Book) {
	items, ok := top.atMost(maxFleet, "components")
	if !ok {
		return
	}
	var listed []string
	for i, item := range items {
		s := newSection(top.layer, fmt.Sprintf("components[%d]", i+1), item, false)
		name := componentName(s)
		if name == "" {
			continue
		}
		s.path = "components." + name
		if slices.Contains(listed, name) {
			s.wrong("name", "this component is listed a second time")
			continue
		}
		listed = append(listed, name)
		readComponent(s, name, shared, book)
	}
}

// componentName reads the key that names the component of an entry. Without it the rest of the
// entry cannot be used.
func componentName(s *section) string {
	if s.node == nil || resolve(s.node).Kind != yaml.MappingNode {
		return ""
	}
	var name string
	if s.named("name", &name, nameForm, nameWanted); !s.has("name") {
		s.fail(s.node, s.path, "has no name")
	}
	return name
}

func readComponent(s *section, name string, shared *common, book *Book) {
	for key, value := range s.keys {
		s.layer.nodes[s.at(key)] = value
	}
	at := slices.IndexFunc(book.Components, func(c scale.Component) bool { return c.Name == name })
	if s.flag("remove") {
		removeComponent(s, at, book)
		return
	}
	if at < 0 {
		at = len(book.Components)
		book.Components = append(book.Components, newComponent(s, name, shared))
	}
	c := &book.Components[at]
	readIdentity(s, c)
	readReads(s, c)
	readBounds(s, c)
	readMetrics(s.sub("metrics"), &c.Metrics)
	s.end()
	book.namespaced[name] = book.namespaced[name] || shared.set || s.has("namespace")
}

func removeComponent(s *section, at int, book *Book) {
	if at < 0 {
		s.wrong("remove", "there is no such component to remove; the runbook has "+strings.Join(book.Names(), ", "))
		return
	}
	if len(s.order) > 2 {
		s.wrong("remove", "a component that is removed has no other settings")
	}
	book.Components = slices.Delete(book.Components, at, at+1)
}

// newComponent holds the defaults of a component before its entry is read. There are none for its
// group, topics and bounds, which are never guessed (T-29).
func newComponent(s *section, name string, shared *common) scale.Component {
	for _, key := range []string{"group", "topics", "min", "low", "high"} {
		if !s.has(key) {
			s.fail(s.node, s.at(key), "is missing; a new component needs it")
		}
	}
	metrics := shared.metrics
	metrics.TimeoutKinds = slices.Clone(metrics.TimeoutKinds)
	return scale.Component{
		Name:       name,
		Title:      titleOf(name),
		Namespace:  shared.namespace,
		Deployment: name,
		Selector:   "app=" + name,
		Metrics:    metrics,
	}
}

// titleOf makes "Download Worker" of "download-worker".
func titleOf(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

func readIdentity(s *section, c *scale.Component) {
	s.text("title", &c.Title, 60)
	s.words("aliases", &c.Aliases, "a word that starts with a letter, at most 50 long", aliasForm.MatchString)
	s.named("namespace", &c.Namespace, nameForm, nameWanted)
	s.named("deployment", &c.Deployment, objectForm, "the name of a Deployment")
	s.named("selector", &c.Selector, selectorForm, "a label selector such as app=download-worker")
	s.named("container", &c.Container, nameForm, nameWanted)
}

func readReads(s *section, c *scale.Component) {
	s.named("group", &c.Group, groupNameForm, "the name of a consumer group without spaces")
	s.words("topics", &c.Topics, topicWanted, topicForm.MatchString)
	if s.has("topics") && len(c.Topics) == 0 {
		s.wrong("topics", "found no topic, want at least one")
	}
	readPartitions(s, c)
	s.count("consumersPerPod", &c.ConsumersPerPod, 1, mostConsumers)
	reset := string(c.Reset)
	s.choice("reset", &reset, "earliest", "latest", "unknown")
	if reset == "unknown" {
		reset = string(scale.ResetUnknown)
	}
	c.Reset = scale.Reset(reset)
	if s.maybe("readCommitted") != nil {
		c.ReadCommitted = s.flag("readCommitted")
	}
	s.words("downstream", &c.Downstream, "the name of a component", nameForm.MatchString)
}

// readPartitions reads the example counts. Examples of topics that a file no longer reads are
// dropped, so that they cannot be used as a fallback.
func readPartitions(s *section, c *scale.Component) {
	counts := s.sub("partitions")
	known := maps.Clone(c.Partitions)
	if known == nil {
		known = map[string]int{}
	}
	for _, key := range counts.order {
		var n int
		counts.count(key.Value, &n, 1, 100_000)
		if known[key.Value] = n; !slices.Contains(c.Topics, key.Value) {
			counts.fail(key, counts.path, quote(key.Value)+" is not among the component's topics")
		}
	}
	maps.DeleteFunc(known, func(topic string, _ int) bool { return !slices.Contains(c.Topics, topic) })
	c.Partitions = known
	counts.end()
}

func readBounds(s *section, c *scale.Component) {
	s.count("min", &c.Min, 1, mostReplicas)
	s.count("max", &c.Max, 1, mostReplicas)
	s.count("low", &c.Low, 1, mostReplicas)
	s.count("high", &c.High, 1, mostReplicas)
	if v := s.value("single"); v != nil && v.Kind == yaml.ScalarNode && v.Value == "false" {
		c.Single = ""
		return
	}
	// The reason needs at least two words: "single: yes" gives people none.
	s.read("single", "the reason in a few words, or false", func(text string) bool {
		return set(&c.Single, text, lineOf(text, 300) && strings.Contains(text, " "))
	})
}
