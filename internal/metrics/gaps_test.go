package metrics_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// looks shows a pod's pages to a scraper, 10 s apart, and returns the last signals. A page
// may begin with a Content-Type and a blank line, as an answer does.
func looks(t *testing.T, c scale.Component, pages ...string) scale.Signals {
	t.Helper()
	f := &fleet{handlers: map[string]http.HandlerFunc{}}
	s := newScraper(t, f)
	var got scale.Signals
	for i, page := range pages {
		f.handlers["a"] = func(w http.ResponseWriter, _ *http.Request) {
			if kind, body, ok := strings.Cut(page, "\n\n"); ok && !strings.Contains(kind, "\n") {
				w.Header().Set("Content-Type", kind)
				page = body
			}
			fmt.Fprint(w, page)
		}
		if i > 0 {
			time.Sleep(10 * time.Second)
		}
		got = s.Signals(t.Context(), c, pods("a"))
	}
	return got
}

// old is the page of a pod with ten million messages in its life, n messages later.
func old(n int) string { return grown(10_000_000 + n) }

// without is a page without the lines that hold a text.
func without(page string, text ...string) string {
	var kept []string
	for line := range strings.Lines(page) {
		drop := false
		for _, t := range text {
			drop = drop || strings.Contains(line, t)
		}
		if !drop {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// A counter is compared with its own last known value; what is missing from a page is a gap
// and no restart.
func TestAGapIsAGap(t *testing.T) { // T-19, T-28
	const first = "this was the first look at the pods, and a rate needs two"
	for name, tt := range map[string]struct {
		pages []string
		want  string
	}{
		"a label set shrinks": {[]string{
			"consumed_total{partition=\"0\"} 1000000\nconsumed_total{partition=\"1\"} 400000\n",
			"consumed_total{partition=\"0\"} 1000050\n"}, "5"},
		"and is back": {[]string{
			"consumed_total{partition=\"0\"} 1000000\nconsumed_total{partition=\"1\"} 400000\n",
			"consumed_total{partition=\"0\"} 1000050\n",
			"consumed_total{partition=\"0\"} 1000100\nconsumed_total{partition=\"1\"} 400100\n"}, "10"},
		"and is back as another one": {[]string{
			"consumed_total{partition=\"0\"} 1000\nconsumed_total{partition=\"1\"} 400000\n",
			"consumed_total{partition=\"0\"} 1000\n",
			"consumed_total{partition=\"0\"} 1000\nconsumed_total{partition=\"1\"} 40\n"}, "2"},
		"the family is missing now":  {[]string{old(0), old(100), without(old(200), "consumed")}, "unknown: no pod exposes consumed_total"},
		"the family was missing":     {[]string{old(0), without(old(100), "consumed"), old(200)}, "10"},
		"and was from the first":     {[]string{without(old(0), "consumed"), old(100)}, "unknown: " + first},
		"and was declared":           {[]string{"# TYPE consumed_total counter\n", "# TYPE consumed_total counter\nconsumed_total 10000000\n"}, "unknown: " + first},
		"and is declared all along":  {[]string{"consumed_total 10000000\n", "# TYPE consumed_total counter\n", "consumed_total 10000200\n"}, "10"},
		"the page is empty now":      {[]string{old(0), old(100), ""}, "unknown: no pod exposes consumed_total"},
		"the page was empty":         {[]string{old(0), "", old(200)}, "10"},
		"the page ends early":        {[]string{old(0), old(100)[:20], old(200)}, "10"},
		"in the middle of a number":  {[]string{"consumed_total 10000000\n", "consumed_total 1000", "consumed_total 10000200\n"}, "10"},
		"in the middle, now":         {[]string{"consumed_total 10000000\n", "consumed_total 1000"}, "unknown: the page lacks what it had of consumed_total"},
		"in the middle, at first":    {[]string{"consumed_total 1000", "consumed_total 10000100\n", "consumed_total 10000200\n"}, "10"},
		"not a number now":           {[]string{"consumed_total 10000000\n", "consumed_total NaN\n"}, "unknown: consumed_total is not a counter"},
		"was not a number":           {[]string{"consumed_total 10000000\n", "consumed_total NaN\n", "consumed_total 10000200\n"}, "10"},
		"one of two is not a number": {[]string{"consumed_total{a=\"1\"} 500\nconsumed_total{a=\"2\"} 10000000\n", "consumed_total{a=\"1\"} 550\nconsumed_total{a=\"2\"} NaN\n"}, "5"},
		"infinity":                   {[]string{"consumed_total 10000000\n", "consumed_total +Inf\n", "consumed_total 10000200\n"}, "10"},
		"below zero":                 {[]string{"consumed_total 10000000\n", "consumed_total -1\n", "consumed_total 10000200\n"}, "10"},
		"a series comes late": {[]string{
			"consumed_total{partition=\"0\"} 100\n", "consumed_total{partition=\"0\"} 100\n", "consumed_total{partition=\"0\"} 100\n",
			"consumed_total{partition=\"0\"} 100\nconsumed_total{partition=\"1\"} 60\n"}, "2"},
		"comes late and shows what nobody can have done since": {[]string{
			"consumed_total{partition=\"0\"} 5000000\n", "consumed_total{partition=\"0\"} 5000050\n",
			"consumed_total{partition=\"0\"} 5000100\nconsumed_total{partition=\"1\"} 400000\n"}, "5"},
		"the same while the others rest": {[]string{
			"consumed_total{partition=\"0\"} 100\n", "consumed_total{partition=\"0\"} 100\n",
			"consumed_total{partition=\"0\"} 100\nconsumed_total{partition=\"1\"} 400000\n"}, "0"},
		"or was hidden at first": {[]string{
			"consumed_total{partition=\"0\"} 100\n", "consumed_total{partition=\"0\"} 150\nconsumed_total{partition=\"1\"} 400000\n"}, "5"},
		"everything else moves":   {[]string{"consumed_total{p=\"0\"} 9000000\n", "consumed_total{p=\"1\"} 8000000\n"}, "unknown: " + first},
		"a sum in another order":  {[]string{"consumed_total 1000000.3000000001\n", "consumed_total 1000000.3\n"}, "0"},
		"the runbook's labels go": {[]string{"consumed_total{a=\"1\"} 7\n", "# HELP consumed_total x\n"}, "unknown: no pod exposes consumed_total"},
		"page twice at one time":  {[]string{"consumed_total 5\nconsumed_total 7000000\n", "consumed_total 105\nconsumed_total 3\n"}, "10"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check(t, "throughput", looks(t, worker(), tt.pages...).Throughput, tt.want)
			})
		})
	}
}

