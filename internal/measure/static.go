package measure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// waiting counts the members that are gone and still own partitions, and those partitions. Nobody
// reads them until the group removes the members.
func (c Consumers) waiting() (members, partitions int) {
	for _, m := range c.Leaving {
		if m.Gone && m.Owns > 0 {
			members, partitions = members+1, partitions+m.Owns
		}
	}
	return members, partitions
}

// staticSurplus is how many static members are too many after a scale-down, where members cannot
// be matched with pods. Those that left may still be listed, because their partitions stay
// assigned for the session time-out (KIP-345). It is zero when the surplus exceeds the
// static members, or the members of the removed pods: it then has another cause.
func (c Consumers) staticSurplus(from, to, perPod int) int {
	if c.Matched || to >= from {
		return 0
	}
	static := 0
	for _, m := range c.Own {
		if m.Instance != "" {
			static++
		}
	}
	surplus := len(c.Own) - to*perPod
	if surplus <= 0 || surplus > static || surplus > (from-to)*perPod {
		return 0
	}
	return surplus
}

// ForTheGone says what a change from one count to another waits for when partitions are still
// assigned to members that are gone, and until when; empty when there are none.
func (c Consumers) ForTheGone(from, to, perPod int) string {
	if c.staticSurplus(from, to, perPod) > 0 {
		return fmt.Sprintf("%s for %s: static members (group.instance.id) that have gone keep their partitions until %s",
			scale.Several(len(c.Own), "member"), scale.Several(to, "pod"), c.Session)
	}
	return c.Waits()
}

// Waits says whose partitions are still assigned to members that are gone, and until when; empty
// when there are none.
func (c Consumers) Waits() string {
	if members, _ := c.waiting(); members > 0 {
		return strings.TrimPrefix(c.LeavingClause(), "; ")
	}
	return ""
}

// Unattended says that partitions do not advance because their owners are static members that run
// on none of the component's pods. Until the session times out nobody reads them, although the
// group looks stable. It is empty when one of the partitions has another owner.
func (v Case) Unattended() string {
	consumers, known := v.ConsumersNow.Get()
	if !known || len(v.Stalled) == 0 {
		return ""
	}
	var names []string
	for _, p := range v.Stalled {
		m, away := consumers.awayOwner(p)
		if !away {
			return ""
		}
		names = scale.AppendNew(names, scale.FirstOf(m.Instance, m.ID))
	}
	return fmt.Sprintf("%s to %s, static and on no pod that is there: whoever is gone keeps what it owns until %s",
		scale.Verb(len(v.Stalled), "it belongs", "they belong"), scale.List(names, 3), consumers.Session)
}

// awayOwner is the owner of a partition if it is a member that is gone, or a static one that runs
// on none of the pods.
func (c Consumers) awayOwner(p scale.PartitionLag) (Consumer, bool) {
	for _, members := range [][]Consumer{c.Leaving, c.Elsewhere} {
		for _, m := range members {
			if slices.Contains(m.Partitions[p.Topic], p.Partition) {
				return m, m.Gone || m.Pod == "" && m.Instance != ""
			}
		}
	}
	return Consumer{}, false
}

// Static reports whether partitions stay assigned to members that leave until a session time-out
// (group.instance.id, KIP-345).
func (c Consumers) Static() bool {
	for _, m := range c.Own {
		if m.Instance != "" {
			return true
		}
	}
	return false
}

// session is the time after which a group removes a member that no longer sends heartbeats, and
// reassigns the partitions of a static member that left.
type session struct {
	length time.Duration
	// source is where the length comes from, as a phrase that follows it.
	source string
	// left is the least time still to wait; zero when it is not known, or over.
	left time.Duration
}

// EnvSession is the variable with which the runbook's workers set their session time-out, in
// milliseconds. It is an int32, as in every consumer.
const EnvSession = "KAFKA_SESSION_TIMEOUT_MS"

// defaultSession is the time-out of consumers since Kafka 3.0 (KIP-735), and of the groups
// whose time-out the broker sets.
const defaultSession = 45 * time.Second

// sessionOf is the session time-out of a group: that of the members in a classic group, that of
// the broker in the others (KIP-848, KIP-932, KIP-1071), whose describe response does not include
// it.
func sessionOf(g scale.Group, w scale.Workload) session {
	switch g.Type {
	case scale.GroupConsumer, scale.GroupShare, scale.GroupStreams:
		return session{length: defaultSession, source: "unless the broker's group setting says otherwise"}
	case scale.GroupClassic:
	}
	if ms, set := scale.Number(w.Env, EnvSession); set && ms > 0 && ms <= math.MaxInt32 {
		return session{length: time.Duration(ms) * time.Millisecond, source: "by " + EnvSession}
	}
	return session{length: defaultSession, source: "unless it was set otherwise"}
}

// Since counts the time-out from a moment at which the members were still there. It cannot end
// earlier than that.
func (s session) Since(alive, now time.Time) session {
	if !alive.IsZero() {
		s.left = max(0, alive.Add(s.length).Sub(now))
	}
	return s
}

// String says when the waiting ends: "the session time-out ends, 30 s by
// KAFKA_SESSION_TIMEOUT_MS, in at least 12 s".
func (s session) String() string {
	text := fmt.Sprintf("the session time-out ends, %s %s", scale.Span(s.length), s.source)
	if s.left >= time.Second {
		text += ", in at least " + scale.Span(s.left)
	}
	return text
}
