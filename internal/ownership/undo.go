package ownership

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// standing is what happens to a count that somebody sets by hand.
type standing struct {
	// Why says it in one clause; empty when nothing happens to the count.
	Why string
	// Undone says that the owner itself sets another count, and After for how long, at least, the
	// count stays until then.
	Undone bool
	After  time.Duration
}

func stays(format string, values ...any) standing {
	return standing{Why: fmt.Sprintf(format, values...)}
}

func undone(after time.Duration, format string, values ...any) standing {
	return standing{Why: fmt.Sprintf(format, values...), Undone: true, After: after}
}

// Standing says what the owner does with a change of the count from one number to another
// (T-01 to T-04).
func Standing(o scale.Owner, from, to int) standing {
	switch o.Kind {
	case scale.OwnerHPA:
		return autoscaled(o, from, to)
	case scale.OwnerKEDA:
		return byKEDA(o, from, to)
	case scale.OwnerConflict:
		return contested(o, to)
	case scale.OwnerGitOps:
		return byGitOps(o)
	case scale.OwnerHelm:
		return byHelm(o)
	case scale.OwnerRollout:
		if o.Unsure {
			return undone(o.Within, "the controller of Argo Rollouts has written this deployment: if a Rollout uses it as its template, "+
				"pods set here run beside the Rollout's or are taken away within seconds")
		}
		return undone(o.Within, "%s runs these workers and uses the deployment as its template (spec.workloadRef): "+
			"pods of the deployment itself run beside the Rollout's or are taken away within seconds", o.Title())
	case scale.OwnerController:
		return undone(o.Within, "%s is the controller of the deployment (ownerReferences), and what it manages there is set back, often within seconds", o.Title())
	case scale.OwnerNone:
	}
	return standing{}
}

// autoscaled is what an HPA does. At its next evaluation it corrects a count outside its bounds,
// whatever its metrics and policies say. Inside them its targets decide.
func autoscaled(o scale.Owner, from, to int) standing {
	switch {
	case o.Rest == scale.RestTarget, o.Rest == scale.RestNotReady:
		return stays("%s stands still%s: it undoes nothing until that is mended", o.Title(), restWhy(o))
	case to > 0 && outside(o, to):
		return undone(o.Within, "%s keeps the count%s and sets %d back to %d %s", o.Title(), bounds(o), to, inside(o, to), soon(o))
	case o.Rest == scale.RestMetrics:
		return stays("%s stands still%s: a count%s stays until it has metrics again, then it sets its own", o.Title(), restWhy(o), bounds(o))
	case o.Rest == scale.RestAmbiguous:
		return stays("%s stands still%s: a count%s stays until only one autoscaler steers these pods", o.Title(), restWhy(o), bounds(o))
	case to == 0 && o.Rest == scale.RestZero:
		return stays("%s is switched off while the count is 0", o.Title())
	}
	return inBounds(o, from, to)
}

// inBounds is what a working autoscaler does with a count inside its bounds.
func inBounds(o scale.Owner, from, to int) standing {
	undo, word, verb := o.Higher, "higher", "lowers"
	if to < from {
		undo, word, verb = o.Lower, "lower", "raises"
	}
	switch {
	case undo.Never:
		return stays("%s never %s the count inside its bounds, its policy for that is Disabled: a %s count stays", o.Title(), verb, word)
	case undo.After > 0:
		return undone(undo.After, "%s sets the replica count%s: a %s count set by hand stands for about %s, then it sets its own",
			o.Title(), bounds(o), word, exactSpan(undo.After))
	case undo.Window > 0:
		return undone(o.Within, "%s sets the replica count%s and undoes a manual change %s (up to %s if it wanted a %s count just before)",
			o.Title(), bounds(o), soon(o), exactSpan(undo.Window), word)
	}
	return undone(o.Within, "%s sets the replica count%s and undoes a manual change %s", o.Title(), bounds(o), soon(o))
}

