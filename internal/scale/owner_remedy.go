package scale

import (
	"fmt"
	"strings"
)

// ownerVeto: somebody else sets the replica count and would undo a change to the given one
// (T-01 to T-04). An owner that leaves the count alone is no reason against it.
func (v view) ownerVeto(to int) string {
	owner, known := v.s.Owner.Get()
	if !known {
		return ""
	}
	if s := owner.standing(v.replicas, to); s.undone {
		return s.why
	}
	return ""
}

// ownerRemedies name the right lever for each owner (T-01), for a change between two
// counts; a target of 0 names no count.
func ownerRemedies(o Owner, from, to int) []string {
	count := ""
	if to > 0 {
		count = fmt.Sprintf(" to %d", to)
	}
	down := to > 0 && to < from
	switch o.Kind {
	case OwnerHPA:
		return o.hpaRemedies(count, to, down)
	case OwnerKEDA:
		return o.kedaRemedies(count, to, down)
	case OwnerGitOps:
		return []string{"change the count" + count + " where " + o.title() + " reads it" + o.leaveOut() + " (T-01)"}
	case OwnerHelm:
		return []string{o.helmRemedy(count)}
	case OwnerConflict:
		return []string{"remove one of the two owners first: " + named(o.Name, "the HPA") + " or " + named(o.Other, "the ScaledObject") + " (T-03)"}
	case OwnerRollout, OwnerController:
		return []string{o.leverRemedy(count, to)}
	case OwnerNone:
	}
	return nil
}

func (o Owner) hpaRemedies(count string, to int, down bool) []string {
	switch {
	case o.Rest == RestMetrics:
		return []string{"mend its metrics: " + named(clauseOf(o.RestWhy), "kubectl describe hpa "+o.Name)}
	case o.Rest == RestAmbiguous:
		return []string{"leave one autoscaler on these pods and remove the others (T-03)"}
	case o.Rest == RestTarget:
		return []string{"mend the scaleTargetRef of " + o.title() + ", or its right to read the scale"}
	case down:
		return []string{"lower maxReplicas of " + o.title() + count + " instead, and put it back afterwards (T-01)"}
	case o.Max > 0 && to > o.Max:
		return []string{"raise maxReplicas and minReplicas of " + o.title() + count + " instead, and put them back afterwards (T-01)"}
	}
	return []string{"raise minReplicas of " + o.title() + count + " instead, and put it back afterwards (T-01)"}
}

func (o Owner) kedaRemedies(count string, to int, down bool) []string {
	switch {
	case o.pausedCount() != "":
		return []string{"change the annotation autoscaling.keda.sh/paused-replicas of " + o.title() + count + " instead (T-04)"}
	case o.Rest == RestNotReady:
		return []string{"mend " + o.title() + ": " + named(clauseOf(o.RestWhy), "kubectl describe scaledobject "+o.Name)}
	case o.Rest == RestMetrics || o.Fallback != "":
		return []string{"mend the triggers of " + o.title() + ": kubectl describe scaledobject " + o.Name}
	case o.Rest == RestAmbiguous:
		return []string{"leave one autoscaler on these pods and remove the others (T-03)"}
	case down:
		return []string{"lower maxReplicaCount of " + o.title() + count + ", or pause it at a count, instead (T-01, T-04)"}
	case o.Max > 0 && to > o.Max:
		return []string{"raise maxReplicaCount and minReplicaCount of " + o.title() + count + ", or pause it at a count, instead (T-01, T-04)"}
	}
	return []string{"raise minReplicaCount of " + o.title() + count + ", or pause it at a count, instead (T-01, T-04)"}
}

// leaveOut is how a GitOps tool is taught to leave the count to others.
func (o Owner) leaveOut() string {
	switch {
	case strings.HasPrefix(o.Name, "argocd"):
		return ", or have Argo CD leave it alone: ignoreDifferences for /spec/replicas with RespectIgnoreDifferences=true"
	case strings.HasPrefix(o.Name, "kustomize-controller"):
		return ", or leave replicas out of what it applies"
	case strings.HasPrefix(o.Name, "helm-controller"):
		return ", the values of its HelmRelease"
	}
	return ""
}

func (o Owner) helmRemedy(count string) string {
	text := "set the count" + count + " in the values of " + o.title() + " as well, or leave replicas out of the chart"
	if o.Applies {
		text += "; an upgrade that has failed goes through with --force-conflicts, which takes the count back"
	}
	return text
}

// leverRemedy is how the count of what owns the deployment is set.
func (o Owner) leverRemedy(count string, to int) string {
	if o.Lever == "" {
		return "change the count" + count + " in " + o.title() + " instead"
	}
	number := "N"
	if to > 0 {
		number = fmt.Sprint(to)
	}
	return "scale " + o.title() + " instead: " + o.Lever + " --replicas=" + number
}

// ceilingNote says that the owner caps the count (T-14, T-40); empty when it does not.
func (o Owner) ceilingNote(to int) string {
	if o.Kind == OwnerNone || o.Max <= 0 || o.pausedCount() != "" || o.Paused == PausedFully {
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

// refuseOwned refuses a count for a deployment whose pods an Argo Rollout runs: they would
// run beside the Rollout's, or be taken away at once.
func refuseOwned(c Component, s Snapshot, to int) *Refusal {
	owner, known := s.Owner.Get()
	if !known || owner.Kind != OwnerRollout || owner.Unsure {
		return nil
	}
	return &Refusal{
		Code:  RefusedOwned,
		Why:   fmt.Sprintf("The workers of %s belong to %s, which uses the deployment as its template.", c.Name, owner.title()),
		Limit: "spec.workloadRef of the Rollout",
		Next:  Sentence(owner.leverRemedy("", to)),
		Try:   "/scale diagnose " + c.Name,
	}
}
