package scale

import (
	"fmt"
	"math"
	"time"
)

// warnings are what must be read before approving.
func (v view) warnings(to int) []string {
	var out []string
	add := func(text string) {
		if text != "" {
			out = append(out, text)
		}
	}
	add(v.lagGap())
	add(v.pausedWarning())
	if to > v.replicas {
		for _, veto := range v.upVetoes(to) {
			// Who would undo the change has a line of its own.
			if veto.why != v.ownerVeto(to) {
				add(veto.why)
			}
		}
		out = appendUnlessEmpty(out, v.roomVeto(to))
		add(v.useless(to))
		add(v.downstreamWarning())
		add(v.errorWarning())
	} else {
		add(v.downWarning(to))
		add(v.staticWarning())
		out = appendUnlessEmpty(out, v.rolloutVeto())
		out = appendUnlessEmpty(out, v.rebalanceVeto())
	}
	add(v.ownerWarning(to))
	return out
}

func appendUnlessEmpty(words []string, word string) []string {
	if word == "" {
		return words
	}
	return appendNew(words, word)
}

// useless says that more replicas change nothing for the busiest worker (T-05).
func (v view) useless(to int) string {
	if v.unsettled() || v.lighter(to, v.replicas) {
		return ""
	}
	return fmt.Sprintf("%d loads the busiest %s like %d does now, %s: it adds pods but no headroom there",
		to, v.one(), v.replicas, v.parts(v.busiest(to)))
}

// downstreamWarning tells of components behind this one that already lag (T-35).
func (v view) downstreamWarning() string {
	for _, name := range v.c.Downstream {
		lag, known := v.downstream(name)
		if known && float64(lag) > v.p.Up.Lag.Value {
			return fmt.Sprintf("%s behind it already lags by %s: more output moves the backlog there (T-35)", name, Count(lag))
		}
	}
	return ""
}

func (v view) downstream(name string) (int64, bool) {
	return v.s.Downstream[name].FreshAt(v.s.At, v.stale()).Get()
}

func (v view) stale() time.Duration {
	if v.p.Times.Stale <= 0 {
		return time.Duration(math.MaxInt64)
	}
	return v.p.Times.Stale
}

// errorWarning tells of errors that more workers do not help against.
func (v view) errorWarning() string {
	rate, known := v.s.Signals.Errors.Get()
	if !known || rate.Share-rate.Timeouts <= v.p.Up.Errors.Value {
		return ""
	}
	return fmt.Sprintf("%s of the messages fail for other reasons than timeouts; more workers do not help against that",
		Percent(rate.Share-rate.Timeouts))
}

// staticWarning: static members that go keep their partitions for a while, in which nobody
// reads them.
func (v view) staticWarning() string {
	consumers, known := v.consumersNow.Get()
	if !known || !consumers.static() {
		return ""
	}
	return "the consumers are static members (group.instance.id): what those that go own waits until " + consumers.session.String()
}

func (v view) downWarning(to int) string {
	trend, change := v.trend()
	switch {
	case !v.lagKnown || v.takesUnstarted(to):
		return ""
	case v.waiting() >= v.p.Down.Lag.Value:
		return fmt.Sprintf("lag is %s and %s; the runbook takes workers away only after lag under %s for %s (R-050)",
			Count(v.lag.Total), trendSentence(trend, change), whole(v.p.Down.Lag.Value), Span(v.p.Down.Lag.For))
	case v.busyNow():
		return fmt.Sprintf("lag is %s; taking workers away while it rises is against R-053", trendSentence(trend, change))
	}
	return ""
}

func (v view) ownerWarning(to int) string {
	owner, known := v.s.Owner.Get()
	if !known {
		return "who else sets the replica count is unknown: " + v.s.Owner.Why()
	}
	if to <= v.replicas {
		return ""
	}
	return owner.ceilingNote(to)
}