// byKEDA distinguishes a ScaledObject that is paused or in fallback from one that scales.
func byKEDA(o scale.Owner, from, to int) standing {
	switch {
	case o.Paused == scale.PausedFully:
		return stays("%s is paused and leaves the count alone; after the pause it keeps it for about 5 min and then sets its own", o.Title())
	case pausedCount(o) != "":
		return pinned(o, to)
	case o.Rest == scale.RestTarget, o.Rest == scale.RestNotReady, to > 0 && outside(o, to):
		return autoscaled(o, from, to)
	case o.Paused == scale.PausedBoth:
		return stays("%s is paused for scale-in and scale-out: a count%s stays until the pause ends", o.Title(), bounds(o))
	case o.Paused == scale.PausedIn && to > from:
		return stays("%s is paused for scale-in: it keeps a higher count, and raises it further where it wants more", o.Title())
	case o.Paused == scale.PausedOut && to < from:
		return stays("%s is paused for scale-out: it keeps a lower count, and lowers it further where it wants fewer", o.Title())
	case o.Fallback != "":
		return fallenBack(o, from, to)
	case o.Paused == scale.PausedIn:
		return undone(o.Lower.After, "%s is paused for scale-in only: it still raises the count%s", o.Title(), bounds(o))
	case o.Paused == scale.PausedOut:
		return undone(o.Higher.After, "%s is paused for scale-out only: it still lowers the count%s", o.Title(), bounds(o))
	}
	return autoscaled(o, from, to)
}

// pausedCount is the count in "at 6 replicas", as it is written.
func pausedCount(o scale.Owner) string {
	count, at := strings.CutPrefix(o.Paused, "at ")
	if !at {
		return ""
	}
	return strings.TrimSuffix(count, " replicas")
}

// pinned is what a ScaledObject does that is paused at a count. KEDA scales there once, whatever
// the maximum, and does not check again until something triggers a reconcile.
func pinned(o scale.Owner, to int) standing {
	count := pausedCount(o)
	n, err := strconv.ParseInt(count, 10, 32)
	switch {
	case err != nil || n < 0:
		return stays("%s is to pause at %q, which is no count KEDA can read: it holds whatever count there is", o.Title(), count)
	case int(n) == to && o.Within > 0:
		return stays("%s is paused %s and goes there itself %s", o.Title(), o.Paused, soon(o))
	case int(n) == to:
		return stays("%s is paused %s and keeps %d", o.Title(), o.Paused, to)
	case o.Within > 0:
		return undone(o.Within, "%s is paused %s and sets the count back %s", o.Title(), o.Paused, soon(o))
	}
	return stays("%s is paused %s: another count stays until the ScaledObject is edited or KEDA's operator restarts, and then goes back to %s",
		o.Title(), o.Paused, count)
}

// fallenBack is what KEDA does while a trigger fails and spec.fallback holds the count.
func fallenBack(o scale.Owner, from, to int) standing {
	back := o.FallbackTo
	switch o.Fallback {
	case scale.FallbackCurrent:
		back = to
	case scale.FallbackIfHigher:
		back = max(back, to)
	case scale.FallbackIfLower:
		back = min(back, to)
	case scale.FallbackStatic:
	default:
		return autoscaled(o, from, to)
	}
	if back = inside(o, back); back == to {
		return stays("a trigger of %s fails, and its fallback (%s) keeps %d until the trigger works again", o.Title(), o.Fallback, to)
	}
	return undone(o.Within, "a trigger of %s fails, and its fallback (%s) sets the count to %d %s", o.Title(), o.Fallback, back, soon(o))
}

// contested is what happens to a count that two autoscalers control (T-03). Kubernetes stops
// both; older versions let them fight.
func contested(o scale.Owner, to int) standing {
	a, b := scale.Named(o.Name, "an HPA"), scale.Named(o.Other, "a ScaledObject")
	switch {
	case o.Rest == scale.RestNone:
		return undone(o.Within, "two owners fight over the replica count, %s and %s; one of them undoes a manual change %s", a, b, soon(o))
	case to > 0 && outside(o, to):
		return undone(o.Within, "two owners, %s and %s, still set %d back to %d %s, which is outside their bounds", a, b, to, inside(o, to), soon(o))
	}
	return stays("two owners, %s and %s, steer the same pods: neither scales until one is removed, and a count%s stays as it is set", a, b, bounds(o))
}

