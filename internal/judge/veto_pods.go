package judge

import (
	"fmt"
	"slices"

	"github.com/scalebot/scalebot/internal/scale"
)

// pendingVeto: requested pods do not run yet, so more of them would not either.
func (v View) pendingVeto() string {
	w, known := v.Now.Workload.Get()
	if !known {
		return ""
	}
	if why := StuckSentence(w, v.Now.Room); why != "" {
		return why
	}
	waiting, reason := 0, ""
	for _, p := range w.Counted() {
		if !p.Ready {
			waiting++
			if reason == "" && p.Trouble != "" {
				reason = ": " + scale.ClauseOf(p.Trouble)
			}
		}
	}
	missing := max(waiting, w.Desired-w.ReadyPods())
	if missing <= 0 {
		return ""
	}
	return fmt.Sprintf("%s not ready yet%s", scale.Of(missing, w.Desired, "replica")+scale.IsAre(missing), reason)
}

// PodRemedies are the runbook's answers to why pods do not start.
func (v View) PodRemedies() []string {
	w, _ := v.Now.Workload.Get()
	causes := []scale.PodCause{w.StuckCause}
	for _, p := range w.Counted() {
		if !p.Ready {
			causes = append(causes, p.Cause)
		}
	}
	var remedies []string
	for _, cause := range causes {
		if text := cause.Remedy(); text != "" && !slices.Contains(remedies, text) {
			remedies = append(remedies, text)
		}
	}
	if len(remedies) == 0 {
		remedies = append(remedies, "wait for the pods that were asked for already (R-035)")
	}
	return remedies
}

func (v View) rolloutVeto() string {
	if w, known := v.Now.Workload.Get(); known && w.Rolling && w.Paused {
		return "a rollout is paused halfway" + scale.ImageOf(w)
	} else if known && w.Rolling {
		return "a rollout is in progress" + scale.ImageOf(w)
	}
	return ""
}

// RoomVeto says that the added pods do not fit.
func (v View) RoomVeto(to int) string {
	room, known := v.Now.Room.Get()
	more := to - v.Replicas
	switch {
	case !known || more <= 0:
		return ""
	case room.Refused != "":
		return "every new pod would be refused: " + scale.ClauseOf(room.Refused)
	case room.QuotaPods >= 0 && room.QuotaPods < more:
		return fmt.Sprintf("%d do not fit: the quota allows %s of this size, %d are needed%s%s", to, noneOr(room.QuotaPods, "more pod"),
			more, quotaOf(room), v.endingClause())
	case room.NodePods >= 0 && room.NodePods < more:
		return fmt.Sprintf("%d do not fit: the nodes have room for %s of this size, %d are needed%s",
			to, noneOr(room.NodePods, "more pod"), more, v.endingClause())
	}
	return ""
}

// noneOr prints a count with its noun: "no more pods", "1 more pod", "3 more pods".
func noneOr(n int, thing string) string {
	if n == 0 {
		return "no " + thing + "s"
	}
	return scale.Several(n, thing)
}

func quotaOf(r scale.Room) string {
	if len(r.Quota) == 0 {
		return ""
	}
	return " (" + scale.List(r.Quota, 2) + ")"
}
