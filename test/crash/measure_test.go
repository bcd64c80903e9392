package crash

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/kube/kubetest"
	"github.com/scalebot/scalebot/internal/ledger"
)

// report reports the middle and the worst of some times in seconds.
func report(b *testing.B, name string, all []time.Duration) {
	slices.Sort(all)
	b.ReportMetric(all[len(all)/2].Seconds(), name+"-p50-s")
	b.ReportMetric(all[len(all)-1].Seconds(), name+"-max-s")
}

// leaderOf returns the replica that leads and the other one.
func (w *world) leaderOf(replicas []*replica) (leader, other *replica) {
	w.Helper()
	w.until(takeover, "a replica to lead", func() bool {
		at := slices.IndexFunc(replicas, (*replica).leads)
		if at >= 0 {
			leader, other = replicas[at], replicas[1-at]
		}
		return at >= 0
	})
	return leader, other
}

// propose asks for a change, and returns its card.
func (w *world) propose(component string, to int) (id string, card message) {
	w.Helper()
	recent, err := w.store.Newest(w.Context(), component, 1)
	if err != nil {
		w.Fatal(err)
	}
	id = ledger.OperationID(component, 1)
	if len(recent) > 0 {
		id = ledger.OperationID(component, recent[0].Number+1)
	}
	if err := w.slash(carl, incident, fmt.Sprintf("%s %d because it is measured", component, to)); err != nil {
		w.Fatal(err)
	}
	w.until(patience, "the card of "+id, func() bool { return len(w.cards(incident, id)) == 1 })
	return id, w.cards(incident, id)[0]
}

// settled waits until the change is over.
func (w *world) settled(id string) {
	w.Helper()
	w.until(takeover, id+" to settle", func() bool { return w.operation(id).State() == ledger.Watching })
}

// BenchmarkFailover measures how long a change waits when the leader is killed between
// its approval and its write, and how long nobody leads when the leader is stopped.
//
// A killed leader's lease is in the way for 15 s from its last renewal, which was up to
// 2 s ago; another replica looks every 2 to 4.4 s. A stopped leader gives it back.
func BenchmarkFailover(b *testing.B) {
	w := newWorld(b)
	replicas := []*replica{w.start(), w.start()}
	var killed, stopped []time.Duration
	to := 4
	for b.Loop() {
		id, card := w.propose("event-ingester", to)
		leader, other := w.leaderOf(replicas)
		onItsWay := w.cluster.hold(before, scalePath("event-ingester"))
		done := len(w.cluster.writes(scalePath("event-ingester")))
		if err := w.press(ben, card, "approve"); err != nil {
			b.Fatal(err)
		}
		w.held("the write", onItsWay)
		at := w.kill(leader)
		w.until(takeover, "the other to write", func() bool { return len(w.cluster.writes(scalePath("event-ingester"))) > done })
		killed = append(killed, w.cluster.writes(scalePath("event-ingester"))[done].at.Sub(at))
		w.settled(id)
		to = 7 - to // there and back.

		replicas = []*replica{other, w.start()}
		leader, other = w.leaderOf(replicas)
		at = time.Now()
		gone := make(chan struct{})
		go func() { defer close(gone); leader.stop(b) }()
		w.until(takeover, "the other to lead", other.leads)
		stopped = append(stopped, time.Since(at))
		<-gone
		replicas = []*replica{other, w.start()}
	}
	report(b, "killed", killed)
	report(b, "stopped", stopped)
}

// idle is how long the calls without any change are counted.
const idle = 30 * time.Second

// BenchmarkOperation counts the calls to the API server that one change costs, from the
// command to the last report, beside those that are made anyway, and shows what the
// program's memory is before and after. The reports are made to fall due by ageing the
// operation, so that their hour costs nothing that is not theirs.
func BenchmarkOperation(b *testing.B) {
	w := newWorld(b)
	r := w.start()
	w.until(patience, "the replica to lead", r.leads)
	before, from := w.api.Counts(), time.Now()
	time.Sleep(idle)
	anyway := per(w.api.Counts(), before, time.Since(from))
	resident := r.resident(b)
	before, from = w.api.Counts(), time.Now()
	to, n := 4, 0
	for b.Loop() {
		id, card := w.propose("event-ingester", to)
		if err := w.press(ben, card, "approve"); err != nil {
			b.Fatal(err)
		}
		w.settled(id)
		w.age(id, 70*time.Minute)
		w.until(patience, id+" to be done", func() bool { return w.operation(id).State() == ledger.Done })
		to, n = 7-to, n+1
	}
	took := time.Since(from)
	all := per(w.api.Counts(), before, took)
	b.Logf("%-55s %12s %12s", "call", "idle, a min", "one change")
	var idly, each float64
	for _, c := range slices.SortedFunc(maps.Keys(all), compareCalls) {
		change := (all[c] - anyway[c]) * took.Minutes() / float64(n)
		idly, each = idly+anyway[c], each+change
		b.Logf("%-55s %12.1f %12.1f", c.Verb+" "+strings.TrimSuffix(c.Resource+"."+c.Group, "."), anyway[c], change)
	}
	b.ReportMetric(idly, "idle-calls/min")
	b.ReportMetric(each, "calls/op")
	b.ReportMetric(resident, "MiB-idle")
	b.ReportMetric(r.resident(b), "MiB-after")
}

// per is how many more calls were made, a minute.
func per(now, before map[kubetest.Call]int, in time.Duration) map[kubetest.Call]float64 {
	more := map[kubetest.Call]float64{}
	for c, n := range now {
		more[c] = float64(n-before[c]) / in.Minutes()
	}
	return more
}

func compareCalls(a, b kubetest.Call) int {
	return slices.Compare([]string{a.Group, a.Resource, a.Verb}, []string{b.Group, b.Resource, b.Verb})
}

// resident is how much of the program's memory is resident, in MiB.
func (r *replica) resident(b *testing.B) float64 {
	b.Helper()
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		b.Skipf("resident memory is read from /proc: %v", err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) == 3 && words[0] == "VmRSS:" {
			kib, err := strconv.ParseFloat(words[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib / 1024
		}
	}
	b.Fatalf("there is no VmRSS in %s", file.Name())
	return 0
}
