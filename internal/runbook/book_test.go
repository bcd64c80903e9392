package runbook

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

func parse(t *testing.T, text string) *Book {
	t.Helper()
	b, err := Parse("team.yaml", []byte(text))
	if err != nil {
		t.Fatalf("got\n%v\nwant a book", err)
	}
	return b
}

// TestWhatPeopleCallComponents: name, title, alias and topic, whatever the case,
// spaces and dashes, topics with and without the prefix (T-30).
func TestWhatPeopleCallComponents(t *testing.T) {
	b := Default()
	for word, want := range map[string]string{
		"download-worker": "download-worker", "Download Worker": "download-worker", "downloadworker": "download-worker",
		"download_worker": "download-worker", "DW": "download-worker", "downloads": "download-worker",
		"xact.downloads.pending": "download-worker", "downloads.pending": "download-worker", "Downloads.Pending": "download-worker",
		"ei": "event-ingester", "events.raw": "event-ingester", "rp": "result-processor", "downloads.results": "result-processor",
		"dlq": "dlq-handler", "downloads.dlq": "dlq-handler", "retry": "retry-scheduler",
		"xact.downloads.retry.*": "retry-scheduler", "downloads.retry.5m": "retry-scheduler", "downloads.retry": "retry-scheduler",
		"": "", "  ": "", "xact.": "", "downloads.": "", "nobody": "", "downloads.retry.5m 9": "", "*": "",
	} {
		c, ok := b.Component(word)
		if c.Name != want || ok != (want != "") {
			t.Errorf("%q: got %q, want %q", word, c.Name, want)
		}
	}
}

// TestATopicOfTwoComponentsIsNeither: nothing is guessed.
func TestATopicOfTwoComponentsIsNeither(t *testing.T) {
	b := parse(t, "components: [{name: audit, group: xact-audit, topics: [xact.events.raw], min: 1, low: 1, high: 3}]")
	if c, ok := b.Component("events.raw"); ok {
		t.Errorf("got %s, want none", c.Name)
	}
	if _, ok := b.Component("audit"); !ok {
		t.Error("got no component audit")
	}
}

// TestATeamsFileLiesOnTheDefault: what it names is replaced, all else stays.
func TestATeamsFileLiesOnTheDefault(t *testing.T) {
	b := parse(t, `
owner: Team Blue
scaleUp:
  lag: {above: 25_000}
  latency: {above: 1500ms}
  cpu: {above: 0.9, for: 10m}
sizing: {headroom: 1.3}
access: {onCallGroup: "@blue-oncall", selfApproval: never}
metrics: {latency: handler_seconds, breaker: none}
components:
  - name: dlq-handler
    remove: true
  - name: download-worker
    high: 16
    max: 20
    aliases: [fetcher]
  - {name: thumbnailer, group: thumbs, topics: [thumbs.pending], partitions: {thumbs.pending: 8}, min: 1, low: 2, high: 4, namespace: media, metrics: {port: 9100}}
`)
	want := Default().Policy
	want.Up.Lag.Value, want.Up.Latency.Value = 25000, 1.5
	want.Up.CPU.Value, want.Up.CPU.For = 0.9, 10*time.Minute
	want.Sizing.Headroom = 1.3
	if !reflect.DeepEqual(b.Policy, want) {
		t.Errorf("got policy %+v, want %+v", b.Policy, want)
	}
	if b.Owner != "Team Blue" || b.Updated != "2024-12-27" || b.Origin != "team.yaml" {
		t.Errorf("got owner %q, updated %q, origin %q", b.Owner, b.Updated, b.Origin)
	}
	if b.Access.OnCallGroup != "blue-oncall" || b.Access.SelfApproval != "never" {
		t.Errorf("got access %+v", b.Access)
	}
	names := []string{"event-ingester", "download-worker", "result-processor", "retry-scheduler", "thumbnailer"}
	if !slices.Equal(b.Names(), names) {
		t.Errorf("got components %v, want %v", b.Names(), names)
	}
	worker, _ := b.Component("fetcher")
	if worker.Min != 4 || worker.High != 16 || worker.Max != 20 || worker.Group != "xact-download-worker" {
		t.Errorf("got %+v, want the default with the new bounds", worker)
	}
	if _, ok := b.Component("dw"); ok {
		t.Error("got a component for an alias that was replaced")
	}
	thumbs, _ := b.Component("thumbnailer")
	if thumbs.Title != "Thumbnailer" || thumbs.Deployment != "thumbnailer" || thumbs.Selector != "app=thumbnailer" || thumbs.Namespace != "media" {
		t.Errorf("got %+v, want what follows from the name", thumbs)
	}
	// What all components share reaches the default's and the new ones.
	for _, c := range b.Components {
		if want := (scale.Metric{Name: "handler_seconds", Kind: scale.Histogram}); !reflect.DeepEqual(c.Metrics.Latency, want) {
			t.Errorf("%s: got latency metric %+v", c.Name, c.Metrics.Latency)
		}
		if c.Metrics.Breaker.Configured() {
			t.Errorf("%s: got breaker metric %+v, want none", c.Name, c.Metrics.Breaker)
		}
	}
	if thumbs.Metrics.Port != 9100 || worker.Metrics.Port != 8000 {
		t.Errorf("got ports %d and %d, want 9100 and 8000", thumbs.Metrics.Port, worker.Metrics.Port)
	}
}

