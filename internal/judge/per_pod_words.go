package judge

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// perPodReason says how many consumers a pod runs where that bounds the count; none where
// each runs one.
func (v View) perPodReason() []string {
	if v.ConsumersEach() < 2 || v.Partitions <= 0 || v.Open {
		return nil
	}
	text := fmt.Sprintf("%s per pod (%s): %d run %d for %s, and more than %d would leave some idle",
		scale.Several(v.ConsumersEach(), "consumer"), v.PerPodNow.Source, v.Replicas, v.Consumers(v.Replicas), v.Parts(v.Dealt()), v.Ceiling())
	if v.PerPodNow.Note != "" {
		text += "; " + v.PerPodNow.Note
	}
	return []string{text}
}

// perPodNote says which number of consumers per pod a judgement assumes.
func (v View) perPodNote() string {
	switch {
	case v.Component.Single != "" || v.Partitions <= 0 || v.Open:
		return ""
	case !v.PerPodNow.Known():
		return "1 consumer per pod is assumed: " + v.PerPodNow.Why()
	case v.ConsumersEach() > 1 || v.PerPodNow.Note != "":
		text := scale.Several(v.ConsumersEach(), "consumer") + " per pod"
		if v.PerPodNow.Source == measure.RunbookFile {
			text += " by the runbook file"
		}
		if v.PerPodNow.Note != "" {
			text += ", " + v.PerPodNow.Note
		}
		return text
	}
	return ""
}

// manyPerPod is the number of members per ready pod from which a pod probably runs several.
const manyPerPod = 2

// crowdVeto: there are far more members than pods, and it is not known which run where. They may
// already own all partitions, so that more pods would idle.
func (v View) crowdVeto() string {
	consumers, known := v.ConsumersNow.Get()
	ready, counted := v.Ready()
	if v.PerPodNow.Known() || !known || !counted || ready <= 0 || len(consumers.Own) < manyPerPod*ready || v.Component.Single != "" || v.Open {
		return ""
	}
	return fmt.Sprintf("the group has %s for %s, and how many run in a pod is not known: more pods may only add idle ones",
		scale.Several(len(consumers.Own), "member"), scale.Several(ready, "ready pod"))
}
