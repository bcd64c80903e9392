package crash

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

// change is one of the changes the leader is killed in.
type change struct {
	component string
	to        string
	channel   string
}

var changes = []change{
	{"download-worker", "9", incident},
	{"event-ingester", "4", incident},
	{"result-processor", "3", general},
}

func (c change) id() string { return c.component + "-1" }

// TestKilledLeader kills the leader twice with SIGKILL while another replica runs. The first
// time three approved changes are held on their way: one before its write, one after its
// write took effect, one before its intent is stored. The second time their reports are
// due: one is held before Slack has it, one after. Each change has exactly one effect,
// each report is posted exactly once and marked late, and the cards show what is stored.
func TestKilledLeader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leader := w.start()
	w.until(patience, "the first replica to lead", leader.leads)
	standby := w.start()
	for _, c := range changes {
		if err := w.slash(carl, c.channel, c.component+" "+c.to+" because of the test"); err != nil {
			t.Fatal(err)
		}
		w.until(patience, "the card of "+c.id(), func() bool { return len(w.cards(c.channel, c.id())) == 1 })
	}
	held := []*hold{
		w.cluster.hold(before, scalePath("download-worker")),
		w.cluster.hold(after, scalePath("event-ingester")),
		w.cluster.hold(before, "/scalingoperations/result-processor-1", `"state":"applying"`),
	}
	for _, c := range changes {
		if err := w.press(ben, w.cards(c.channel, c.id())[0], "approve"); err != nil {
			t.Fatal(err)
		}
	}
	for i, h := range held {
		w.held("the change of "+changes[i].component+" on its way", h)
	}
	killed := w.kill(leader)
	for c, want := range map[string]int{"download-worker": 6, "event-ingester": 4, "result-processor": 2} {
		if got := w.replicas(c); got != want {
			t.Errorf("%s has %d replicas at the kill, want %d", c, got, want)
		}
	}
	third := w.start()
	w.until(takeover, "another replica to act", func() bool { return len(w.cluster.writes(scalePath("download-worker"))) > 0 })
	t.Logf("another replica wrote %.1f s after the leader was killed", w.cluster.writes(scalePath("download-worker"))[0].at.Sub(killed).Seconds())
	w.reach(ledger.Watching, patience)
	w.wantOneEffect()

	reports := []*hold{
		w.slack.hold(before, "/chat.postMessage", "download-worker-1", "report-0"),
		w.slack.hold(after, "/chat.postMessage", "result-processor-1", "report-0"),
	}
	for _, c := range changes {
		w.age(c.id(), 70*time.Minute)
	}
	for _, h := range reports {
		w.held("a report on its way to Slack", h)
	}
	last := third
	if third.leads() {
		last, standby = standby, third
	}
	w.kill(standby)
	if n := len(w.reports(w.cards(general, "result-processor-1")[0])); n != 1 {
		t.Errorf("Slack has %d reports whose answer was lost, want 1", n)
	}
	if at := w.operation("result-processor-1").Reports[0].Posted; !at.IsZero() {
		t.Errorf("the report is recorded at %v, want that the kill came first", at)
	}
	w.reach(ledger.Done, takeover)
	w.wantOneEffect()
	for _, c := range changes {
		w.wantReports(c)
	}
	if last.stop(t); len(w.cards(incident, "download-worker-1")) != 1 {
		t.Error("stopping posted another card")
	}
}

// kill kills a leader and lets everything pass again.
func (w *world) kill(r *replica) time.Time {
	w.Helper()
	if !r.leads() {
		w.Fatal("the replica to be killed does not lead")
	}
	at := time.Now()
	r.kill()
	w.cluster.lift()
	w.slack.lift()
	return at
}

// reach waits until all changes are in a state.
func (w *world) reach(s ledger.State, limit time.Duration) {
	w.Helper()
	for _, c := range changes {
		w.until(limit, c.id()+" to be "+string(s), func() bool { return w.operation(c.id()).State() == s })
	}
}

// wantOneEffect checks that every change was written exactly once, and stays.
func (w *world) wantOneEffect() {
	w.Helper()
	for _, c := range changes {
		op := w.operation(c.id())
		_, to := op.Change().Ends()
		if got := w.replicas(c.component); got != to {
			w.Errorf("%s has %d replicas, want %v", c.component, got, to)
		}
		if got := len(w.cluster.writes(scalePath(c.component))); got != 1 {
			w.Errorf("%s was written %d times, want once", c.component, got)
		}
	}
}

// wantReports checks the reports and the card of a change that is done.
func (w *world) wantReports(c change) {
	w.Helper()
	op := w.operation(c.id())
	want := cards.DrawOperation(op).Text
	w.until(patience, "the card of "+c.id()+" to be right", func() bool {
		cards := w.cards(c.channel, c.id())
		return len(cards) == 1 && cards[0].Text == want
	})
	posted := w.reports(w.cards(c.channel, c.id())[0])
	if len(posted) != len(op.Reports) || len(op.Reports) != 3 {
		w.Errorf("%s has %d reports in Slack, want 3", c.id(), len(posted))
	}
	seen := map[string]bool{}
	for _, m := range posted {
		seen[m.TS] = true
		if !m.says("late:") {
			w.Errorf("a report does not say that it is late: %s", m.Text)
		}
	}
	for _, r := range op.Reports {
		if !r.Late || !seen[r.Posted.TS] {
			w.Errorf("the report %s is late %v at %v, want it late and in the thread", r.Horizon, r.Late, r.Posted)
		}
	}
}
