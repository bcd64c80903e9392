package judge

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// every trigger says what it is, how the runbook file writes its limit, and
// how it is judged, and every limit of the policy belongs to one trigger.
func TestEveryTriggerIsWhole(t *testing.T) {
	p := measuretest.TestPolicy()
	rules, paths, limits := map[scale.Rule]bool{}, map[string]bool{}, map[*scale.Limit]bool{}
	for _, row := range triggers {
		if row.Rule.Number() == 0 || rules[row.Rule] || row.Metric == "" || row.find == nil {
			t.Errorf("%s (%s) is no rule, there twice, or not judged", row.Rule, row.Metric)
		}
		if (row.Advises == scale.ScaleUp) != (row.lacks != nil) || row.Advises != scale.ScaleUp && row.Advises != scale.ScaleDown {
			t.Errorf("%s advises %q, and whether its data is missing is known: %v", row.Rule, row.Advises, row.lacks != nil)
		}
		rules[row.Rule] = true
		if row.Limit == nil {
			continue
		}
		path := row.Setting.Path(row.Setting.Bound)
		if paths[path] || limits[row.Limit(&p)] || !slices.Contains([]string{"above", "below"}, row.Setting.Bound) {
			t.Errorf("%s: %s is there twice, or another trigger has its limit", row.Rule, path)
		}
		paths[path], limits[row.Limit(&p)] = true, true
	}
	for _, part := range []any{&p.Up, &p.Down} {
		fields := reflect.ValueOf(part).Elem()
		for i := range fields.NumField() {
			if limit, is := fields.Field(i).Addr().Interface().(*scale.Limit); is && !limits[limit] {
				t.Errorf("no trigger has the limit %s.%s", fields.Type(), fields.Type().Field(i).Name)
			}
		}
	}
}

// whichever trigger waits the longest, the bot looks back as long.
func TestTheLongestWindowIsThatOfAnyTrigger(t *testing.T) {
	for _, row := range Triggers() {
		if row.Limit == nil {
			continue
		}
		p := measuretest.TestPolicy()
		row.Limit(&p).For = 17 * time.Hour
		if got := LongestWindow(p); got != 17*time.Hour {
			t.Errorf("%s waits for 17 h: got a longest window of %s", row.Rule, got)
		}
	}
	p := measuretest.TestPolicy()
	p.Times.RateWindow = 30 * time.Hour
	if got := LongestWindow(p); got != 30*time.Hour {
		t.Errorf("rates over 30 h: got %s", got)
	}
}

// each trigger is judged once, in the order of the table, and one that lacks its data
// is noted where it asks for more workers.
func TestEveryTriggerIsJudged(t *testing.T) {
	w := measuretest.CalmWorld()
	blind := Judge(w.Component, w.Policy, scale.Snapshot{At: scaletest.Start, Component: w.Component.Name}, nil)
	var judged []scale.Rule
	for _, f := range slices.Concat(blind.up, blind.down) {
		judged = append(judged, f.Rule)
		if f.Outcome != scale.Unclear || !strings.Contains(f.Sentence, f.Metric) || ScaleUpRule(f.Rule) == ScaleDownRule(f.Rule) {
			t.Errorf("%s of a world that nobody has seen: got %s, %q", f.Rule, f.Outcome, f.Sentence)
		}
	}
	if want := append(rulesThat(scale.ScaleUp), rulesThat(scale.ScaleDown)...); !slices.Equal(judged, want) {
		t.Errorf("got %v judged, want %v", judged, want)
	}
	if s := blind.Sight(); s.Rules != 6 || !slices.Equal(s.Blind, rulesThat(scale.ScaleUp)) {
		t.Errorf("got %v of %d blind, want all", s.Blind, s.Rules)
	}
	if _, is := TriggerOf("R-105"); is || ScaleUpRule("") || ScaleDownRule("T-01") {
		t.Error("a rule that asks for no count is taken for a trigger")
	}
}

// withTrigger adds a trigger to the table for the time of a test.
func withTrigger(t *testing.T, row Trigger) {
	before := triggers
	triggers = append(slices.Clone(before), row)
	t.Cleanup(func() { triggers = before })
}

// A seventh trigger is one row: it asks for workers, opens the alert, keeps the component from
// being at rest, counts among the rules that can be blind, and is waited for.
func TestASeventhTriggerIsOneRow(t *testing.T) {
	limit := scale.Limit{Value: 3, For: 20 * time.Hour, Urgency: scale.UrgencyWarning, Within: time.Hour}
	retries, lacks := 9.0, absent{}
	withTrigger(t, Trigger{
		Rule: "X-1", Metric: "retries", Advises: scale.ScaleUp, OfWorkers: true,
		Setting: Setting{Section: "scaleUp", Key: "retries", Bound: "above", Unit: MessagesPerSecond},
		Limit:   func(*scale.Policy) *scale.Limit { return &limit },
		find: func(_ View, row Trigger) scale.Finding {
			if lacks.why != "" {
				return row.unclear("> 3", lacks.why, limit)
			}
			if retries > limit.Value {
				return row.firing(fmt.Sprint(retries), "> 3", limit)
			}
			return row.silent(fmt.Sprint(retries), "> 3", limit)
		},
		lacks: func(View) absent { return lacks },
	})
	w := measuretest.CalmWorld()
	if got := LongestWindow(w.Policy); got != 20*time.Hour {
		t.Errorf("longest window: got %s, want that of the new trigger", got)
	}
	j := judge(w)
	if f, found := scale.Find(j.Advice().Findings, "X-1"); !found || f.Outcome != scale.Fires || f.Sentence != "retries 9 > 3 for 20 h → Warning, within 1 h" {
		t.Errorf("got %+v, want it to fire", f)
	}
	if r := j.Advice(); r.Urgency != scale.UrgencyWarning || !slices.Contains(r.Reasons, "retries 9 > 3 for 20 h → Warning, within 1 h") {
		t.Errorf("got %s because of %q, want the new trigger among the reasons", r.Urgency, r.Reasons)
	}
	if e, opened := Follow(ledger.EpisodeAlert, j, nil); !opened || e.Urgency != scale.UrgencyWarning {
		t.Errorf("got opened %v as %s, want an alert", opened, e.Urgency)
	}
	if AtRest(w.Component, w.Policy, w.Now) {
		t.Error("a component of which a trigger fires is at rest")
	}
	w.Now.PerPod, w.Now.Signals.Throughput.Value = scale.Known(1, scaletest.Start, scale.Broker), 6*180
	if retries = 0; !AtRest(w.Component, w.Policy, w.Now) {
		t.Error("a component of which no trigger fires is not at rest")
	}
	lacks = absent{why: "no pod answered", from: "the metrics of the pods"}
	unseen := Unseen(w.Component, w.Policy, w.Now, func() []scale.Point { return w.Past })
	if unseen.Rules != 7 || !slices.Equal(unseen.Blind, []scale.Rule{"X-1"}) || !slices.Equal(unseen.Metrics, []string{"retries"}) || Clear().Rules != 7 {
		t.Errorf("got %+v, want the seventh rule blind", unseen)
	}
}