// TestALinkGoesWithItsComponent: removing a component does not break the default's
// link to it (T-35).
func TestALinkGoesWithItsComponent(t *testing.T) {
	b := parse(t, "components: [{name: result-processor, remove: true}]")
	c, _ := b.Component("download-worker")
	if len(c.Downstream) != 0 {
		t.Errorf("got downstream %v, want none", c.Downstream)
	}
}

// TestASingletonMayBeOpened: the team may decide otherwise.
func TestASingletonMayBeOpened(t *testing.T) {
	b := parse(t, "components: [{name: dlq-handler, single: false, high: 3}]")
	if c, _ := b.Component("dlq"); c.Single != "" || c.High != 3 {
		t.Errorf("got %+v, want no reason for one instance and 3", c)
	}
}

// TestHowConsumersStart (T-32): the team says what an uncommitted partition means.
func TestHowConsumersStart(t *testing.T) {
	b := parse(t, `
components:
  - {name: event-ingester, reset: unknown}
  - {name: download-worker, reset: latest, readCommitted: true, container: main, selector: "app=worker,tier=a"}
`)
	if c, _ := b.Component("ei"); c.Reset != scale.ResetUnknown || c.ReadCommitted {
		t.Errorf("got %+v, want an unknown reset", c)
	}
	c, _ := b.Component("dw")
	if c.Reset != scale.ResetLatest || !c.ReadCommitted || c.Container != "main" || c.Selector != "app=worker,tier=a" {
		t.Errorf("got %+v, want what the file says", c)
	}
}

// TestATopicsExampleGoesWithIt: a count never stands in for another topic.
func TestATopicsExampleGoesWithIt(t *testing.T) {
	b := parse(t, "components: [{name: download-worker, topics: [blue.downloads]}]")
	if c, _ := b.Component("dw"); len(c.Partitions) != 0 {
		t.Errorf("got partitions %v, want none", c.Partitions)
	}
}

// TestAMetricIsReplacedAsAWhole (T-28): a new name never inherits an old query.
func TestAMetricIsReplacedAsAWhole(t *testing.T) {
	b := parse(t, `
metrics:
  consumed: {query: "sum(rate(custom[1m]))", labels: {topic: a}}
components:
  - {name: download-worker, metrics: {consumed: fetched_total}}
`)
	worker, _ := b.Component("dw")
	if want := (scale.Metric{Name: "fetched_total", Kind: scale.Counter}); !reflect.DeepEqual(worker.Metrics.Consumed, want) {
		t.Errorf("got %+v, want %+v", worker.Metrics.Consumed, want)
	}
	ingester, _ := b.Component("ei")
	if got := ingester.Metrics.Consumed; got.Query == "" || got.Labels["topic"] != "a" {
		t.Errorf("got %+v, want the shared query", got)
	}
}

