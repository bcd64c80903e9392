package scale

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// standing is what becomes of a count that somebody sets by hand.
type standing struct {
	// why says it in one clause; empty when there is nothing to tell.
	why string
	// undone says that the owner sets another count of its own accord, and after how long
	// the count stands until then, at least.
	undone bool
	after  time.Duration
}

func stays(format string, values ...any) standing {
	return standing{why: fmt.Sprintf(format, values...)}
}

func undone(after time.Duration, format string, values ...any) standing {
	return standing{why: fmt.Sprintf(format, values...), undone: true, after: after}
}

// standing says what the owner does with a change of the count from one number to another
// (T-01 to T-04).
func (o Owner) standing(from, to int) standing {
	switch o.Kind {
	case OwnerHPA:
		return o.autoscaled(from, to)
	case OwnerKEDA:
		return o.byKEDA(from, to)
	case OwnerConflict:
		return o.contested(to)
	case OwnerGitOps:
		return o.byGitOps()
	case OwnerHelm:
		return o.byHelm()
	case OwnerRollout:
		if o.Unsure {
			return undone(o.Within, "the controller of Argo Rollouts has written this deployment: if a Rollout uses it as its template, "+
				"pods set here run beside the Rollout's or are taken away within seconds")
		}
		return undone(o.Within, "%s runs these workers and uses the deployment as its template (spec.workloadRef): "+
			"pods of the deployment itself run beside the Rollout's or are taken away within seconds", o.title())
	case OwnerController:
		return undone(o.Within, "%s is the controller of the deployment (ownerReferences), and what it manages there is set back, often within seconds", o.title())
	case OwnerNone:
	}
	return standing{}
}

// autoscaled is what an HPA does. It puts a count outside its bounds back at its next look,
// whatever its metrics and policies say; inside them it is a matter of what it steers by.
func (o Owner) autoscaled(from, to int) standing {
	switch {
	case o.Rest == RestTarget, o.Rest == RestNotReady:
		return stays("%s stands still%s: it undoes nothing until that is mended", o.title(), o.restWhy())
	case to > 0 && o.outside(to):
		return undone(o.Within, "%s keeps the count%s and sets %d back to %d %s", o.title(), o.bounds(), to, o.inside(to), o.soon())
	case o.Rest == RestMetrics:
		return stays("%s stands still%s: a count%s stays until it has metrics again, then it sets its own", o.title(), o.restWhy(), o.bounds())
	case o.Rest == RestAmbiguous:
		return stays("%s stands still%s: a count%s stays until only one autoscaler steers these pods", o.title(), o.restWhy(), o.bounds())
	case to == 0 && o.Rest == RestZero:
		return stays("%s is switched off while the count is 0", o.title())
	}
	return o.inBounds(from, to)
}

// inBounds is what an autoscaler that works does with a count inside its bounds.
func (o Owner) inBounds(from, to int) standing {
	undo, word, verb := o.Higher, "higher", "lowers"
	if to < from {
		undo, word, verb = o.Lower, "lower", "raises"
	}
	switch {
	case undo.Never:
		return stays("%s never %s the count inside its bounds, its policy for that is Disabled: a %s count stays", o.title(), verb, word)
	case undo.After > 0:
		return undone(undo.After, "%s sets the replica count%s: a %s count set by hand stands for about %s, then it sets its own",
			o.title(), o.bounds(), word, exactSpan(undo.After))
	case undo.Window > 0:
		return undone(o.Within, "%s sets the replica count%s and undoes a manual change %s (up to %s if it wanted a %s count just before)",
			o.title(), o.bounds(), o.soon(), exactSpan(undo.Window), word)
	}
	return undone(o.Within, "%s sets the replica count%s and undoes a manual change %s", o.title(), o.bounds(), o.soon())
}

