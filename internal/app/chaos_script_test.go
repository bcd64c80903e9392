package app_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// script is everything that is decided by a seed before anything runs: who does what and
// when, and what goes wrong. Which call a fault hits follows from the order in which the
// goroutines run, which no seed decides.
type script struct {
	seed     uint64
	replicas int
	skews    []time.Duration
	// slow is how long new pods take to be ready.
	slow time.Duration
	// hours plays the runbook's own times, and not the short ones.
	hours bool
	steps []step
}

// step is one thing that happens.
type step struct {
	at   time.Duration
	what string
	do   func(*chaosWorld)
}

// The acts of a play: the replicas start, then people and faults have their time, and
// then it is quiet.
const (
	chaosFrom = 15 * time.Second
	chaosTo   = 6 * time.Minute
)

var (
	chaosPeople     = []string{"U0ANA", "U0ANA", "U0ANA", "U0BEN", "U0BEN", "U0BEN", "U0CARL", "U0CARL", "U0GINA", "U0EVE", "U0DAN"}
	chaosAskers     = []string{"U0ANA", "U0ANA", "U0BEN", "U0BEN", "U0CARL", "U0CARL", "U0CARL", "U0GINA", "U0EVE"}
	chaosComponents = []string{"download-worker", "download-worker", "event-ingester"}
)

func (s *script) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %d replicas, clocks off by %v, pods ready after %v, hours %v\n", s.seed, s.replicas, s.skews, s.slow, s.hours)
	for _, one := range s.steps {
		fmt.Fprintf(&b, "  %8s  %s\n", one.at, one.what)
	}
	return b.String()
}

// writer makes up a script.
type writer struct {
	*rand.Rand
	script *script
}

// newScript is the script of a seed; the same seed always gives the same script.
func newScript(seed uint64) *script {
	w := &writer{rand.New(rand.NewPCG(seed, 0x5ca1e)), &script{seed: seed}}
	w.script.replicas = 1 + w.IntN(3)
	for range w.script.replicas {
		w.script.skews = append(w.script.skews, w.skew())
	}
	w.script.slow = w.between(2*time.Second, 40*time.Second)
	w.script.hours = seed%32 == 0
	for range 3 + w.IntN(3) {
		w.story()
	}
	for range 3 + w.IntN(8) {
		w.trouble(w.moment())
	}
	for range w.IntN(4) {
		w.crash(w.moment())
	}
	for range w.IntN(3) {
		w.elsewhere(w.moment())
	}
	if w.IntN(2) == 0 {
		w.flood()
	}
	slices.SortStableFunc(w.script.steps, func(a, b step) int { return int(a.at - b.at) })
	return w.script
}

func (w *writer) add(at time.Duration, do func(*chaosWorld), format string, args ...any) {
	w.script.steps = append(w.script.steps, step{at.Truncate(time.Millisecond), fmt.Sprintf(format, args...), do})
}

func (w *writer) moment() time.Duration { return w.between(chaosFrom, chaosTo) }

func (w *writer) between(low, high time.Duration) time.Duration {
	return (low + time.Duration(w.Int64N(int64(high-low)))).Truncate(time.Millisecond)
}

// skew is how far a replica's clock is off: mostly not at all, sometimes badly.
func (w *writer) skew() time.Duration {
	switch w.IntN(10) {
	case 0:
		return w.between(-10*time.Second, 10*time.Second)
	case 1, 2:
		return w.between(-2*time.Second, 2*time.Second)
	}
	return 0
}

func pick[T any](w *writer, of ...T) T { return of[w.IntN(len(of))] }

// story is somebody who asks for a change, and what others do about it.
func (w *writer) story() {
	at := w.between(chaosFrom, chaosTo-time.Minute)
	w.asks(at)
	for range 3 + w.IntN(4) {
		at += w.between(time.Second, 35*time.Second)
		w.decides(at)
	}
	// What is worth breaking lies around the decision.
	switch w.IntN(6) {
	case 0, 1:
		w.fuse(at - w.between(0, 40*time.Second))
	case 2:
		w.rival(at - w.between(0, 40*time.Second))
	case 3, 4:
		w.trouble(at - w.between(0, 30*time.Second))
	}
}