// Only a start time, or a series that fell, proves that a process has begun anew.
func TestWhatProvesARestart(t *testing.T) { // T-19
	// synctest begins at the turn of the century.
	const now = 946684800
	page := func(consumed int, start float64) string {
		body := fmt.Sprintf("consumed_total %d\n", consumed)
		if start > 0 {
			body += fmt.Sprintf("process_start_time_seconds %.2f\n", start)
		}
		return body
	}
	for name, tt := range map[string]struct {
		pages []string
		want  string
	}{
		"it fell":                              {[]string{page(1000, 0), page(400, 0)}, "40"},
		"it fell, and says nothing of a start": {[]string{page(1000, now-500), page(400, now-500)}, "40"},
		"a new start, and overtook":            {[]string{page(1000, now-500), page(2000, now+5)}, "200"},
		"the first start that is told":         {[]string{page(1000, 0), page(2000, now+5)}, "200"},
		"an old start, told late":              {[]string{page(1000, 0), page(2000, now-500)}, "100"},
		"the start is not there":               {[]string{page(1000, now-500), page(2000, 0)}, "100"},
		"the start is back":                    {[]string{page(1000, now-500), page(2000, 0), page(3000, now-500)}, "100"},
		"another start is back":                {[]string{page(1000, now-500), page(1000, 0), page(3000, now+15)}, "150"},
		"the start trembles":                   {[]string{page(1000, now-500), page(2000, now-499.2), page(3000, now-500.1)}, "100"},
		"the machine's clock is behind":        {[]string{page(1000, now-500), page(2000, now-30)}, "200"},
		"a start that is no date":              {[]string{page(1000, 100), page(2000, 200)}, "200"},
		"two processes in turn": {[]string{page(10_000_000, now-900), page(9_000_000, now-500), page(10_000_100, now-900)},
			"unknown: processes that began at different times answer in turn, and their counters cannot be compared"},
		"the other process stays":   {[]string{page(10_000_000, now-900), page(9_000_000, now-500), page(9_000_100, now-500)}, "10"},
		"a start that is no number": {[]string{page(1000, now-500), "consumed_total 2000\nprocess_start_time_seconds NaN\n"}, "100"},
		"created anew":              {[]string{"consumed_total 1000\nconsumed_created 946684000\n", "consumed_total 2000\nconsumed_created 946684805\n"}, "200"},
		"created as before":         {[]string{"consumed_total 1000\nconsumed_created 946684000\n", "consumed_total 2000\nconsumed_created 946684000\n"}, "100"},
		"created by another":        {[]string{"consumed_total 1000\nconsumed_created 946684000\n", "consumed_total 9000\nconsumed_created 946684700\n"}, "unknown: this was the first look at the pods, and a rate needs two"},
		"created since":             {[]string{"consumed_total{p=\"0\"} 1000\n", "consumed_total{p=\"0\"} 1000\nconsumed_total{p=\"1\"} 500\nconsumed_created{p=\"1\"} 946684805\n"}, "50"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check(t, "throughput", looks(t, worker(), tt.pages...).Throughput, tt.want)
			})
		})
	}
}

