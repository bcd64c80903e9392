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

// Kafka's consumers of the newer protocols refuse to start with session.timeout.ms.
func TestR134AdviceFitsTheProtocol(t *testing.T) {
	for kind, want := range map[scale.GroupType]string{
		scale.GroupClassic: "KAFKA_SESSION_TIMEOUT_MS is not set", "": "KAFKA_SESSION_TIMEOUT_MS is not set",
		scale.GroupConsumer: "its group setting consumer.session.timeout.ms, 45 to 60 s",
		scale.GroupStreams:  "its group setting streams.session.timeout.ms, 45 to 60 s",
	} {
		w := measuretest.CalmWorld()
		w.Now.Group.Value.Type, w.Now.Group.Value.State = kind, "PreparingRebalance"
		w.Now.Group.Value.RebalancingSince = w.Now.At.Add(-3 * time.Minute)
		text := strings.Join(Diagnose(w.Component, w.Policy, w.Now, w.Past).Next, "\n")
		scaletest.WantText(t, fmt.Sprintf("%q", kind), text, want)
		if kind == scale.GroupConsumer && strings.Contains(text, "SESSION_TIMEOUT") {
			t.Errorf("%s: got %q, want no client setting", kind, text)
		}
	}
}

// KIP-345: partitions of a static member whose pod is gone stand still in a classic group that
// looks stable. No record is to blame.
func TestT33APartitionOfAStaticMemberThatIsGone(t *testing.T) {
	const record = "find the record that is retried there"
	world := func(pods int) *measuretest.World {
		w := measuretest.Poisoned(60_000).Workers(pods).Consumers(measuretest.Each(8, 1)...).Named()
		w.Now.Workload.Value.Env["KAFKA_SESSION_TIMEOUT_MS"] = "300000"
		return w
	}
	w := world(7)
	d := Diagnose(w.Component, w.Policy, w.Now, w.Past)
	check := measuretest.WantCheck(t, d.Findings, "T-33", scale.Fail)
	scaletest.WantText(t, "gone", check.Note, "it belongs to download-worker-7, static and on no pod that is there", "the session time-out ends, 5 min by KAFKA_SESSION_TIMEOUT_MS")
	scaletest.WantText(t, "its first step", d.Next[0], "start the missing worker again under its group.instance.id")
	v := newView(w.Component, w.Policy, w.Now, w.Past)
	if why := v.StalledVeto(); !strings.Contains(why, "download-worker-7") || strings.Contains(why, "gets past one record") {
		t.Errorf("the veto: got %q, want the member that is gone", why)
	}
	w = world(8)
	d = Diagnose(w.Component, w.Policy, w.Now, w.Past)
	scaletest.WantText(t, "there", d.Next[0], record)
}

// A group of KIP-848 says itself that a static member has left, and reconciles until its
// session ends: that is no rebalance to search logs for.
func TestR133AStaticMemberThatHasLeft(t *testing.T) {
	w := measuretest.CalmWorld().Workers(8).Consumers(measuretest.Each(8, 1)...).Named()
	g := &w.Now.Group.Value
	g.Type, g.State, g.RebalancingSince = scale.GroupConsumer, "Reconciling", w.Now.At.Add(-3*time.Minute)
	g.Members[7].Epoch = -2
	d := Diagnose(w.Component, w.Policy, w.Now, w.Past)
	text := strings.Join(d.Next, "\n")
	scaletest.WantText(t, "the headline", d.Headline, "3 partitions of 1 member that is gone wait until the session time-out ends, 45 s")
	if strings.Contains(text, "rebalance timeouts") || !strings.Contains(text, "group.instance.id") {
		t.Errorf("got %q, want nothing of logs", text)
	}
}
