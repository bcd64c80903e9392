package cards_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/capacity"
	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/incidents"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/cards/cardstest"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// title is the title of a field, whose value stands in the next line.
var title = regexp.MustCompile(`\*([^*\n]+)\*\n`)

// read is the text of a message line by line, dialogs of its buttons included, as people
// read it.
func read(t *testing.T, l cards.Content) []string {
	t.Helper()
	data, err := json.Marshal(l.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	var blocks any
	if err := json.Unmarshal(data, &blocks); err != nil {
		t.Fatal(err)
	}
	texts := []string{l.Text}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			if text, ok := v["text"].(string); ok {
				texts = append(texts, text)
			}
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(v[name])
			}
		}
	}
	walk(blocks)
	text := title.ReplaceAllString(strings.Join(texts, "\n"), "$1: ")
	text = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "*", "").Replace(text)
	return strings.Split(text, "\n")
}

// quantity is something a message may name several times: what its number stands in, and
// which lines are about another moment or another thing.
type quantity struct {
	name   string
	number *regexp.Regexp
	other  *regexp.Regexp
}

const aNumber = `(\d+(?:,\d{3})*(?:\.\d+)?)`

var quantities = []quantity{
	{"the lag", regexp.MustCompile(`\b[Ll]ag(?: and trend)?:? (?:is |of )?` + aNumber + `(?:[.,;: ]|$)|` + aNumber + ` waiting messages`),
		regexp.MustCompile(`, was |besides|without partition|lag of \S+ behind|comes after|of traffic|in the .* report|peak `)},
	{"what a worker manages", regexp.MustCompile(`[Oo]ne worker manages:? ` + aNumber + `|busy workers at ` + aNumber + `|` + aNumber + ` msg/s per worker \((?:measured|runbook|by)`), nil},
	{"what arrives", regexp.MustCompile(`(?:Rates: | )in ` + aNumber + ` msg/s|of traffic at ` + aNumber + `|: ` + aNumber + ` msg/s arrive|` + aNumber + ` msg/s × 1\.2 (?:and|need)|while ` + aNumber + ` msg/s arrive|; ` + aNumber + ` msg/s arrive`), regexp.MustCompile("headroom ÷|without partition")},
	{"what is consumed", regexp.MustCompile(`, out ` + aNumber + ` msg/s`), nil},
	{"the share of errors", regexp.MustCompile(`^Errors:? ` + aNumber + ` %|Error rate(?: and kinds)?: ` + aNumber + ` %`), nil},
	{"p95", regexp.MustCompile(`P?95 latency:? ` + aNumber + ` s\b|` + aNumber + ` s to process a message at p95, measured`), regexp.MustCompile(` → `)},
	{"the workers wanted", regexp.MustCompile(`scale to (\d+)\b|scale from \d+ to (\d+) replicas`), regexp.MustCompile("asks to scale|scaling|went from|further")},
}

// disagreements lists what a message says that its own numbers deny.
func disagreements(lines []string) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	said := map[string]map[string]string{}
	for i, line := range lines {
		if !strings.ContainsAny(line, "0123456789") {
			continue
		}
		faults = append(faults, scaletest.Untrue(line)...)
		for _, q := range quantities {
			if q.other != nil && q.other.MatchString(line) {
				continue
			}
			for _, m := range q.number.FindAllStringSubmatch(line, -1) {
				if n := firstNamed(m[1:]); n != "" {
					if said[q.name] == nil {
						said[q.name] = map[string]string{}
					}
					said[q.name][n] = line
				}
			}
		}
		faults = append(faults, denied(line, lines[min(i+1, len(lines)-1)])...)
	}
	for name, values := range said {
		if len(values) > 1 {
			fault("%s has several values: %q", name, values)
		}
	}
	faults = append(faults, forecasts(lines)...)
	return append(faults, advised(lines)...)
}

func firstNamed(groups []string) string {
	for _, g := range groups {
		if g != "" {
			return g
		}
	}
	return ""
}

var moved = regexp.MustCompile(`: (?:at least )?` + aNumber + `[^→]* → (?:at least )?` + aNumber)

// denied lists what a row of a checklist says in the note under it and denies in its numbers.
func denied(row, note string) []string {
	note = strings.TrimSpace(strings.ToLower(note))
	var faults []string
	m := moved.FindStringSubmatch(row)
	before, after := 0.0, 0.0
	if m != nil {
		before, after = scaletest.Number(m[1]), scaletest.Number(m[2])
	}
	for words, wrong := range map[string]bool{
		"lower than before":      m == nil || after >= before,
		"not higher than before": m != nil && after > before,
		"more than at the write": m == nil || after <= before,
	} {
		if strings.Contains(row, "  ") && (strings.HasPrefix(note, words) || strings.HasSuffix(note, ", but "+words)) && wrong {
			faults = append(faults, fmt.Sprintf("%q under %q", note, row))
		}
	}
	if m != nil && strings.Contains(row, "improv") && strings.Contains(row, "pass") && after > before {
		faults = append(faults, fmt.Sprintf("%q improved nothing", row))
	}
	return faults
}

