package judge

import (
	"fmt"
	"math"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/ownership"
	"github.com/scalebot/scalebot/internal/scale"
)

// warnings are the remarks that must be read before approving.
func (v View) warnings(to int) []string {
	var out []string
	add := func(text string) {
		if text != "" {
			out = append(out, text)
		}
	}
	add(v.LagGap())
	add(v.pausedWarning())
	if to > v.Replicas {
		for _, veto := range v.UpVetoes(to) {
			// An owner that would undo the change is reported on a line of its own.
			if veto.Name != ownedElsewhere {
				add(veto.Why)
			}
		}
		out = scale.AppendUnlessEmpty(out, v.RoomVeto(to))
		add(v.useless(to))
		add(v.downstreamWarning())
		add(v.errorWarning())
	} else {
		add(v.downWarning(to))
		add(v.staticWarning())
		out = scale.AppendUnlessEmpty(out, v.rolloutVeto())
		out = scale.AppendUnlessEmpty(out, v.RebalanceVeto())
	}
	add(v.ownerWarning(to))
	return out
}

// useless says that more replicas change nothing for the busiest worker (T-05).
func (v View) useless(to int) string {
	if v.Unsettled() || v.Lighter(to, v.Replicas) {
		return ""
	}
	return fmt.Sprintf("%d loads the busiest %s like %d does now, %s: it adds pods but no headroom there",
		to, v.OwnerWord(), v.Replicas, v.Parts(v.Busiest(to)))
}

// downstreamWarning names downstream components that already lag (T-35).
func (v View) downstreamWarning() string {
	for _, name := range v.Component.Downstream {
		lag, known := v.downstream(name)
		if known && float64(lag) > v.Policy.Up.Lag.Value {
			return fmt.Sprintf("%s behind it already lags by %s: more output moves the backlog there (T-35)", name, scale.Count(lag))
		}
	}
	return ""
}

func (v View) downstream(name string) (int64, bool) {
	return v.Now.Downstream[name].CurrentAt(v.Now.At, v.Stale()).Get()
}

// Stale is how old a reading may be before it no longer counts.
func (v View) Stale() time.Duration {
	if v.Policy.Times.Stale <= 0 {
		return time.Duration(math.MaxInt64)
	}
	return v.Policy.Times.Stale
}

// errorWarning reports errors that more workers do not reduce.
func (v View) errorWarning() string {
	rate, known := v.Now.Signals.Errors.Get()
	if !known || rate.Share-rate.Timeouts <= v.Policy.Up.Errors.Value {
		return ""
	}
	return fmt.Sprintf("%s of the messages fail for other reasons than timeouts; more workers do not help against that",
		scale.Percent(rate.Share-rate.Timeouts))
}

// staticWarning: the partitions of static members that leave stay assigned for a while, and
// nobody reads them meanwhile.
func (v View) staticWarning() string {
	consumers, known := v.ConsumersNow.Get()
	if !known || !consumers.Static() {
		return ""
	}
	return "the consumers are static members (group.instance.id): what those that go own waits until " + consumers.Session.String()
}

func (v View) downWarning(to int) string {
	trend, change := v.Trend()
	switch {
	case !v.LagKnown || v.TakesUnstarted(to):
		return ""
	case v.Waiting() >= v.Policy.Down.Lag.Value:
		return fmt.Sprintf("lag is %s and %s; the runbook takes workers away only after lag under %s for %s (R-050)",
			scale.Count(v.Lag.Total), measure.TrendSentence(trend, change), scale.Whole(v.Policy.Down.Lag.Value), scale.Span(v.Policy.Down.Lag.For))
	case v.busyNow():
		return fmt.Sprintf("lag is %s; taking workers away while it rises is against R-053", measure.TrendSentence(trend, change))
	}
	return ""
}

func (v View) ownerWarning(to int) string {
	owner, known := v.Now.Owner.Get()
	if !known {
		return "who else sets the replica count is unknown: " + v.Now.Owner.Why()
	}
	if to <= v.Replicas {
		return ""
	}
	return ownership.CeilingNote(owner, to)
}
