package scale

import (
	"fmt"
	"strings"
	"time"
)

// Aims are the targets the owner scales by, without their present values.
func (o Owner) Aims() []string {
	var out []string
	for _, target := range o.Targets {
		aim, _, _ := strings.Cut(target, TargetNow)
		out = append(out, aim)
	}
	return out
}

// OwnerKind is who owns the replica count of a workload.
type OwnerKind string

// The owners the bot knows.
const (
	OwnerNone     OwnerKind = "none"
	OwnerHPA      OwnerKind = "hpa"
	OwnerKEDA     OwnerKind = "keda"
	OwnerGitOps   OwnerKind = "gitops"
	OwnerConflict OwnerKind = "conflict" // two autoscalers at once (T-03)
	// OwnerRollout: an Argo Rollout runs the pods, and its spec.workloadRef names the
	// deployment as its template.
	OwnerRollout OwnerKind = "rollout"
	// OwnerController: another object is the deployment's controller (ownerReferences), as an
	// operator's custom resource is.
	OwnerController OwnerKind = "controller"
	// OwnerHelm: a Helm release. It writes with its upgrades and at no other time.
	OwnerHelm OwnerKind = "helm"
)

// OwnerRest is why an autoscaler does not act at present.
type OwnerRest string

// The reasons, by what the autoscaler still does.
const (
	// RestNone: it acts as usual.
	RestNone OwnerRest = ""
	// RestMetrics: it has no metrics to scale by. It still corrects counts outside its bounds.
	RestMetrics OwnerRest = "metrics"
	// RestAmbiguous: several autoscalers select the same pods, and each stops because of the
	// other. They still correct counts outside their bounds.
	RestAmbiguous OwnerRest = "ambiguous"
	// RestZero: a count of 0 switches it off, and any other count switches it on again.
	RestZero OwnerRest = "zero"
	// RestTarget: it cannot read the scale of its target, and does nothing at all.
	RestTarget OwnerRest = "target"
	// RestNotReady: a ScaledObject that KEDA does not accept, without an HPA. Nobody scales.
	RestNotReady OwnerRest = "not_ready"
)

// The pauses of a ScaledObject (T-04), beside PausedAt.
const (
	PausedFully = "fully"
	PausedIn    = "scale-in only"
	PausedOut   = "scale-out only"
	PausedBoth  = "scale-in and scale-out"
)

// PausedAt is the pause of a ScaledObject that is to hold the given count, as written in its
// annotation. KEDA ignores a value that is not a number, and then leaves the count alone.
func PausedAt(count string) string { return "at " + count + " replicas" }

// What KEDA does while a trigger fails (spec.fallback.behavior).
const (
	FallbackStatic   = "static"
	FallbackCurrent  = "currentReplicas"
	FallbackIfHigher = "currentReplicasIfHigher"
	FallbackIfLower  = "currentReplicasIfLower"
)

// TargetNow separates a target of an autoscaler from its present value.
const TargetNow = ", now "

// Undo is how an autoscaler treats a count inside its bounds that somebody else set. The zero
// value means that it resets the count at its next evaluation.
type Undo struct {
	// After is how long it leaves the count alone.
	After time.Duration `json:"after,omitempty"`
	// Window is how much longer that may take while the autoscaler's stabilization window still
	// holds another count.
	Window time.Duration `json:"window,omitempty"`
	// Never says that it never resets such a count.
	Never bool `json:"never,omitempty"`
}