var (
	usageUnknown = regexp.MustCompile(`unknown  ?(CPU and memory|Pods below their limits)`)
	ofThroughput = regexp.MustCompile(`hroughput [\d.]+ msg/s < `)
	withCount    = regexp.MustCompile(`with (\d+): (.+)$`)
	compared     = regexp.MustCompile(`(?:Compare |· )(\d+): (?:busiest \w+ \d+, )?([^·]+?)(?: ·|$)`)
)

// forecasts finds counts whose backlog is told to last differently within one message, and
// two ends of an interval that read alike.
func forecasts(lines []string) []string {
	var faults []string
	told := map[string]string{}
	for _, line := range lines {
		found := withCount.FindAllStringSubmatch(line, -1)
		for rest := line; ; {
			at := compared.FindStringSubmatchIndex(rest)
			if at == nil {
				break
			}
			found = append(found, []string{"", rest[at[2]:at[3]], rest[at[4]:at[5]]})
			rest = rest[at[5]:]
		}
		for _, m := range found {
			count, lasts := m[1], strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(m[2]), "…"), " ")
			if before, twice := told[count]; twice && !strings.HasPrefix(before, lasts) && !strings.HasPrefix(lasts, before) {
				faults = append(faults, fmt.Sprintf("with %s the backlog lasts %q and %q", count, before, lasts))
			}
			told[count] = lasts
		}
	}
	return faults
}

// advised finds steps that are none, and those that rest on what is not known.
func advised(lines []string) []string {
	var faults []string
	text := strings.Join(lines, "\n")
	for _, line := range lines {
		switch {
		case strings.Contains(line, "which matches") && !strings.Contains(line, "nothing to change"):
			faults = append(faults, fmt.Sprintf("advised although it matches: %q", line))
		case strings.Contains(line, "raising it adds throughput") && strings.Contains(text, "the workers wait for something"):
			faults = append(faults, fmt.Sprintf("advised although the workers wait for something else: %q", line))
		case strings.Contains(line, "raising it adds throughput") && usageUnknown.MatchString(text):
			faults = append(faults, fmt.Sprintf("advised although the pods' use is unknown: %q", line))
		case ofThroughput.MatchString(line) && !strings.Contains(line, "on average"):
			faults = append(faults, fmt.Sprintf("a mean that is not called one: %q", line))
		}
	}
	return faults
}

// hall shows everything the bot says about a pipeline as time goes by.
type hall struct {
	t *testing.T
	*incidents.Pipeline
	name     string
	episodes map[ledger.EpisodeKind]*ledger.Episode
	shown    map[string]bool
	// lasts is whether the alert last said that the backlog never drains as things are, and
	// turns how often that changed.
	lasts string
	turns int
}

// follow counts how often an alert changes its mind while nothing is done.
func (h *hall) follow(e ledger.Episode) {
	for _, o := range e.Advice.Options {
		if o.Replicas != e.Advice.From || !o.Drain.Known {
			continue
		}
		now := "drains"
		if o.Drain.Never {
			now = "never"
		}
		if h.lasts != "" && h.lasts != now {
			h.turns++
		}
		h.lasts = now
	}
}

func (h *hall) recommend() ledger.Recommendation {
	return judge.Recommend(h.Component, h.Policy, h.Snapshot(), h.Past)
}

// status is what the desk would answer with.
func (h *hall) status(e *ledger.Episode) engine.Status {
	s := h.Snapshot()
	return engine.Status{Component: h.Component, Snapshot: s, Advice: judge.Recommend(h.Component, h.Policy, s, h.Past), Past: h.Past[max(0, len(h.Past)-240):], Episode: e}
}

func (h *hall) show(what string, l cards.Content) {
	h.t.Helper()
	h.shown[what] = true
	lines := read(h.t, l)
	faults := disagreements(lines)
	if what == "timeline" {
		// It tells of many moments: each line for itself.
		faults = nil
		for _, line := range lines {
			faults = append(faults, disagreements([]string{line})...)
		}
	}
	for _, fault := range faults {
		h.t.Errorf("%s after %s, %s: %s", h.name, h.At.Sub(slackuitest.Noon), what, fault)
	}
}