// byKEDA tells the pauses and the fallback of a ScaledObject apart from one that scales.
func (o Owner) byKEDA(from, to int) standing {
	switch {
	case o.Paused == PausedFully:
		return stays("%s is paused and leaves the count alone; after the pause it keeps it for about 5 min and then sets its own", o.title())
	case o.pausedCount() != "":
		return o.pinned(to)
	case o.Rest == RestTarget, o.Rest == RestNotReady, to > 0 && o.outside(to):
		return o.autoscaled(from, to)
	case o.Paused == PausedBoth:
		return stays("%s is paused for scale-in and scale-out: a count%s stays until the pause ends", o.title(), o.bounds())
	case o.Paused == PausedIn && to > from:
		return stays("%s is paused for scale-in: it keeps a higher count, and raises it further where it wants more", o.title())
	case o.Paused == PausedOut && to < from:
		return stays("%s is paused for scale-out: it keeps a lower count, and lowers it further where it wants fewer", o.title())
	case o.Fallback != "":
		return o.fallenBack(from, to)
	case o.Paused == PausedIn:
		return undone(o.Lower.After, "%s is paused for scale-in only: it still raises the count%s", o.title(), o.bounds())
	case o.Paused == PausedOut:
		return undone(o.Higher.After, "%s is paused for scale-out only: it still lowers the count%s", o.title(), o.bounds())
	}
	return o.autoscaled(from, to)
}

// pausedCount is the count in "at 6 replicas", as it is written.
func (o Owner) pausedCount() string {
	count, at := strings.CutPrefix(o.Paused, "at ")
	if !at {
		return ""
	}
	return strings.TrimSuffix(count, " replicas")
}

// pinned is what a ScaledObject does that is paused at a count. KEDA goes there once,
// whatever the maximum, and does not look again until it is made to.
func (o Owner) pinned(to int) standing {
	count := o.pausedCount()
	n, err := strconv.ParseInt(count, 10, 32)
	switch {
	case err != nil || n < 0:
		return stays("%s is to pause at %q, which is no count KEDA can read: it holds whatever count there is", o.title(), count)
	case int(n) == to && o.Within > 0:
		return stays("%s is paused %s and goes there itself %s", o.title(), o.Paused, o.soon())
	case int(n) == to:
		return stays("%s is paused %s and keeps %d", o.title(), o.Paused, to)
	case o.Within > 0:
		return undone(o.Within, "%s is paused %s and sets the count back %s", o.title(), o.Paused, o.soon())
	}
	return stays("%s is paused %s: another count stays until the ScaledObject is edited or KEDA's operator restarts, and then goes back to %s",
		o.title(), o.Paused, count)
}

// fallenBack is what KEDA does while a trigger fails and spec.fallback holds the count.
func (o Owner) fallenBack(from, to int) standing {
	back := o.FallbackTo
	switch o.Fallback {
	case FallbackCurrent:
		back = to
	case FallbackIfHigher:
		back = max(back, to)
	case FallbackIfLower:
		back = min(back, to)
	case FallbackStatic:
	default:
		return o.autoscaled(from, to)
	}
	if back = o.inside(back); back == to {
		return stays("a trigger of %s fails, and its fallback (%s) keeps %d until the trigger works again", o.title(), o.Fallback, to)
	}
	return undone(o.Within, "a trigger of %s fails, and its fallback (%s) sets the count to %d %s", o.title(), o.Fallback, back, o.soon())
}

// contested is what becomes of a count that two autoscalers steer (T-03). Kubernetes stops
// both; an older one lets them fight.
func (o Owner) contested(to int) standing {
	a, b := named(o.Name, "an HPA"), named(o.Other, "a ScaledObject")
	switch {
	case o.Rest == RestNone:
		return undone(o.Within, "two owners fight over the replica count, %s and %s; one of them undoes a manual change %s", a, b, o.soon())
	case to > 0 && o.outside(to):
		return undone(o.Within, "two owners, %s and %s, still set %d back to %d %s, which is outside their bounds", a, b, to, o.inside(to), o.soon())
	}
	return stays("two owners, %s and %s, steer the same pods: neither scales until one is removed, and a count%s stays as it is set", a, b, o.bounds())
}