func TestErrorsAreComparedByThemselves(t *testing.T) { // R-005, T-19
	synctest.Test(t, func(t *testing.T) {
		got := looks(t, worker(),
			"consumed_total 5000\nerrors_total{kind=\"timeout\",p=\"0\"} 900\nerrors_total{kind=\"timeout\",p=\"1\"} 500\n",
			"consumed_total 6000\nerrors_total{kind=\"timeout\",p=\"0\"} 901\n")
		check(t, "errors", got.Errors, "{Share:0.001 Timeouts:0.001 Kinds:map[timeout:0.1]}")
	})
}

// A pod whose page lacks its errors, or its messages, for once takes part in neither.
func TestErrorsAndMessagesOfTheSamePods(t *testing.T) {
	page := func(n int) string {
		return fmt.Sprintf("consumed_total %d\nerrors_total{kind=\"timeout\"} %d\n", n, n/100)
	}
	for name, tt := range map[string]struct{ first, second, want string }{
		"no messages for once":  {page(1000), without(page(2000), "consumed"), "{Share:0.01 Timeouts:0.01 Kinds:map[timeout:1]} (from 1 of 2 pods)"},
		"no errors for once":    {page(1000), without(page(2000), "errors"), "{Share:0.01 Timeouts:0.01 Kinds:map[timeout:1]} (from 1 of 2 pods)"},
		"never had an error":    {without(page(1000), "errors"), without(page(2000), "errors"), "{Share:0.005 Timeouts:0.005 Kinds:map[timeout:1]}"},
		"its first look at all": {"", page(2000), "{Share:0.01 Timeouts:0.01 Kinds:map[timeout:1]} (from 1 of 2 pods)"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fleet{pages: map[string]string{"a": page(5000), "b": tt.first}}
				s := newScraper(t, f)
				s.Signals(t.Context(), worker(), pods("a", "b"))
				time.Sleep(10 * time.Second)
				f.pages = map[string]string{"a": page(6000), "b": tt.second}
				check(t, "errors", s.Signals(t.Context(), worker(), pods("a", "b")).Errors, tt.want)
			})
		})
	}
}

// The histograms are compared as the counters are.
func TestAHistogramsGapIsAGap(t *testing.T) {
	n := 10_000_000
	for name, middle := range map[string]string{
		"no family":          without(grown(n+100), "latency_seconds"),
		"no buckets":         without(grown(n+100), "_bucket"),
		"one bucket missing": without(grown(n+100), `le="0.5"`),
		"counts fall":        strings.Replace(grown(n+100), `latency_seconds_bucket{le="0.5"}`, `latency_seconds_bucket{le="0.5"} 1`+"\n#", 1),
		"no number":          strings.Replace(grown(n+100), `latency_seconds_bucket{le="0.2"}`, `latency_seconds_bucket{le="0.2"} NaN`+"\n#", 1),
		"an empty page":      "",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := strings.NewReplacer(fmt.Sprintf("{le=\"0.2\"} %d", (n+200)*9/10), fmt.Sprintf("{le=\"0.2\"} %d", n*9/10)).Replace(grown(n + 200))
				got := looks(t, worker(), grown(n), middle, slow)
				// All of the 200 were slow; what came before them is not looked at again.
				check(t, "latency", got.Latency, "0.485")
			})
		})
	}
}