// watch lets time pass, and the episodes follow it every two minutes.
func (h *hall) watch(d time.Duration) {
	h.t.Helper()
	const often = 8
	for range int(d / incidents.EveryReading / often) {
		h.Pass(often * incidents.EveryReading)
		s := h.Snapshot()
		judged := judge.Judge(h.Component, h.Policy, s, h.Past)
		for _, kind := range []ledger.EpisodeKind{ledger.EpisodeAlert, ledger.EpisodeSuggestion} {
			next, changed := judge.Follow(kind, judged, h.episodes[kind])
			if !changed {
				continue
			}
			next.ID, next.Number = "download-worker-"+string(kind)+"-1", 1
			h.episodes[kind] = &next
			what := string(kind)
			if !next.Open() {
				what = "recovery"
			}
			h.show(what, cards.DrawEpisode(next, slackuitest.RunbookSnoozes))
			h.follow(next)
		}
	}
	h.Pass(d % (often * incidents.EveryReading))
}

// ask shows the answers to everything people may type.
func (h *hall) ask() {
	h.t.Helper()
	s := h.status(h.episodes[ledger.EpisodeAlert])
	for what, a := range map[string]commands.Answer{
		"status": commands.Shown{Status: s}, "why": commands.Shown{Status: s, Why: true},
		"fleet":     commands.Overview{Statuses: []engine.Status{s}},
		"diagnosis": commands.Diagnosed{Diagnosis: diagnose.Diagnose(h.Component, h.Policy, s.Snapshot, h.Past), Runbooks: runbook.Default().Links},
		"capacity":  commands.Planned{Need: capacity.PlanCapacity(h.Component, h.Policy, s.Snapshot, h.Past, capacity.Demand{})},
	} {
		h.show(what, cardstest.Draw(h.t, a))
	}
	h.show("live", cards.DrawLive(s, h.At.Add(10*time.Minute)))
}

// propose shows the card of a change to the given count in all its states until it ends.
func (h *hall) propose(to int) {
	h.t.Helper()
	s := h.Snapshot()
	advice := judge.Recommend(h.Component, h.Policy, s, h.Past)
	op := ledger.Operation{
		ID: "download-worker-17", Component: "download-worker", Number: 17, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: h.Wanted, To: to}}),
		Request: ledger.Request{By: slackuitest.Carl, Reason: "the alert says so", Origin: "command", Channel: "C0INCIDENT", At: h.At, ExpiresAt: h.At.Add(15 * time.Minute)},
		Before:  s, Advice: advice, Plan: judge.MakePlan(h.Component, h.Policy, s, h.Past, advice, to, "the alert says so"),
		Events: []ledger.Event{{State: ledger.Proposed, At: h.At, By: slackuitest.Carl}},
	}
	h.show("proposal", cards.DrawOperation(op))
	h.show("draft", cardstest.Draw(h.t, commands.Drafted{Operation: op}))
	enter := func(state ledger.State) {
		next, err := op.To(ledger.Event{State: state, At: h.At, By: slackuitest.Ana})
		if err != nil {
			h.t.Fatal(err)
		}
		op = next
		h.show(string(state), cards.DrawOperation(op))
	}
	enter(ledger.Approved)
	enter(ledger.Applying)
	op.Steps[0].Rollout = ledger.Rollout{WrittenAt: h.At, Now: ledger.Progress{Replicas: -1, Members: -1, Lag: -1, ErrorShare: -1}}
	for _, horizon := range h.Policy.Times.Horizons {
		op.Reports = append(op.Reports, ledger.Report{Horizon: horizon.Name, Due: h.At.Add(horizon.After)})
	}
	enter(ledger.Settling)
	h.Set(to)
	h.Pass(time.Minute)
	h.progress(&op)
	h.show("progress", cards.DrawOperation(op))
	h.watch(time.Minute)
	h.progress(&op)
	op.Steps[0].Rollout.ReadyAt, op.Steps[0].Rollout.StableAt = h.At.Add(-time.Minute), h.At
	enter(ledger.Watching)
	for i, horizon := range h.Policy.Times.Horizons {
		h.watch(op.Rollout().WrittenAt.Add(horizon.After).Sub(h.At))
		op.Reports[i] = lever.Of(op).Report(h.Component, h.Policy, i, h.Snapshot(), h.Past)
		h.show("report "+horizon.Name, cards.DrawReport(op, i))
		h.show("watched", cards.DrawOperation(op))
		h.ask()
	}
	enter(ledger.Done)
	h.show("timeline", cardstest.Draw(h.t, commands.Chronicle{Operation: op}))
}