// rival delays the next write of a count, on every replica, and lets somebody else write
// another one while it is on its way.
func (w *writer) rival(at time.Duration) {
	n := int32(2 + w.IntN(7))
	w.add(max(at, chaosFrom), func(c *chaosWorld) {
		set := func(request string) {
			for component := range chaosTopics {
				if strings.Contains(request, component) {
					c.fleet.set(component, n, "kubectl")
				}
			}
		}
		for _, r := range c.replicas {
			r.with(func(l *line) { l.arm(fault{System: "kube", Match: "scale", Kind: late, Count: 1, meanwhile: set}) })
		}
	}, "every replica: the next count is written late, and somebody sets %d meanwhile", n)
}

// flood is a lag that stays long enough for the bot to speak first, what people make of it,
// and what goes wrong meanwhile.
func (w *writer) flood() {
	component, at, n := pick(w, chaosComponents...), w.between(chaosFrom, chaosTo-2*time.Minute), int64(900+w.IntN(2_000))
	w.add(at, func(c *chaosWorld) { c.floods(component, n) }, "the lag of %s becomes %d", component, n)
	for range w.IntN(4) {
		user, later := pick(w, chaosPeople...), min(at+w.between(time.Second, 3*time.Minute), chaosTo)
		switch w.IntN(4) {
		case 0:
			w.says(later, user, "snooze "+component+" 30m")
		case 1:
			w.fuse(later)
		default:
			w.add(later, func(c *chaosWorld) { c.clicks("scale_recommended", user) }, "%s presses scale_recommended", user)
		}
	}
	if w.IntN(3) > 0 {
		w.add(min(at+w.between(2*time.Minute, 5*time.Minute), chaosTo), func(c *chaosWorld) { c.floods(component, 0) }, "the lag of %s becomes 0", component)
	}
}

// asks is a command that wants a change, or something near one.
func (w *writer) asks(at time.Duration) {
	user, component := pick(w, chaosAskers...), pick(w, chaosComponents...)
	now := map[string]int{"download-worker": 6, "event-ingester": 3}[component]
	text := fmt.Sprintf("%s %d", component, now+pick(w, -2, -1, -1, 1, 1, 2, 2, 3))
	switch w.IntN(12) {
	case 0:
		text = fmt.Sprintf("%s %d --override-minimum because the topic is drained", component, 1+w.IntN(3))
	case 1:
		text = fmt.Sprintf("%s %d --break-glass because nobody else is awake", component, now+1+w.IntN(6))
	case 2:
		text = component + pick(w, " +1", " +2", " -1", " max", " recommended", " 99", " 0", "")
	case 3:
		text = pick(w, "undo "+component, "status "+component, "history", "oncall", "cancel "+component, "snooze "+component+" 30m", "dw 7 --dry-run", "fnord", "watch "+component+" for 2m", "timeline "+component)
	}
	w.says(at, user, text)
}

// says types a command, or mentions the bot with it.
func (w *writer) says(at time.Duration, user, text string) {
	path := pick(w, "slash", "slash", "slash", "mention")
	w.add(at, func(c *chaosWorld) { c.acts(path, map[string]any{"user": user, "channel": "C0INCIDENT", "text": text}) }, "%s %ss %q", user, path, text)
}

// decides is somebody, or two, pressing a button of the newest card that has it.
func (w *writer) decides(at time.Duration) {
	user, other := pick(w, chaosPeople...), pick(w, chaosPeople...)
	action := pick(w, "approve", "approve", "approve", "approve", "approve", "approve", "approve", "approve", "approve", "decline", "cancel", "rollback", "scale_recommended")
	switch w.IntN(8) {
	case 0:
		w.add(at, func(c *chaosWorld) { c.clicks(action, user, user) }, "%s presses %s twice", user, action)
	case 1, 2:
		w.add(at, func(c *chaosWorld) { c.clicks(action, user, other) }, "%s and %s press %s at once", user, other, action)
	case 3:
		component := pick(w, chaosComponents...)
		w.says(at, user, pick(w, "approve "+component, "approve "+component+" --break-glass because nobody else is awake", "cancel "+component, "undo "+component))
	default:
		w.add(at, func(c *chaosWorld) { c.clicks(action, user) }, "%s presses %s", user, action)
	}
}

