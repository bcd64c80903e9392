package scale

import "fmt"

// perPodReason says how many consumers a pod runs where that bounds the count; none where
// each runs one.
func (v view) perPodReason() []string {
	if v.consumersEach() < 2 || v.partitions <= 0 || v.open {
		return nil
	}
	text := fmt.Sprintf("%s per pod (%s): %d run %d for %s, and more than %d would leave some idle",
		several(v.consumersEach(), "consumer"), v.perPodNow.Source, v.replicas, v.consumers(v.replicas), v.parts(v.dealt()), v.ceiling())
	if v.perPodNow.Note != "" {
		text += "; " + v.perPodNow.Note
	}
	return []string{text}
}

// perPodNote says what a judgement takes for granted.
func (v view) perPodNote() string {
	switch {
	case v.c.Single != "" || v.partitions <= 0 || v.open:
		return ""
	case !v.perPodNow.Known():
		return "1 consumer per pod is assumed: " + v.perPodNow.Why()
	case v.consumersEach() > 1 || v.perPodNow.Note != "":
		text := several(v.consumersEach(), "consumer") + " per pod"
		if v.perPodNow.Source == RunbookFile {
			text += " by the runbook file"
		}
		if v.perPodNow.Note != "" {
			text += ", " + v.perPodNow.Note
		}
		return text
	}
	return ""
}

// manyPerPod is from how many members for each ready pod it is likely that a pod runs
// several.
const manyPerPod = 2

// crowdVeto: far more members than pods, and nothing tells which run where. They may fill
// the partitions already, so that more pods would idle.
func (v view) crowdVeto() string {
	consumers, known := v.consumersNow.Get()
	ready, counted := v.ready()
	if v.perPodNow.Known() || !known || !counted || ready <= 0 || len(consumers.Own) < manyPerPod*ready || v.c.Single != "" || v.open {
		return ""
	}
	return fmt.Sprintf("the group has %s for %s, and how many run in a pod is not known: more pods may only add idle ones",
		several(len(consumers.Own), "member"), several(ready, "ready pod"))
}