// byGitOps is what a tool does that applies the manifests of a repository.
func byGitOps(o scale.Owner) standing {
	when := "at its next sync" + soonIn(o)
	switch {
	case strings.HasPrefix(o.Name, "argocd"):
		when += " where self-heal is on, else with the next commit"
	case strings.HasPrefix(o.Name, "helm-controller"):
		when = "with the next upgrade of the release"
	}
	if o.Unsure {
		return stays("%s applies this deployment; if what it applies states replicas, it sets the count back %s", o.Title(), when)
	}
	return undone(o.Within, "%s manages spec.replicas and sets it back %s", o.Title(), when)
}

// byHelm is what the next upgrade of a release does. Server-side apply, which Helm 4 uses,
// does not overwrite what somebody else has set; it fails.
func byHelm(o scale.Owner) standing {
	subject := o.Title() + " sets replicas from its chart"
	if o.Unsure {
		subject = o.Title() + " installed this deployment; if its chart states replicas"
	}
	if o.Applies {
		return stays("%s: the next helm upgrade fails with a conflict over .spec.replicas that names scalebot", subject)
	}
	return stays("%s: the next helm upgrade sets the count back without a word", subject)
}

func bounds(o scale.Owner) string {
	if o.Max == 0 {
		return ""
	}
	return fmt.Sprintf(" between %d and %d", o.Min, o.Max)
}

// Allows prints the bounds: "4 to 12".
func Allows(o scale.Owner) string {
	if o.Max == 0 {
		return "any count"
	}
	return fmt.Sprintf("%d to %d", o.Min, o.Max)
}

// outside reports whether a count lies outside the owner's bounds.
func outside(o scale.Owner, count int) bool { return o.Max > 0 && (count > o.Max || count < o.Min) }

// inside is the nearest count inside the owner's bounds.
func inside(o scale.Owner, count int) int {
	if o.Max == 0 {
		return count
	}
	return max(min(count, o.Max), o.Min)
}

func restWhy(o scale.Owner) string {
	if o.RestWhy == "" {
		return ""
	}
	return " (" + scale.ClauseOf(o.RestWhy) + ")"
}

func soon(o scale.Owner) string {
	if o.Within <= 0 {
		return "on its next look"
	}
	return "within about " + scale.Span(o.Within)
}

func soonIn(o scale.Owner) string {
	if o.Within <= 0 {
		return ""
	}
	return ", within about " + scale.Span(o.Within)
}

// exactSpan prints minutes with their seconds: the half minute that an HPA's metrics take
// belongs to the time a count stands.
func exactSpan(d time.Duration) string {
	if d = d.Round(time.Second); d < 2*time.Minute || d >= time.Hour {
		return scale.Span(d)
	}
	return scale.TwoUnits(d, time.Minute, time.Second, "min", "s")
}

// checkSlack is how long after the owner's time has passed the count is read again: one
// evaluation of the autoscaler and some margin.
const checkSlack = 30 * time.Second

// RevertChecks are the times after the write at which a changed count is read again, in order:
// those of the policy, and one just after the time for which the owner on the card leaves a count
// alone (T-01).
func RevertChecks(of scale.Reading[scale.Owner], from, to int, p scale.Policy) []time.Duration {
	checks := p.Rollout.RevertChecks
	owner, known := of.Get()
	if !known || len(checks) == 0 {
		return checks
	}
	s := Standing(owner, from, to)
	if !s.Undone {
		return checks
	}
	undo := owner.Higher
	if to < from {
		undo = owner.Lower
	}
	last := max(s.After, undo.After, undo.Window) + checkSlack
	if end := len(p.Times.Horizons); end > 0 {
		last = min(last, p.Times.Horizons[end-1].After)
	}
	if last <= checks[len(checks)-1] {
		return checks
	}
	return append(append([]time.Duration(nil), checks...), last)
}
