package scale

import (
	"fmt"
	"strings"
)

// ownerVeto: somebody else sets the replica count and would undo a change (T-01 to
// T-04).
func (v view) ownerVeto() string {
	owner, known := v.s.Owner.Get()
	if !known {
		return ""
	}
	return owner.reverts(0)
}

// reverts says in one sentence who would undo a change to the given count, when, and
// how; empty when nobody would. A count of 0 speaks of any change.
func (o Owner) reverts(to int) string {
	switch o.Kind {
	case OwnerHPA:
		return fmt.Sprintf("%s sets the replica count%s and undoes a manual change %s", o.title(), o.bounds(), o.soon())
	case OwnerKEDA:
		return o.kedaReverts(to)
	case OwnerGitOps:
		return fmt.Sprintf("%s manages spec.replicas and sets it back at its next sync%s", o.title(), o.soonIn())
	case OwnerConflict:
		return fmt.Sprintf("two owners fight over the replica count, %s and %s; one of them undoes a manual change %s",
			named(o.Name, "an HPA"), named(o.Other, "a ScaledObject"), o.soon())
	case OwnerNone:
	}
	return ""
}

// kedaReverts distinguishes the pauses (T-04): only a full pause leaves a manual count
// alone.
func (o Owner) kedaReverts(to int) string {
	switch {
	case o.Paused == "":
		return fmt.Sprintf("%s sets the replica count%s and undoes a manual change %s", o.title(), o.bounds(), o.soon())
	case o.Within <= 0:
		return ""
	case strings.Contains(o.Paused, "scale-in") && to > 0:
		return fmt.Sprintf("%s is paused for scale-in only: it still raises the count%s", o.title(), o.bounds())
	}
	return fmt.Sprintf("%s is paused %s and sets the count back %s", o.title(), o.Paused, o.soon())
}

// title names the owner: "HPA download-worker-hpa".
func (o Owner) title() string {
	switch o.Kind {
	case OwnerHPA:
		return strings.TrimSpace("HPA " + o.Name)
	case OwnerKEDA:
		return strings.TrimSpace("ScaledObject " + o.Name)
	case OwnerGitOps:
		return named(o.Name, "a GitOps manager")
	case OwnerConflict:
		return strings.TrimSpace(o.Name + " and " + o.Other)
	case OwnerNone:
	}
	return "nobody"
}

func named(name, otherwise string) string {
	if name == "" {
		return otherwise
	}
	return name
}

func (o Owner) bounds() string {
	if o.Max == 0 {
		return ""
	}
	return fmt.Sprintf(" between %d and %d", o.Min, o.Max)
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

// ownerRemedies name the right lever for each owner (T-01), with the count in question;
// 0 names none.
func ownerRemedies(o Owner, to int) []string {
	count := ""
	if to > 0 {
		count = fmt.Sprintf(" to %d", to)
	}
	switch o.Kind {
	case OwnerHPA:
		return []string{"raise minReplicas of " + o.title() + count + " instead, and put it back afterwards (T-01)"}
	case OwnerKEDA:
		return []string{"raise minReplicaCount of " + o.title() + count + ", or pause it at a count, instead (T-01, T-04)"}
	case OwnerGitOps:
		return []string{"change the count" + count + " where " + o.title() + " reads it (T-01)"}
	case OwnerConflict:
		return []string{"remove one of the two owners first: " + named(o.Name, "the HPA") + " or " + named(o.Other, "the ScaledObject") + " (T-03)"}
	case OwnerNone:
	}
	return nil
}

// ceilingNote says that the owner caps the count (T-14, T-40); empty when it does not.
func (o Owner) ceilingNote(to int) string {
	if o.Kind == OwnerNone || o.Max <= 0 {
		return ""
	}
	if to > o.Max {
		return fmt.Sprintf("%d is above the maximum of %d of %s", to, o.Max, o.title())
	}
	if o.Wants >= o.Max {
		return fmt.Sprintf("%s is at its maximum of %d", o.title(), o.Max)
	}
	return ""
}
