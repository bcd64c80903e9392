package diagnose

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// advised is what a diagnosis says to do about a setting of workers that fall behind;
// empty when it says nothing.
func advised(name, value string) string {
	w := measuretest.CalmWorld().Lag(20_000).Change(func(l *scale.Workload) { l.Env = map[string]string{name: value} })
	for _, next := range Diagnose(w.Component, w.Policy, w.Now, w.Past).Next {
		if strings.Contains(next, name) {
			return next
		}
	}
	return ""
}

// each setting is measured against the runbook's range,
// whose ends are inside it, and one outside is told with its value, the range and the row.
func TestSettingsAreMeasuredAgainstTheRunbooksRanges(t *testing.T) {
	const batch = "the runbook recommends 100–500, larger for throughput and smaller for latency (R-077, R-079)"
	for name, bounds := range map[string]struct {
		inside  []int
		outside map[int]string
	}{
		"BATCH_SIZE":              {[]int{100, 200, 499, 500}, map[int]string{1: batch, 99: batch, 501: batch, 5000: batch}},
		"BATCH_TIMEOUT_SECONDS":   {[]int{10, 11}, map[int]string{5: "the runbook's example is 10: batches fill up before they are written, at more latency (R-078, R-079)", 9: "example is 10"}},
		"KAFKA_MAX_POLL_RECORDS":  {[]int{100, 500}, map[int]string{10: "a latency setting; for throughput the runbook names 100–500 (R-081)", 99: "a latency setting"}},
		"KAFKA_FETCH_MIN_BYTES":   {[]int{1024, 102_400}, map[int]string{1: "a latency setting; for throughput the runbook names 1 KB–100 KB (R-081)", 1023: "a latency setting"}},
		"KAFKA_FETCH_MAX_WAIT_MS": {[]int{100, 500}, map[int]string{50: "a latency setting; for throughput the runbook names 100–500 (R-081)", 99: "a latency setting"}},
	} {
		for _, value := range bounds.inside {
			if got := advised(name, fmt.Sprint(value)); got != "" {
				t.Errorf("%s %d is inside the range: got %q, want no word about it", name, value, got)
			}
		}
		for value, want := range bounds.outside {
			scaletest.WantText(t, fmt.Sprint(name, " ", value), advised(name, fmt.Sprint(value)), fmt.Sprintf("%s is %d", name, value), want)
		}
	}
}

// concurrency is compared with the table for the pod's size, here 1Gi
// and one core for 10, and what raising or having too much of it costs is named.
func TestConcurrencyIsToldWithItsPrice(t *testing.T) {
	for value, want := range map[string]string{
		"5":  "the runbook's table has 10 for pods of this size: raising it adds throughput, watch memory (R-075, R-076)",
		"9":  "raising it adds throughput, watch memory",
		"10": "as the runbook's table has it; more needs bigger pods (R-075, R-070)",
		"11": "the runbook's table has 10 for pods of this size, more risks memory kills (R-075, R-076)",
	} {
		scaletest.WantText(t, value, advised("DOWNLOAD_CONCURRENCY", value), "DOWNLOAD_CONCURRENCY is "+value, want)
	}
}

// T-17: following the runbook raises one client's setting and lowers another's. What it
// does is told by the live value, and where none is set by the Java client's defaults:
// 300000 ms between polls, and 45000 ms for a session, which the runbook's 30000 lowers.
func TestAdviceSaysWhetherItRaisesOrLowers(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"not set": {nil, []string{
			"KAFKA_MAX_POLL_INTERVAL_MS is not set; the runbook names 300000, which matches the Java client's default of 300000",
			"KAFKA_SESSION_TIMEOUT_MS is not set; the runbook names 30000, which lowers the Java client's default of 45000"}},
		"lower": {map[string]string{"KAFKA_MAX_POLL_INTERVAL_MS": "299999", "KAFKA_SESSION_TIMEOUT_MS": "10000"}, []string{
			"KAFKA_MAX_POLL_INTERVAL_MS is 299999; the runbook names 300000, which raises it",
			"KAFKA_SESSION_TIMEOUT_MS is 10000; the runbook names 30000, which raises it"}},
		"higher": {map[string]string{"KAFKA_MAX_POLL_INTERVAL_MS": "600000", "KAFKA_SESSION_TIMEOUT_MS": "30000"}, []string{
			"KAFKA_MAX_POLL_INTERVAL_MS is 600000; the runbook names 300000, which lowers it",
			"KAFKA_SESSION_TIMEOUT_MS is 30000; the runbook names 30000, which matches it"}},
		"no number": {map[string]string{"KAFKA_SESSION_TIMEOUT_MS": "30s"}, []string{`KAFKA_SESSION_TIMEOUT_MS is "30s", which is not a number`}},
	} {
		w := measuretest.CalmWorld().Change(func(l *scale.Workload) { l.Env = c.env })
		w.Now.Group.Value.State, w.Now.Group.Value.RebalancingSince = "PreparingRebalance", scaletest.Start.Add(-3*time.Minute)
		scaletest.WantText(t, name, strings.Join(Diagnose(w.Component, w.Policy, w.Now, w.Past).Next, "\n"), c.want...)
	}
}

