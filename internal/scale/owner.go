package scale

import (
	"fmt"
	"strings"
	"time"
)

// Aims are what the owner steers by, without where that is now.
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

// OwnerRest is why an autoscaler stands still.
type OwnerRest string

// The reasons, by what the autoscaler still does.
const (
	// RestNone: it does not stand still.
	RestNone OwnerRest = ""
	// RestMetrics: it has no metrics to go by. It still puts counts outside its bounds back.
	RestMetrics OwnerRest = "metrics"
	// RestAmbiguous: several autoscalers steer the same pods, and each stops because of the
	// other. They still put counts outside their bounds back.
	RestAmbiguous OwnerRest = "ambiguous"
	// RestZero: a count of 0 switches it off, and any other count on again.
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

// PausedAt is the pause of a ScaledObject that is to hold the given count, as written in
// its annotation. What is no number KEDA cannot hold; it then leaves the count alone.
func PausedAt(count string) string { return "at " + count + " replicas" }

// What KEDA does while a trigger fails (spec.fallback.behavior).
const (
	FallbackStatic   = "static"
	FallbackCurrent  = "currentReplicas"
	FallbackIfHigher = "currentReplicasIfHigher"
	FallbackIfLower  = "currentReplicasIfLower"
)

// TargetNow comes between what an autoscaler steers by and where that is at present.
const TargetNow = ", now "

// Undo is what an autoscaler does with a count inside its bounds that somebody else set.
// The zero value undoes it at the next look.
type Undo struct {
	// After is how long it lets the count stand.
	After time.Duration `json:"after,omitempty"`
	// Window is how much longer it may, while it remembers having wanted another count.
	Window time.Duration `json:"window,omitempty"`
	// Never says that it leaves such a count alone.
	Never bool `json:"never,omitempty"`
}

// Owner is who would undo a change of the replica count, and how (T-01 to T-04).
type Owner struct {
	Kind OwnerKind `json:"kind"`
	// Name is the HPA's, ScaledObject's, Rollout's, release's or field manager's name, with
	// the kind before it where that is not what Kind says; Other names the second owner in a
	// conflict, and the autoscaler above a Rollout.
	Name  string `json:"name,omitempty"`
	Other string `json:"other,omitempty"`
	// Ref is what a GitOps tool or Helm writes it from: "Application downloads".
	Ref string `json:"ref,omitempty"`
	// Lever is the command that sets the owner's own count, without the count; empty when it
	// has none or that is not known.
	Lever string `json:"lever,omitempty"`
	// Unsure says that the owner writes the deployment, and that it is not known whether what
	// it writes states a count, or whether it is still there.
	Unsure bool `json:"unsure,omitempty"`
	// Applies says that Helm writes by server-side apply, as Helm 4 does.
	Applies bool `json:"applies,omitempty"`
	// Min and Max are its bounds; 0 when it has none.
	Min int `json:"min,omitempty"`
	Max int `json:"max,omitempty"`
	// Wants is the count it wants at present; 0 when it does not say, or has not been able to
	// tell for a while.
	Wants int `json:"wants,omitempty"`
	// Targets describe what it steers by, and after TargetNow where that is at present:
	// "cpu 70 % of request, now 82 %".
	Targets []string `json:"targets,omitempty"`
	// LagPerReplica is the lag one replica stands for by a KEDA trigger; 0 when it has no
	// such trigger. Triggers are those triggers in full.
	LagPerReplica int64        `json:"lagPerReplica,omitempty"`
	Triggers      []LagTrigger `json:"triggers,omitempty"`
	// Idle is the count KEDA keeps while no trigger is active (idleReplicaCount).
	Idle *int `json:"idle,omitempty"`
	// Paused describes a KEDA pause: "", "fully", "at 6 replicas", "scale-in only" (T-04).
	Paused string `json:"paused,omitempty"`
	// Fallback is what KEDA does at present because a trigger fails, empty when none does,
	// and FallbackTo its count.
	Fallback   string `json:"fallback,omitempty"`
	FallbackTo int    `json:"fallbackTo,omitempty"`
	// LastEvent is its newest event or condition in one sentence.
	LastEvent string `json:"lastEvent,omitempty"`
	// Within is how soon it acts when it does; 0 when it would not undo a change.
	Within time.Duration `json:"within,omitempty"`
	// Higher and Lower are what an autoscaler does with a count above and below its own.
	Higher Undo `json:"higher,omitzero"`
	Lower  Undo `json:"lower,omitzero"`
	// Rest is why it stands still, and RestWhy the same in its own words.
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

// Ails reports whether something keeps an autoscaler from its work.
func (o Owner) Ails() bool { return o.Fallback != "" || o.Rest != RestNone && o.Rest != RestZero }

// from is what a tool writes the deployment from, in brackets.
func (o Owner) from() string {
	if o.Ref == "" {
		return ""
	}
	return " (" + o.Ref + ")"
}

// Words names the owner with its bounds and what holds it up, for a status.
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