func TestHistogramsWithOtherBuckets(t *testing.T) {
	page := func(n int, bound string) string {
		return strings.ReplaceAll(grown(n), `le="0.5"`, `le="`+bound+`"`)
	}
	synctest.Test(t, func(t *testing.T) {
		check(t, "at once", looks(t, worker(), page(1000, "0.5"), page(2000, "0.8")).Latency, "unknown: latency_seconds has other buckets than before")
		check(t, "once more", looks(t, worker(), page(1000, "0.5"), page(2000, "0.8"), page(3000, "0.8"), page(4000, "0.8")).Latency, "0.5")
		mixed := grown(100) + "latency_seconds_bucket{p=\"1\",le=\"7\"} 3\nlatency_seconds_bucket{p=\"1\",le=\"+Inf\"} 3\n"
		check(t, "within one page", looks(t, worker(), mixed).Latency, "unknown: latency_seconds has samples with different buckets")
	})
}

// A gap that is longer than the window is no longer compared over.
func TestALongGapBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{pages: map[string]string{"a": grown(1000)}}
		s := newScraper(t, f)
		s.Signals(t.Context(), worker(), pods("a"))
		for range 31 {
			time.Sleep(10 * time.Second)
			f.pages["a"] = ""
			s.Signals(t.Context(), worker(), pods("a"))
		}
		f.pages["a"] = grown(1_000_000)
		time.Sleep(10 * time.Second)
		check(t, "back", s.Signals(t.Context(), worker(), pods("a")).Throughput, "unknown: this was the first look at the pods, and a rate needs two")
		f.pages["a"] = grown(1_001_000)
		time.Sleep(10 * time.Second)
		check(t, "once more", s.Signals(t.Context(), worker(), pods("a")).Throughput, "100")
	})
}

// A series that was away for longer than the window is not new when it is back.
func TestASeriesThatWasAwayForLongIsNotNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{pages: map[string]string{"a": "consumed_total{p=\"0\"} 5\nconsumed_total{p=\"1\"} 400000\n"}}
		s := newScraper(t, f)
		s.Signals(t.Context(), worker(), pods("a"))
		for range 40 {
			time.Sleep(10 * time.Second)
			f.pages["a"] = "consumed_total{p=\"0\"} 5\n"
			s.Signals(t.Context(), worker(), pods("a"))
		}
		time.Sleep(10 * time.Second)
		f.pages["a"] = "consumed_total{p=\"0\"} 5\nconsumed_total{p=\"1\"} 400010\n"
		check(t, "back", s.Signals(t.Context(), worker(), pods("a")).Throughput, "0")
	})
}

// One of many pods that restarts, or lacks a page, does not disturb the others.
func TestOnePodAmongMany(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}
	for name, tt := range map[string]struct{ odd, want string }{
		"fell":         {"consumed_total 50\n", "85"},
		"lacks it":     {"writes_total 5\n", "at least 80 (from 8 of 9 pods)"},
		"empty":        {"", "at least 80 (from 8 of 9 pods)"},
		"no number":    {"consumed_total NaN\n", "at least 80 (from 8 of 9 pods)"},
		"cut":          {"consumed_total 1", "at least 80 (from 8 of 9 pods)"},
		"like before":  {"consumed_total 10000000\n", "80"},
		"not readable": {"<html>\n", `at least 80 (8 of 9 pods answered: c serves no readable metrics page: line 1: expected a valid start token, got "<" ("INVALID") while parsing: "<")`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fleet{pages: map[string]string{}}
				s := newScraper(t, f)
				for _, pod := range names {
					f.pages[pod] = "consumed_total 10000000\n"
				}
				s.Signals(t.Context(), worker(), pods(names...))
				time.Sleep(10 * time.Second)
				for _, pod := range names {
					f.pages[pod] = "consumed_total 10000100\n"
				}
				f.pages["c"] = tt.odd
				check(t, "throughput", s.Signals(t.Context(), worker(), pods(names...)).Throughput, tt.want)
			})
		})
	}
}