// concurrency goes by what the pod may use, else by what it asks for, and
// settings are looked at only for workers that fall behind and are not held up by something
// else.
func TestWhenSettingsAreLookedAt(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*measuretest.World)
		want string
	}{
		"behind":         {nil, "the runbook's table has 10 for pods of this size"},
		"requests alone": {func(w *measuretest.World) { w.Change(func(l *scale.Workload) { l.Limits = scale.Resources{} }) }, "DOWNLOAD_CONCURRENCY is 5, as the runbook's table has it"},
		"no size": {func(w *measuretest.World) {
			w.Change(func(l *scale.Workload) { l.Limits, l.Requests = scale.Resources{}, scale.Resources{} })
		}, ""},
		"low lag":         {func(w *measuretest.World) { w.Lag(5_000) }, ""},
		"just not low":    {func(w *measuretest.World) { w.Lag(5_001) }, "the runbook's table has 10"},
		"lag unknown":     {func(w *measuretest.World) { w.Now.Lag = scale.Unknown[scale.Lag]("x", scaletest.Start, scale.Broker) }, ""},
		"pods unknown":    {func(w *measuretest.World) { w.Now.Workload = scale.Unknown[scale.Workload]("x", scaletest.Start, "") }, ""},
		"the transfer is": {func(w *measuretest.World) { w.Now.Signals.Download.Value = 9 }, ""},
		"one record is":   {func(w *measuretest.World) { w.OnPartitions(20_000, 7).Moving(10); w.Still(7) }, ""},
	} {
		w := measuretest.CalmWorld().Lag(20_000)
		if c.edit != nil {
			c.edit(w)
		}
		v := newView(w.Component, w.Policy, w.Now, w.Past)
		if got := strings.Join(v.tuningAdvice(), "\n"); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// T-16: pods that are killed for memory are told to carry less where the limit
// carries less than they are set to, and only there.
func TestLessConcurrencyIsAdvisedWhereTheLimitCarriesLess(t *testing.T) {
	lower := "or lower DOWNLOAD_CONCURRENCY from 11 to 10, which the limit carries (R-075, R-076)"
	for name, c := range map[string]struct {
		env    string
		limits scale.Resources
		want   bool
	}{
		"more than it carries": {"11", scale.Resources{CPU: 1000, Memory: 1 << 30}, true},
		"what it carries":      {"10", scale.Resources{CPU: 1000, Memory: 1 << 30}, false},
		"less":                 {"9", scale.Resources{CPU: 1000, Memory: 1 << 30}, false},
		"no limit for memory":  {"11", scale.Resources{CPU: 1000}, false},
		"no number":            {"eleven", scale.Resources{CPU: 1000, Memory: 1 << 30}, false},
	} {
		w := measuretest.CalmWorld().Change(func(l *scale.Workload) {
			l.Pods[1].LastExit, l.Limits, l.Env = "OOMKilled", c.limits, map[string]string{"DOWNLOAD_CONCURRENCY": c.env}
		})
		next := strings.Join(Diagnose(w.Component, w.Policy, w.Now, w.Past).Next, "\n")
		if strings.Contains(next, "or lower") != c.want || c.want && !strings.Contains(next, lower) {
			t.Errorf("%s: got %q, want it advised %v", name, next, c.want)
		}
	}
	v := newView(measuretest.DownloadWorker(), measuretest.TestPolicy(), scale.Snapshot{At: scaletest.Start}, nil)
	if got := v.setting("X", 5, 5); got != "the runbook names X 5; what the workers set is unknown" {
		t.Errorf("nobody knows: got %q", got)
	}
}
