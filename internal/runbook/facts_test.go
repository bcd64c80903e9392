package runbook

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestDefaultHoldsTheRunbook compares every number of the written runbook with the
// embedded default.
func TestDefaultHoldsTheRunbook(t *testing.T) {
	b := Default()
	p := b.Policy
	c := func(name string) scale.Component {
		c, ok := b.Component(name)
		if !ok {
			t.Fatalf("got no component %s", name)
		}
		return c
	}
	critical, warning, info := scale.UrgencyCritical, scale.UrgencyWarning, scale.UrgencyInfo
	hour := time.Hour
	for _, fact := range []struct {
		row       string
		got, want any
	}{
		{"R-001", p.Up.Lag, scale.Limit{Value: 10000, Urgency: critical}},
		{"R-002", p.Up.Latency, scale.Limit{Value: 5, Within: hour, Urgency: warning}},
		{"R-003", p.Up.CPU, scale.Limit{Value: 0.8, For: 5 * time.Minute, Within: hour, Urgency: warning}},
		{"R-004", p.Up.Memory, scale.Limit{Value: 0.85, For: 5 * time.Minute, Within: 30 * time.Minute, Urgency: critical}},
		{"R-005", p.Up.Errors, scale.Limit{Value: 0.01, Within: hour, Urgency: warning}},
		{"R-005 kinds", c("dw").Metrics.TimeoutKinds, []string{"timeout"}},
		{"R-006", p.Up.Throughput, scale.Limit{Value: 100, Within: 4 * hour, Urgency: info}},
		{"R-011 R-050", p.Down.Lag, scale.Limit{Value: 1000, For: hour}},
		{"R-012", p.Down.CPU, scale.Limit{Value: 0.3, For: 4 * hour}},
		{"R-013", p.Down.Memory, scale.Limit{Value: 0.4, For: 4 * hour}},
		{"R-018", c("event-ingester").Topics, []string{"xact.events.raw"}},
		{"R-019", c("download-worker").Topics, []string{"xact.downloads.pending"}},
		{"R-020", c("result-processor").Topics, []string{"xact.downloads.results"}},
		{"R-021", c("dlq-handler").Single != "", true},
		{"R-022", c("retry-scheduler").Single != "", true},
		{"R-021 one", bounds(c("dlq-handler")), [3]int{1, 1, 1}},
		{"R-022 one", bounds(c("retry-scheduler")), [3]int{1, 1, 1}},
		{"R-023", c("download-worker").Namespace, "kafka-pipeline"},
		{"R-024 events", c("event-ingester").Partitions, map[string]int{"xact.events.raw": 12}},
		{"R-024 pending", c("download-worker").Partitions, map[string]int{"xact.downloads.pending": 24}},
		{"R-024 results", c("result-processor").Partitions, map[string]int{"xact.downloads.results": 6}},
		{"R-024 dlq", c("dlq-handler").Partitions, map[string]int{"xact.downloads.dlq": 3}},
		{"R-024 R-028 retry", c("retry-scheduler").Partitions, map[string]int{"xact.downloads.retry.*": 3}},
		{"R-026 R-055 ingester", bounds(c("event-ingester")), [3]int{2, 3, 6}},
		{"R-026 R-055 download", bounds(c("download-worker")), [3]int{4, 6, 12}},
		{"R-026 R-055 result", bounds(c("result-processor")), [3]int{2, 2, 3}},
		{"R-031", [2]int{p.Sizing.MinPerWorker, p.Sizing.MaxPerWorker}, [2]int{2, 4}},
		{"R-032 8 of 24", 24 / p.Sizing.HighLagPerWorker, 8},
		{"R-006 R-084", p.Sizing.TargetRate, 100.0},
		{"R-035", p.Rollout.PodsLate, time.Minute},
		{"R-036", c("download-worker").Selector, "app=download-worker"},
		{"R-040", [2]time.Duration{p.Sizing.PodStart, p.Sizing.Rebalance}, [2]time.Duration{time.Minute, 30 * time.Second}},
		{"R-041", p.Sizing.Recovery, 10 * time.Minute},
		{"R-044", c("ei").Metrics.Consumed, scale.Metric{Name: "kafka_messages_consumed_total", Kind: scale.Counter}},
		{"R-047", c("rp").Metrics.Writes, scale.Metric{Name: "delta_writes_total", Kind: scale.Counter}},
		{"R-049", p.Down.MaxStep, 2},
		{"R-052", p.Down.Watch, 15 * time.Minute},
		{"R-104", p.Sizing.Headroom, 1.2},
		{"R-111", p.Times.Live, 5 * time.Second},
		{"R-113", c("dw").Metrics.Errors, scale.Metric{Name: "kafka_processing_errors_total", Kind: scale.Counter}},
		{"R-114 R-118 R-122", p.Times.Horizons, []scale.Horizon{
			{Name: "5 min", After: 5 * time.Minute}, {Name: "15 min", After: 15 * time.Minute}, {Name: "1 h", After: hour},
		}},
		{"R-118", p.After.Lag15, 5000.0},
		{"R-122", [2]float64{p.After.LagLow, p.After.LagGood}, [2]float64{5000, 1000}},
		{"R-123", p.After.Errors60, 0.01},
		{"R-130", c("dw").Metrics.Download, scale.Metric{Name: "download_duration_seconds", Kind: scale.Histogram}},
		{"R-133", p.Rollout.RebalanceLate, 2 * time.Minute},
		{"R-137", len(b.Links), 3},
		{"R-138", [2]string{b.Owner, b.Updated}, [2]string{"Platform Engineering Team", "2024-12-27"}},
		{"R-141", b.Access, Access{OnCallGroup: "kafka-oncall", OnCallUsers: []string{}, Channels: []string{}, SelfApproval: "routine"}},
		{"T-01", p.Rollout.RevertChecks, []time.Duration{30 * time.Second, 2 * time.Minute}},
		{"T-27", [2]float64{p.After.ErrorSpike, p.After.ErrorFloor}, [2]float64{2, 0.01}},
		{"T-28 port", [2]any{c("dw").Metrics.Port, c("dw").Metrics.Path}, [2]any{8000, "/metrics"}},
		{"T-29", c("download-worker").Group, "xact-download-worker"},
		{"T-33", p.Sizing.HotShare, 0.8},
		{"T-35", [2][]string{c("ei").Downstream, c("dw").Downstream}, [2][]string{{"download-worker"}, {"result-processor"}}},
		{"R-143 snooze", p.Alert.Snoozes, []time.Duration{30 * time.Minute, 2 * hour}},
	} {
		if !reflect.DeepEqual(fact.got, fact.want) {
			t.Errorf("%s: got %v, want %v", fact.row, fact.got, fact.want)
		}
	}
}