// byGitOps is what a tool does that applies what is in a repository.
func (o Owner) byGitOps() standing {
	when := "at its next sync" + o.soonIn()
	switch {
	case strings.HasPrefix(o.Name, "argocd"):
		when += " where self-heal is on, else with the next commit"
	case strings.HasPrefix(o.Name, "helm-controller"):
		when = "with the next upgrade of the release"
	}
	if o.Unsure {
		return stays("%s applies this deployment; if what it applies states replicas, it sets the count back %s", o.title(), when)
	}
	return undone(o.Within, "%s manages spec.replicas and sets it back %s", o.title(), when)
}

// byHelm is what the next upgrade of a release does. Server-side apply, which Helm 4 uses,
// does not overwrite what somebody else has set; it fails.
func (o Owner) byHelm() standing {
	subject := o.title() + " sets replicas from its chart"
	if o.Unsure {
		subject = o.title() + " installed this deployment; if its chart states replicas"
	}
	if o.Applies {
		return stays("%s: the next helm upgrade fails with a conflict over .spec.replicas that names scalebot", subject)
	}
	return stays("%s: the next helm upgrade sets the count back without a word", subject)
}

func (o Owner) bounds() string {
	if o.Max == 0 {
		return ""
	}
	return fmt.Sprintf(" between %d and %d", o.Min, o.Max)
}

// allows prints the bounds: "4 to 12".
func (o Owner) allows() string {
	if o.Max == 0 {
		return "any count"
	}
	return fmt.Sprintf("%d to %d", o.Min, o.Max)
}

// outside reports whether a count lies outside the owner's bounds.
func (o Owner) outside(count int) bool { return o.Max > 0 && (count > o.Max || count < o.Min) }

// inside is the nearest count inside the owner's bounds.
func (o Owner) inside(count int) int {
	if o.Max == 0 {
		return count
	}
	return max(min(count, o.Max), o.Min)
}

func (o Owner) restWhy() string {
	if o.RestWhy == "" {
		return ""
	}
	return " (" + clauseOf(o.RestWhy) + ")"
}

func (o Owner) soon() string {
	if o.Within <= 0 {
		return "on its next look"
	}
	return "within about " + Span(o.Within)
}

func (o Owner) soonIn() string {
	if o.Within <= 0 {
		return ""
	}
	return ", within about " + Span(o.Within)
}

// exactSpan prints minutes with their seconds: the half minute that an HPA's metrics take
// belongs to the time a count stands.
func exactSpan(d time.Duration) string {
	if d = d.Round(time.Second); d < 2*time.Minute || d >= time.Hour {
		return Span(d)
	}
	return twoUnits(d, time.Minute, time.Second, "min", "s")
}

// lookSlack is how long after an owner's time is up the count is read again: a look of the
// autoscaler, and a little.
const lookSlack = 30 * time.Second

// RevertLooks are the times after the write at which the count is read again: those of the
// policy, and one more past the time for which the owner that the card named lets a count
// stand (T-01). They are in order.
func RevertLooks(op Operation, p Policy) []time.Duration {
	looks := p.Rollout.RevertChecks
	owner, known := op.Before.Owner.Get()
	if !known || len(looks) == 0 {
		return looks
	}
	s := owner.standing(op.Change.From, op.Change.To)
	if !s.undone {
		return looks
	}
	undo := owner.Higher
	if op.Change.Down() {
		undo = owner.Lower
	}
	last := max(s.after, undo.After, undo.Window) + lookSlack
	if end := len(p.Times.Horizons); end > 0 {
		last = min(last, p.Times.Horizons[end-1].After)
	}
	if last <= looks[len(looks)-1] {
		return looks
	}
	return append(append([]time.Duration(nil), looks...), last)
}