// TestNamespaces: a component's own outranks the file's, the file's outranks
// the environment, the environment outranks the default.
func TestNamespaces(t *testing.T) {
	own := "components: [{name: download-worker, namespace: media}]\n"
	for _, test := range []struct{ text, env, worker, ingester string }{
		{"", "", "kafka-pipeline", "kafka-pipeline"},
		{"", "prod", "prod", "prod"},
		{own, "prod", "media", "prod"},
		{"namespace: blue\n", "prod", "blue", "blue"},
		{"namespace: blue\n" + own, "prod", "media", "blue"},
	} {
		b := parse(t, test.text).With(test.env)
		worker, _ := b.Component("dw")
		ingester, _ := b.Component("ei")
		if worker.Namespace != test.worker || ingester.Namespace != test.ingester {
			t.Errorf("%q with %q: got %s and %s, want %s and %s", test.text, test.env, worker.Namespace, ingester.Namespace, test.worker, test.ingester)
		}
	}
}

// TestBooksShareNothing: what one caller does to a book does not reach the next.
func TestBooksShareNothing(t *testing.T) {
	a := Default()
	a.Components[0].Topics[0] = "changed"
	a.Components[0].Partitions["changed"] = 1
	a.Components[0].Metrics.TimeoutKinds[0] = "changed"
	if b := Default(); b.Components[0].Topics[0] == "changed" || len(b.Components[0].Partitions) != 1 || b.Components[1].Metrics.TimeoutKinds[0] == "changed" {
		t.Errorf("got %+v, want an untouched default", b.Components[0])
	}
	if a.Components[1].Metrics.TimeoutKinds[0] == "changed" {
		t.Error("two components share their kinds of time-out")
	}
	moved := Default().With("prod")
	if moved.Components[0].Namespace != "prod" {
		t.Errorf("got namespace %q, want prod", moved.Components[0].Namespace)
	}
}

func TestEmptyFilesChangeNothing(t *testing.T) {
	want := Default()
	for _, text := range []string{"", "\n", "# only a comment\n", "---\n", "\ufeffowner: Platform Engineering Team\n", "owner: Platform Engineering Team\r\n"} {
		got := parse(t, text)
		if !reflect.DeepEqual(got.Policy, want.Policy) || !reflect.DeepEqual(got.Components, want.Components) || got.Owner != want.Owner {
			t.Errorf("%q: got another book than the default", text)
		}
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runbook.yaml")
	if _, err := Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that the file does not exist", err)
	}
	if err := os.WriteFile(path, []byte("owner: Team Blue\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := Load(path)
	if err != nil || b.Owner != "Team Blue" || b.Origin != path {
		t.Errorf("got %+v, %v, want the file's book", b, err)
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("got no error for a directory")
	}
}

func TestWordsAreAllNamesAndAliases(t *testing.T) {
	b := Default()
	for _, word := range b.Words() {
		if _, ok := b.Component(word); !ok {
			t.Errorf("%q: got no component", word)
		}
	}
	if got := len(b.Words()); got <= len(b.Names()) {
		t.Errorf("got %d words, want more than the %d names", got, len(b.Names()))
	}
}

func TestClosest(t *testing.T) {
	words := []string{"download-worker", "event-ingester", "status", "dw", "lag"}
	for word, want := range map[string]string{
		"downlod-worker": "download-worker", "donwload-wroker": "download-worker", "DOWNLOAD-WORKERS": "download-worker",
		"stauts": "status", "statsu": "status", "lg": "lag", "dx": "", "xyzzy": "", "": "", "status": "status",
		strings.Repeat("status", 20): "",
	} {
		if got := Closest(word, words); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
