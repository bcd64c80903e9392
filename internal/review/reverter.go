package review

import (
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// unrecorded names the writer of a count that no field manager owns.
const unrecorded = "somebody whose name is not recorded"

// ownManager is the field manager under which the bot itself writes.
const ownManager = "scalebot"

// Reverter names who last wrote the replica count, for the sentence about a change that was
// undone: the field manager that the API server recorded. An autoscaler is named only where the
// manager is the controller it writes through: an autoscaler may own the count although a person
// has written it.
func Reverter(now scale.Snapshot) string {
	w, _ := now.Workload.Get()
	owner, known := now.Owner.Get()
	autoscaled := known && (owner.Kind == scale.OwnerHPA || owner.Kind == scale.OwnerKEDA || owner.Kind == scale.OwnerConflict)
	switch {
	case w.ReplicasBy == "" && autoscaled:
		return fmt.Sprintf("%s (perhaps %s)", unrecorded, owner.Title())
	case w.ReplicasBy == "":
		return unrecorded
	case w.ReplicasBy == ownManager:
		return "another write under the name " + ownManager
	case autoscaled && byAutoscaler(w.ReplicasBy):
		return fmt.Sprintf("%s (%s)", owner.Title(), w.ReplicasBy)
	}
	return w.ReplicasBy
}

// byAutoscaler reports whether a field manager is the one through which HPAs, or KEDA
// itself, write a count.
func byAutoscaler(manager string) bool {
	return manager == "kube-controller-manager" || strings.HasPrefix(manager, "keda")
}

// ByWhom names who set the count, as the end of a sentence: ", set by kubectl"; empty where
// that is not recorded.
func ByWhom(w scale.Workload) string {
	if w.ReplicasBy == "" {
		return ""
	}
	return ", set by " + w.ReplicasBy
}