func bounds(c scale.Component) [3]int { return [3]int{c.Min, c.Low, c.High} }

// TestDefaultIsGolden shows every change of what the bot goes by as a diff.
func TestDefaultIsGolden(t *testing.T) {
	const file = "testdata/default.golden"
	var b strings.Builder
	printLeaves(&b, "", reflect.ValueOf(*Default()))
	got := b.String()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// printLeaves prints every exported value under its path.
func printLeaves(b *strings.Builder, path string, v reflect.Value) {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				printLeaves(b, path+"."+field.Name, v.Field(i))
			}
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		for i := range v.Len() {
			printLeaves(b, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	default:
		fmt.Fprintf(b, "%s: %v\n", strings.TrimPrefix(path, "."), v)
	}
}

// TestDefaultNamesEverySetting: no number of the policy is left to the zero value by
// an oversight; those that are zero are zero in the file.
func TestDefaultNamesEverySetting(t *testing.T) {
	l := readLayer("empty.yaml", []byte("owner: x\n"))
	l.whole = true
	_, problems := assemble(l)
	for _, key := range []string{"scaleUp", "scaleDown", "sizing", "rollout", "after", "alert", "times", "access", "metrics", "components"} {
		found := false
		for _, p := range problems {
			found = found || p.Key == key && p.Text == "is missing"
		}
		if !found {
			t.Errorf("got no complaint about the missing %s, want the default to name it", key)
		}
	}
}