func (h *hall) progress(op *ledger.Operation) {
	op.Steps[0].Rollout.Now = ledger.Progress{At: h.At, Ready: h.Running, Replicas: h.Wanted, Members: h.Running, Lag: h.Lag.Total, State: "Stable", ErrorShare: 0.001 + h.Timeouts}
}

// Numbers agree with each other and with their words in everything that is shown of the
// incidents, from calm over the alert and the change to its last report.
func TestWhatIsShownAgreesWithItself(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(incidents.All)) {
		t.Run(name, func(t *testing.T) {
			h := &hall{t: t, Pipeline: incidents.NewPipeline(uint64(len(name))), name: name, episodes: map[ledger.EpisodeKind]*ledger.Episode{}, shown: map[string]bool{}}
			h.Pass(70 * time.Minute)
			h.ask()
			incidents.All[name](h.Pipeline)
			h.watch(4 * time.Minute)
			h.ask()
			h.watch(6 * time.Minute)
			h.ask()
			// It may take a few minutes until it is known, and no more changes of mind.
			if h.turns > 1 {
				t.Errorf("the alert changed its mind %d times about whether the backlog drains", h.turns)
			}
			to := h.recommend().To
			if to <= h.Wanted {
				to = 9
			}
			h.propose(to)
			h.Arrival = 300
			h.watch(20 * time.Minute)
			for _, what := range []string{"proposal", "progress", "report 5 min", "report 1 h", "done", "status", "diagnosis", "capacity", "fleet", "timeline"} {
				if !h.shown[what] {
					t.Errorf("no %s was shown", what)
				}
			}
		})
	}
}

// The examination of messages finds what was once shown, and leaves alone what agrees.
func TestDisagreementsAreFound(t *testing.T) {
	for text, want := range map[string]int{
		"Lag\nLag 14,200 > 10,000 → Critical, now (R-001)\na lag of 14,200.":                                                        0,
		"Lag 12,951 ↗ rising by 13 msg/s. Busiest worker 4 → 3 partitions.\na lag of 12,950; it waits":                              1,
		"⚠️ warn  Lag and trend: 12,951, rising by 13 msg/s\na lag of 12,950; it waits":                                             1,
		"Lag 14,200 > 10,000 → Critical, now (R-001)\nits lag is 14,300.":                                                           1,
		"need 6.4 busy workers at 89 msg/s each (measured)\n95 msg/s per worker (measured)":                                         1,
		"and one worker manages 28 msg/s\nneed 6.4 busy workers at 101 msg/s each":                                                  1,
		"Rates: in 450 msg/s, out 448 msg/s\n450 msg/s × 1.2 need 5.4 busy workers at 100 msg/s each (measured)":                    0,
		"Rates: in 450 msg/s, out 448 msg/s\nnever: 640 msg/s arrive and 6 workers manage 600 msg/s":                                1,
		"if nothing is done, with 6: about 15 s\nCompare 4: busiest worker 6, never · 6: busiest worker 4, never: 450 msg/s arrive": 1,
		"if nothing is done, with 6: about 15 s\nCompare 4: busiest worker 6, never · 6: busiest worker 4, about 15 s":              0,
		"✅ pass  P95 latency: 0.1 s → 0.1 s  (9 of 9 pods)\n        Lower than before":                                              1,
		"✅ pass  P95 latency: 0.2 s → 0.1 s  (9 of 9 pods)\n        Lower than before":                                              0,
		"✅ pass  Lag trend improving: 1,368 → 1,914  (Kafka)":                                                                       1,
		"Lag 1,206 < 1,000":                           1,
		"about 1 h 37 min (1 h 37 min to 1 h 37 min)": 1,
		"2. KAFKA_MAX_POLL_INTERVAL_MS is 300000; the runbook names 300000, which matches it (R-134).": 1,
		"❔ unknown  CPU and memory\n2. DOWNLOAD_CONCURRENCY is 5: raising it adds throughput":          1,
		"✅ pass  CPU and memory: CPU 20 %\n2. DOWNLOAD_CONCURRENCY is 5: raising it adds throughput":   0,
		"🔵 Throughput 89 msg/s < 100 msg/s per worker → Info":                                          1,
		"🔵 Throughput 89 msg/s < 100 msg/s per worker on average of 6 in 5 min → Info":                 0,
		"Error rate: 0.3 % (http 0.4/s)\nErrors 0.2 %":                                                 1,
		"🔴 scale to 12 · Critical\nThe runbook says to scale from 6 to 8 replicas.":                    1,
	} {
		if got := disagreements(strings.Split(text, "\n")); len(got) != want {
			t.Errorf("%q: got %q, want %d faults", text, got, want)
		}
	}
}
