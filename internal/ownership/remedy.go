package ownership

import (
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// OwnerRemedies name the right place to change the count for each owner (T-01), for a change
// between two counts; a target of 0 means that no count was named.
func OwnerRemedies(o scale.Owner, from, to int) []string {
	count := ""
	if to > 0 {
		count = fmt.Sprintf(" to %d", to)
	}
	down := to > 0 && to < from
	switch o.Kind {
	case scale.OwnerHPA:
		return hpaRemedies(o, count, to, down)
	case scale.OwnerKEDA:
		return kedaRemedies(o, count, to, down)
	case scale.OwnerGitOps:
		return []string{"change the count" + count + " where " + o.Title() + " reads it" + leaveOut(o) + " (T-01)"}
	case scale.OwnerHelm:
		return []string{helmRemedy(o, count)}
	case scale.OwnerConflict:
		return []string{"remove one of the two owners first: " + scale.Named(o.Name, "the HPA") + " or " + scale.Named(o.Other, "the ScaledObject") + " (T-03)"}
	case scale.OwnerRollout, scale.OwnerController:
		return []string{leverRemedy(o, count, to)}
	case scale.OwnerNone:
	}
	return nil
}

func hpaRemedies(o scale.Owner, count string, to int, down bool) []string {
	switch {
	case o.Rest == scale.RestMetrics:
		return []string{"mend its metrics: " + scale.Named(scale.ClauseOf(o.RestWhy), "kubectl describe hpa "+o.Name)}
	case o.Rest == scale.RestAmbiguous:
		return []string{"leave one autoscaler on these pods and remove the others (T-03)"}
	case o.Rest == scale.RestTarget:
		return []string{"mend the scaleTargetRef of " + o.Title() + ", or its right to read the scale"}
	case down:
		return []string{"lower maxReplicas of " + o.Title() + count + " instead, and put it back afterwards (T-01)"}
	case o.Max > 0 && to > o.Max:
		return []string{"raise maxReplicas and minReplicas of " + o.Title() + count + " instead, and put them back afterwards (T-01)"}
	}
	return []string{"raise minReplicas of " + o.Title() + count + " instead, and put it back afterwards (T-01)"}
}

func kedaRemedies(o scale.Owner, count string, to int, down bool) []string {
	switch {
	case pausedCount(o) != "":
		return []string{"change the annotation autoscaling.keda.sh/paused-replicas of " + o.Title() + count + " instead (T-04)"}
	case o.Rest == scale.RestNotReady:
		return []string{"mend " + o.Title() + ": " + scale.Named(scale.ClauseOf(o.RestWhy), "kubectl describe scaledobject "+o.Name)}
	case o.Rest == scale.RestMetrics || o.Fallback != "":
		return []string{"mend the triggers of " + o.Title() + ": kubectl describe scaledobject " + o.Name}
	case o.Rest == scale.RestAmbiguous:
		return []string{"leave one autoscaler on these pods and remove the others (T-03)"}
	case down:
		return []string{"lower maxReplicaCount of " + o.Title() + count + ", or pause it at a count, instead (T-01, T-04)"}
	case o.Max > 0 && to > o.Max:
		return []string{"raise maxReplicaCount and minReplicaCount of " + o.Title() + count + ", or pause it at a count, instead (T-01, T-04)"}
	}
	return []string{"raise minReplicaCount of " + o.Title() + count + ", or pause it at a count, instead (T-01, T-04)"}
}

// leaveOut is how to make a GitOps tool ignore the count.
func leaveOut(o scale.Owner) string {
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

func helmRemedy(o scale.Owner, count string) string {
	text := "set the count" + count + " in the values of " + o.Title() + " as well, or leave replicas out of the chart"
	if o.Applies {
		text += "; an upgrade that has failed goes through with --force-conflicts, which takes the count back"
	}
	return text
}

// leverRemedy is how to set the count of the object that owns the deployment.
func leverRemedy(o scale.Owner, count string, to int) string {
	if o.Kind == scale.OwnerRollout && o.Other != "" {
		return "change the bounds of " + o.Other + ", which sets the count of " + o.Title() + ", instead"
	}
	if o.Lever == "" {
		return "change the count" + count + " in " + o.Title() + " instead"
	}
	number := "N"
	if to > 0 {
		number = fmt.Sprint(to)
	}
	return "scale " + o.Title() + " instead: " + o.Lever + " --replicas=" + number
}

// CeilingNote says that the owner caps the count (T-14, T-40); empty when it does not.
func CeilingNote(o scale.Owner, to int) string {
	if o.Kind == scale.OwnerNone || o.Max <= 0 || pausedCount(o) != "" || o.Paused == scale.PausedFully {
		return ""
	}
	if to > o.Max {
		return fmt.Sprintf("%d is above the maximum of %d of %s", to, o.Max, o.Title())
	}
	if o.Wants >= o.Max {
		return fmt.Sprintf("%s is at its maximum of %d", o.Title(), o.Max)
	}
	return ""
}

// RefuseOwned refuses a count for a deployment whose pods an Argo Rollout runs: new pods would
// run beside the Rollout's, or be removed at once.
func RefuseOwned(c scale.Component, s scale.Snapshot, to int) *scale.Refusal {
	owner, known := s.Owner.Get()
	if !known || owner.Kind != scale.OwnerRollout || owner.Unsure {
		return nil
	}
	return &scale.Refusal{
		Code:  scale.RefusedOwned,
		Why:   fmt.Sprintf("The workers of %s belong to %s, which uses the deployment as its template.", c.Name, owner.Title()),
		Limit: "spec.workloadRef of the Rollout",
		Next:  scale.Sentence(leverRemedy(owner, "", to)),
		Try:   "/scale diagnose " + c.Name,
	}
}
