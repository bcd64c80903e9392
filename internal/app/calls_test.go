package app_test

import (
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What one change costs, from the command to the report after an hour, beside what the bot
// asks anyway: one write of the count, one post for the card and one for each report, and
// a bounded number of everything else (issue 3, measured).
func TestCallsOfOneChange(t *testing.T) {
	const span = time.Hour + 10*time.Minute
	synctest.Test(t, func(t *testing.T) {
		w := newChaosWorld(t, &script{replicas: 1, skews: []time.Duration{0}, slow: 20 * time.Second, hours: true})
		defer w.close()
		w.diary.loud = true // so that it notes every call.
		w.replicas = []*replica{{world: w, name: "scalebot-1", random: rand.New(rand.NewPCG(1, 1))}}
		w.replicas[0].start()
		defer w.replicas[0].quit()
		time.Sleep(10 * time.Minute)
		w.calls()
		time.Sleep(span)
		idle := w.calls()
		began := time.Now()
		w.acts("slash", map[string]any{"user": "U0CARL", "channel": "C0INCIDENT", "text": "download-worker 8"})
		time.Sleep(10 * time.Second)
		w.clicks("approve", "U0ANA")
		w.people.Wait()
		time.Sleep(time.Until(began.Add(span)))
		busy := w.calls()
		w.check()
		if len(w.ledger.violations) > 0 || !w.ledger.final() {
			t.Fatalf("the change did not end well: %q", w.ledger.violations)
		}
		kubernetes, slack := 0, 0
		for _, name := range slices.Sorted(maps.Keys(busy)) {
			more := busy[name] - idle[name]
			t.Logf("%4d idle, %+4d for the change: %s", idle[name], more, name)
			if strings.HasPrefix(name, "kube") {
				kubernetes += more
			} else {
				slack += more
			}
		}
		t.Logf("%d calls to Kubernetes and %d to Slack for the change", kubernetes, slack)
		for name, want := range map[string]int{
			"kube PUT deployments/scale": 1, "kube POST scalingoperations": 1, "slack chat.postMessage": 4, "kube GET scalingepisodes": 0,
		} {
			if got := busy[name] - idle[name]; got != want {
				t.Errorf("%s: got %d, want %d", name, got, want)
			}
		}
		if kubernetes > 900 || slack > 25 {
			t.Errorf("got %d calls to Kubernetes and %d to Slack, want at most 900 and 25", kubernetes, slack)
		}
		if lists := idle["kube LIST scalingoperations"]; lists > int(span/(8*time.Second)) {
			t.Errorf("what is stored was listed %d times while nothing happened, want at most every 8 s", lists)
		}
	})
}

// noted is a call in the diary: the system, and what was called.
var noted = regexp.MustCompile(`(?m) scalebot-1 (kube|slack) (.*): \d{3} $`)

// calls counts the calls that were noted since it was asked last, by system and kind.
func (w *chaosWorld) calls() map[string]int {
	w.diary.mu.Lock()
	defer w.diary.mu.Unlock()
	counts := map[string]int{}
	for _, call := range noted.FindAllStringSubmatch(w.diary.text.String(), -1) {
		counts[call[1]+" "+unnamed(call[2])]++
	}
	w.diary.text.Reset()
	return counts
}

// unnamed is a call to the API server without the object's name and namespace.
func unnamed(call string) string {
	verb, path, ok := strings.Cut(call, " ")
	if !ok {
		return call
	}
	parts := strings.Split(strings.TrimPrefix(path, "namespaces/"+chaosNamespace+"/"), "/")
	switch {
	case strings.HasPrefix(path, "/"):
		return call
	case len(parts) == 1 && verb == "GET":
		verb = "LIST"
	case len(parts) > 2:
		parts[0] += "/" + parts[2]
	}
	return verb + " " + parts[0]
}
