package scale

import "fmt"

// pendingVeto: pods that were asked for do not run yet, so more of them would not
// either.
func (v view) pendingVeto() string {
	w, known := v.s.Workload.Get()
	if !known {
		return ""
	}
	if why := stuckSentence(w, v.s.Room); why != "" {
		return why
	}
	waiting, reason := 0, ""
	for _, p := range w.Counted() {
		if !p.Ready {
			waiting++
			if reason == "" && p.Trouble != "" {
				reason = ": " + clauseOf(p.Trouble)
			}
		}
	}
	missing := max(waiting, w.Desired-w.readyPods())
	if missing <= 0 {
		return ""
	}
	return fmt.Sprintf("%s not ready yet%s", of(missing, w.Desired, "replica")+isAre(missing), reason)
}

// absent is how many of the wanted pods do not come by themselves; zero when that is not
// known.
func (v view) absent() int {
	w, _ := v.s.Workload.Get()
	return w.absent()
}

// podRemedies are the runbook's answers to why pods do not start.
func (v view) podRemedies() []string {
	w, _ := v.s.Workload.Get()
	causes := []PodCause{w.StuckCause}
	for _, p := range w.Counted() {
		if !p.Ready {
			causes = append(causes, p.Cause)
		}
	}
	var remedies []string
	for _, cause := range causes {
		if text := cause.remedy(); text != "" && !contains(remedies, text) {
			remedies = append(remedies, text)
		}
	}
	if len(remedies) == 0 {
		remedies = append(remedies, "wait for the pods that were asked for already (R-035)")
	}
	return remedies
}

// remedy is the runbook's advice for a cause; empty when it names none.
func (c PodCause) remedy() string {
	switch c {
	case CauseNodes:
		return "add nodes or free capacity: the cluster has no room for the pods (R-136)"
	case CauseImage:
		return "check the image name and the registry (R-136)"
	case CauseQuota:
		return "raise the resource quota of the namespace; the pods come some minutes after that, when the ReplicaSet tries again (R-136)"
	case CauseRefused:
		return "correct the pod template, or the policy that refuses its pods"
	case CauseMemory:
		return "raise the memory limit or lower the concurrency: the container was killed for memory (R-072, R-076)"
	case CauseCrash:
		return "read the log of the crashing container; a rollback of the last rollout may help (R-109)"
	case CauseNone, CauseStarting, CauseOther:
	}
	return ""
}

func (v view) rolloutVeto() string {
	if w, known := v.s.Workload.Get(); known && w.Rolling && w.Paused {
		return "a rollout is paused halfway" + imageOf(w)
	} else if known && w.Rolling {
		return "a rollout is in progress" + imageOf(w)
	}
	return ""
}

func imageOf(w Workload) string {
	if w.Image == "" {
		return ""
	}
	return " (" + w.Image + ")"
}

// roomVeto: the pods that the target adds find no place.
func (v view) roomVeto(to int) string {
	room, known := v.s.Room.Get()
	more := to - v.replicas
	switch {
	case !known || more <= 0:
		return ""
	case room.Refused != "":
		return "every new pod would be refused: " + clauseOf(room.Refused)
	case room.QuotaPods >= 0 && room.QuotaPods < more:
		return fmt.Sprintf("%d do not fit: the quota allows %s of this size, %d are needed%s%s", to, noneOr(room.QuotaPods, "more pod"),
			more, quotaOf(room), v.endingClause())
	case room.NodePods >= 0 && room.NodePods < more:
		return fmt.Sprintf("%d do not fit: the nodes have room for %s of this size, %d are needed%s",
			to, noneOr(room.NodePods, "more pod"), more, v.endingClause())
	}
	return ""
}

// noneOr counts things as people do: "no more pods", "1 more pod", "3 more pods".
func noneOr(n int, thing string) string {
	if n == 0 {
		return "no " + thing + "s"
	}
	return several(n, thing)
}

func quotaOf(r Room) string {
	if len(r.Quota) == 0 {
		return ""
	}
	return " (" + list(r.Quota, 2) + ")"
}