// Owner is who would undo a change of the replica count, and how (T-01 to T-04).
type Owner struct {
	Kind OwnerKind `json:"kind"`
	// Name is the name of the HPA, ScaledObject, Rollout, release or field manager; its kind
	// comes before it where Kind does not say it. Other names the second owner in a conflict, and
	// the autoscaler that controls a Rollout.
	Name  string `json:"name,omitempty"`
	Other string `json:"other,omitempty"`
	// Ref is the source from which a GitOps tool or Helm writes the deployment: "Application
	// downloads".
	Ref string `json:"ref,omitempty"`
	// Lever is the command that sets the owner's own count, without the count; empty when the
	// owner has no such command or it is not known.
	Lever string `json:"lever,omitempty"`
	// Unsure says that the owner writes the deployment, but that two things are not known:
	// whether its manifest states a count, or whether the owner still exists.
	Unsure bool `json:"unsure,omitempty"`
	// Applies says that Helm writes by server-side apply, as Helm 4 does.
	Applies bool `json:"applies,omitempty"`
	// Min and Max are its bounds; 0 when it has none.
	Min int `json:"min,omitempty"`
	Max int `json:"max,omitempty"`
	// Wants is the count it wants at present; 0 when it does not say, or has been unable to
	// compute one for a while.
	Wants int `json:"wants,omitempty"`
	// Targets describe what it scales by, each with its present value after TargetNow: "cpu 70 %
	// of request, now 82 %".
	Targets []string `json:"targets,omitempty"`
	// LagPerReplica is the lag that calls for one replica by a KEDA trigger; 0 when it has no
	// such trigger. Triggers are those triggers in full.
	LagPerReplica int64        `json:"lagPerReplica,omitempty"`
	Triggers      []LagTrigger `json:"triggers,omitempty"`
	// Idle is the count KEDA keeps while no trigger is active (idleReplicaCount).
	Idle *int `json:"idle,omitempty"`
	// Paused describes a KEDA pause: "", "fully", "at 6 replicas", "scale-in only" (T-04).
	Paused string `json:"paused,omitempty"`
	// Fallback is what KEDA does at present because a trigger fails; empty when none does.
	// FallbackTo is the count it falls back to.
	Fallback   string `json:"fallback,omitempty"`
	FallbackTo int    `json:"fallbackTo,omitempty"`
	// LastEvent is its newest event or condition in one sentence.
	LastEvent string `json:"lastEvent,omitempty"`
	// Within is how soon it undoes a change; 0 when it would not undo one.
	Within time.Duration `json:"within,omitempty"`
	// Higher and Lower are how an autoscaler treats a count above and below the one it wants.
	Higher Undo `json:"higher,omitzero"`
	Lower  Undo `json:"lower,omitzero"`
	// Rest is why it does not act at present, and RestWhy the same in the autoscaler's own words.
	Rest    OwnerRest `json:"rest,omitempty"`
	RestWhy string    `json:"restWhy,omitempty"`
}

// Title names the owner: "HPA download-worker-hpa".
func (o Owner) Title() string {
	switch o.Kind {
	case OwnerHPA:
		return strings.TrimSpace("HPA " + o.Name)
	case OwnerKEDA:
		return strings.TrimSpace("ScaledObject " + o.Name)
	case OwnerGitOps:
		return Named(o.Name, "a GitOps manager") + o.from()
	case OwnerHelm:
		return strings.TrimSpace("Helm release "+o.Name) + o.from()
	case OwnerRollout:
		return strings.TrimSpace("Argo Rollout " + o.Name)
	case OwnerController:
		return Named(o.Name, "another object")
	case OwnerConflict:
		return strings.TrimSpace(o.Name + " and " + o.Other)
	case OwnerNone:
	}
	return "nobody"
}

// Ails reports whether something keeps an autoscaler from working.
func (o Owner) Ails() bool { return o.Fallback != "" || o.Rest != RestNone && o.Rest != RestZero }

// from is the source from which a tool writes the deployment, in brackets.
func (o Owner) from() string {
	if o.Ref == "" {
		return ""
	}
	return " (" + o.Ref + ")"
}

// Words names the owner with its bounds and what keeps it from acting, for a status.
func (o Owner) Words() string {
	text := map[OwnerKind]string{OwnerNone: "nobody but people", OwnerKEDA: "KEDA " + o.Title(), OwnerGitOps: "GitOps: " + o.Title(), OwnerConflict: "two owners: " + o.Title()}[o.Kind]
	if text == "" {
		text = o.Title()
	}
	if o.Max > 0 {
		text += fmt.Sprintf(", %d–%d", o.Min, o.Max)
	}
	if o.Paused != "" {
		text += ", paused " + o.Paused
	}
	if o.Rest != RestNone && o.Rest != RestZero {
		text += ", stands still"
	}
	return text
}
