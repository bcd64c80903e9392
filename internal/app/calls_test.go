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

// What a change and an idle minute may cost. While every step read everything of a component, a
// change read Kubernetes 386 times (659 times before that) and made 18 calls to Slack, and an
// idle minute made 45 calls to Kubernetes: 29 for the lease, 7 for what is stored, 9 for the
// samples of two components.
const (
	mostReads = 65
	mostSlack = 18
	mostIdle  = 45.0 / 2
)

// What one change costs, from the command to the report after an hour, beside what the bot
// asks anyway: one write of the count, one post for the card and one for each report, and
// a bounded number of everything else.
func TestCallsOfOneChange(t *testing.T) {
	const span = time.Hour + 10*time.Minute
	synctest.Test(t, func(t *testing.T) {
		w := newChaosWorld(t, &script{replicas: 1, skews: []time.Duration{0}, slow: 20 * time.Second, hours: true})
		defer w.close()
		w.diary.verbose = true // so that it notes every call.
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
		reads, slack, quiet := 0, 0, 0
		for _, name := range slices.Sorted(maps.Keys(busy)) {
			more := busy[name] - idle[name]
			quiet += idle[name]
			t.Logf("%4d idle, %+4d for the change: %s", idle[name], more, name)
			switch {
			case strings.HasPrefix(name, "slack"):
				slack += more
			case strings.HasPrefix(name, "kube GET"), strings.HasPrefix(name, "kube LIST"):
				// A list now and then falls on one side of the hour or the other.
				reads += max(more, 0)
			}
		}
		minute := float64(quiet) / span.Minutes()
		t.Logf("the change reads Kubernetes %d times and makes %d calls to Slack; an idle minute makes %.1f calls", reads, slack, minute)
		for name, want := range map[string]int{
			"kube PUT deployments/scale": 1, "kube POST scalingoperations": 1, "slack chat.postMessage": 4, "kube GET scalingepisodes": 0,
			"slack usergroups.list": 1, "slack usergroups.users.list": 1,
		} {
			if got := busy[name] - idle[name]; got != want {
				t.Errorf("%s: got %d, want %d", name, got, want)
			}
		}
		if reads > mostReads || slack > mostSlack {
			t.Errorf("got %d reads of Kubernetes and %d calls to Slack, want at most %d and %d", reads, slack, mostReads, mostSlack)
		}
		if minute > mostIdle {
			t.Errorf("an idle minute makes %.1f calls, want at most %.1f", minute, mostIdle)
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
