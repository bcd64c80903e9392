package scale

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// named gives every member the name of its pod as its group.instance.id, and no address.
func (w *world) named() *world {
	for i := range w.s.Group.Value.Members {
		m := &w.s.Group.Value.Members[i]
		m.Instance, m.Host = "download-worker-"+strings.TrimPrefix(m.Host, "10.0.0."), ""
	}
	return w
}

// T-36 after 11 → 9: the static members of two pods keep 4 of 24 partitions for a session
// time-out. The classic group looks stable with all eleven, one of KIP-848 reconciles and
// lists the two under epoch -2. The change is done when somebody reads those partitions.
func TestStaticMembersThatHaveGoneHoldAScaleDownUp(t *testing.T) {
	for name, edit := range map[string]func(*Group){
		"classic": func(*Group) {},
		"KIP-848": func(g *Group) {
			g.Type, g.State = GroupConsumer, "Reconciling"
			g.Members[9].Epoch, g.Members[10].Epoch = -2, -2
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := calmWorld().workers(11).consumers(each(11, 1)...).named()
			op := operation(before, 9)
			op.Before.Workload, op.Before.Group = before.s.Workload, before.s.Group
			look := func(after time.Duration, members int) Settlement {
				now := calmWorld().workers(9).consumers(each(members, 1)...).named()
				now.s.At = start.Add(after)
				now.s.Group.At, now.s.Workload.At, now.s.Lag.At = now.s.At, now.s.At, now.s.At
				if members == 11 {
					edit(&now.s.Group.Value)
				}
				s := Settle(op, testPolicy(), now.s)
				op.Rollout = s.Rollout
				return s
			}
			for _, after := range []time.Duration{time.Second, 40 * time.Second, 3 * time.Minute} {
				s := look(after, 11)
				if s.Done || s.Rollout.Now.Members != 9 {
					t.Errorf("%s: got done %v with %d members, want 9 that wait", after, s.Done, s.Rollout.Now.Members)
				}
				if text, left := strings.Join(s.Rollout.Troubles, "\n"), "in at least 5 s"; strings.Contains(text, left) != (after == 40*time.Second) {
					t.Errorf("%s after the write: got %q, want %q while the session of 45 s still runs", after, text, left)
				}
				wantText(t, "whose wait", strings.Join(s.Rollout.Troubles, "\n"), "4 partitions of 2 members that are gone wait until the session time-out ends, 45 s")
			}
			if s := look(200*time.Second, 9); !s.Done || len(s.Rollout.Troubles) != 0 {
				t.Errorf("others have taken them: got done %v, %q", s.Done, s.Rollout.Troubles)
			}
		})
	}
}

func TestScaleDownOfStaticMembersWarnsBefore(t *testing.T) {
	w := calmWorld().workers(9).consumers(each(9, 1)...).named()
	wantText(t, "the card", strings.Join(w.plan(8, "").Warnings, "\n"), "static members (group.instance.id)", "45 s")
	if text := strings.Join(w.plan(12, "").Warnings, "\n"); strings.Contains(text, "static") {
		t.Errorf("up: got %q, want no word of it", text)
	}
	if text := strings.Join(calmWorld().workers(9).plan(8, "").Warnings, "\n"); strings.Contains(text, "static") {
		t.Errorf("no static members: got %q, want no word of it", text)
	}
}

// KIP-345: until when the partitions of those that went wait is what the workers set, in a
// classic group; the other groups have their time-out from the broker.
func TestSessionTimeoutIsTheGroupsOwn(t *testing.T) {
	for _, c := range []struct {
		group GroupType
		env   string
		want  string
	}{
		{GroupClassic, "", "45 s unless it was set otherwise"},
		{GroupClassic, "30000", "30 s by KAFKA_SESSION_TIMEOUT_MS"},
		{"", "30000", "30 s by KAFKA_SESSION_TIMEOUT_MS"},
		{GroupClassic, "9223372036854775807", "45 s unless it was set otherwise"},
		{GroupClassic, "2147483648", "45 s unless it was set otherwise"},
		{GroupClassic, "soon", "45 s unless it was set otherwise"},
		{GroupClassic, "0", "45 s unless it was set otherwise"},
		{GroupConsumer, "30000", "45 s unless the broker's group setting says otherwise"},
		{GroupStreams, "", "45 s unless the broker's group setting says otherwise"},
	} {
		w := calmWorld().workers(9).consumers(each(9, 1)...).named()
		w.s.Group.Value.Type, w.s.Workload.Value.Env = c.group, map[string]string{envSession: c.env}
		wantText(t, fmt.Sprintf("%s %q", c.group, c.env), strings.Join(w.plan(8, "").Warnings, "\n"), c.want)
	}
}

// Kafka's consumers of the newer protocols refuse to start with session.timeout.ms.
func TestR134AdviceFitsTheProtocol(t *testing.T) {
	for kind, want := range map[GroupType]string{
		GroupClassic: "KAFKA_SESSION_TIMEOUT_MS is not set", "": "KAFKA_SESSION_TIMEOUT_MS is not set",
		GroupConsumer: "its group setting consumer.session.timeout.ms, 45 to 60 s",
		GroupStreams:  "its group setting streams.session.timeout.ms, 45 to 60 s",
	} {
		w := calmWorld()
		w.s.Group.Value.Type, w.s.Group.Value.State = kind, "PreparingRebalance"
		w.s.Group.Value.RebalancingSince = w.s.At.Add(-3 * time.Minute)
		text := strings.Join(Diagnose(w.Component, w.Policy, w.s, w.past).Next, "\n")
		wantText(t, fmt.Sprintf("%q", kind), text, want)
		if kind == GroupConsumer && strings.Contains(text, "SESSION_TIMEOUT") {
			t.Errorf("%s: got %q, want no client setting", kind, text)
		}
	}
}
