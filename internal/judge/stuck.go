package judge

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/scale"
)

// StuckSentence says why no pods are created; empty when nothing blocks the deployment. Room in a
// quota helps only when the ReplicaSet tries again: after each refusal it waits longer, up to
// some 17 minutes.
func StuckSentence(w scale.Workload, room scale.Reading[scale.Room]) string {
	if w.Stuck == "" {
		return ""
	}
	text := "the deployment is stuck: " + scale.ClauseOf(w.Stuck)
	if r, known := room.Get(); known && w.StuckCause == scale.CauseQuota && r.Refused == "" && r.QuotaPods != 0 {
		return text + fmt.Sprintf("; the quota has room for %s by now, and the pods come when the ReplicaSet tries again, minutes after the quota was raised (R-136)", moreOr(r.QuotaPods))
	}
	return text
}

// moreOr prints a count of pods; a negative count means no limit.
func moreOr(pods int) string {
	if pods < 0 {
		return "all of them"
	}
	return scale.Several(pods, "more pod")
}

// endingClause says that terminating pods still take up room; empty when there are none.
func (v View) endingClause() string {
	w, _ := v.Now.Workload.Get()
	ending := 0
	for _, p := range w.Pods {
		if p.Terminating {
			ending++
		}
	}
	if ending == 0 {
		return ""
	}
	return fmt.Sprintf("; %s still ending and counted until gone", scale.Several(ending, "pod")+scale.IsAre(ending))
}

// pausedWarning says what a paused deployment does not do: it scales, but does not roll out a
// changed template until it is resumed. In the middle of a rollout the new pods are divided
// between the old and the new template.
func (v View) pausedWarning() string {
	w, known := v.Now.Workload.Get()
	switch {
	case !known || !w.Paused:
		return ""
	case w.Rolling:
		return fmt.Sprintf("deployment %s is paused in the middle of a rollout: the pods of the change are shared out between the old and the new template, and it does not settle until kubectl rollout resume", w.Name)
	}
	return fmt.Sprintf("deployment %s is paused: it scales, but a changed template waits until kubectl rollout resume", w.Name)
}