// trouble is a fault of one replica's calls.
func (w *writer) trouble(at time.Duration) {
	f := pick(w, w.slackFault, w.slackFault, w.kubeFault, w.kubeFault, w.kubeFault, w.socketFault, w.kafkaFault)()
	r := w.IntN(w.script.replicas)
	w.add(max(at, chaosFrom), func(c *chaosWorld) { c.replicas[r].with(func(l *line) { l.arm(f) }) }, "replica %d: %s", r+1, f)
}

func (w *writer) slackFault() fault {
	return fault{
		System: "slack", Match: pick(w, "", "write", "chat.postMessage", "chat.postMessage", "chat.update", "conversations", "usergroups"),
		Kind: pick(w, throttled, failing, refused, broken, silent, lost, lost, unanswered, unanswered), Count: 1 + w.IntN(4),
	}
}

func (w *writer) kubeFault() fault {
	return fault{
		System: "kube", Match: pick(w, "", "write", "write", "scale", "scale", "scalingoperations", "PUT namespaces/kafka-pipeline/scalingoperations", "leases"),
		Kind: pick(w, refused, conflicting, throttled, failing, broken, silent, lost, lost, unanswered, unanswered, late, late), Count: 1 + w.IntN(5),
	}
}

func (w *writer) socketFault() fault {
	match, kinds := "envelope", []kind{lost, doubled, doubled}
	switch w.IntN(4) {
	case 0:
		match, kinds = "ack", []kind{unacked}
	case 1:
		match, kinds = "send", []kind{broken, silent}
	}
	return fault{System: "socket", Match: match, Kind: pick(w, kinds...), Count: 1 + w.IntN(4)}
}

func (w *writer) kafkaFault() fault {
	return fault{System: "kafka", Match: pick(w, "dial", "send", "send"), Kind: pick(w, broken, silent), Count: 1 + w.IntN(6)}
}

// crash ends a process, at once or in an orderly way.
func (w *writer) crash(at time.Duration) {
	r := w.IntN(w.script.replicas)
	switch w.IntN(4) {
	case 0:
		w.add(at, func(c *chaosWorld) { c.replicas[r].restart() }, "replica %d is restarted in an orderly way", r+1)
	case 1:
		w.fuse(at)
	default:
		w.add(at, func(c *chaosWorld) { c.replicas[r].crash() }, "replica %d crashes", r+1)
	}
}

// fuse makes a replica, or every one, crash at one of its next writes, before or after it
// is done.
func (w *writer) fuse(at time.Duration) {
	r, n, after := w.IntN(w.script.replicas), 1+w.IntN(7), w.IntN(2) == 0
	word := map[bool]string{false: "before", true: "after"}[after]
	if w.IntN(3) == 0 {
		w.add(max(at, chaosFrom), func(c *chaosWorld) {
			for _, r := range c.replicas {
				r.with(func(l *line) { l.primed(n, after) })
			}
		}, "every replica crashes %s its write %d from now", word, n)
		return
	}
	w.add(max(at, chaosFrom), func(c *chaosWorld) { c.replicas[r].with(func(l *line) { l.primed(n, after) }) }, "replica %d crashes %s its write %d from now", r+1, word, n)
}

// elsewhere is what others do: to the count, to the load, to Slack's connections.
func (w *writer) elsewhere(at time.Duration) {
	component := pick(w, chaosComponents...)
	switch w.IntN(5) {
	case 0, 1:
		n := int32(2 + w.IntN(6))
		w.add(at, func(c *chaosWorld) { c.fleet.set(component, n, "kubectl") }, "somebody sets %s to %d", component, n)
	case 2, 3:
		n := int64(w.IntN(3)) * 900
		w.add(at, func(c *chaosWorld) { c.floods(component, n) }, "the lag of %s becomes %d", component, n)
	default:
		knob := pick(w, map[string]any{"drop_sockets": true}, map[string]any{"disconnect": "refresh_requested"}, map[string]any{"duplicate_event": 3})
		w.add(at, func(c *chaosWorld) { c.acts("fault", knob) }, "Slack: %v", knob)
	}
}
