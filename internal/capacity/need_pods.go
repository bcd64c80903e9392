package capacity

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/scale"
)

// resources is what the pods of the plan need: by their requests, which is what the scheduler
// counts, and by the highest use seen, with the headroom applied once (R-098 to R-104, T-20).
func (n *needing) resources() {
	if n.need.Workers <= 0 {
		return
	}
	w, known := n.Now.Workload.Get()
	if !known {
		n.resource("what a pod takes is unknown: " + n.Now.Workload.Why())
		return
	}
	count := int64(n.need.Workers)
	if w.Requests.CPU > 0 && w.Requests.Memory > 0 {
		n.resource(fmt.Sprintf("by request, which the scheduler counts: %d × %s and %s = %s and %s",
			count, millis(w.Requests.CPU), inMemory(w.Requests.Memory), cores(float64(count*w.Requests.CPU)), inMemory(count*w.Requests.Memory)))
	} else {
		n.resource("the pods do not say what they request, so that the scheduler counts nothing for them")
	}
	n.peak(w, float64(count))
	if room, known := n.Now.Room.Get(); known && n.need.Workers > n.Replicas {
		n.resource(fmt.Sprintf("%d more than now; %s (R-103)", n.need.Workers-n.Replicas, judge.RoomFor(room)))
	}
}

// peak is the use of the busiest pod times the count, with headroom.
func (n *needing) peak(w scale.Workload, count float64) {
	usage, known := n.Now.Usage.Get()
	if !known {
		n.resource("what a pod uses is unknown: " + n.Now.Usage.Why())
		return
	}
	peak := usage.Highest(w)
	cpu, memory := float64(peak.CPU), float64(peak.Memory)
	if cpu <= 0 || memory <= 0 {
		return
	}
	room := max(1, n.Policy.Sizing.Headroom)
	n.resource(fmt.Sprintf("by use, highest pod now: %.0f × %s and %s × %.2g = %s and %s (R-104)",
		count, millis(int64(cpu)), inMemory(int64(memory)), room, cores(count*cpu*room), inMemory(int64(count*memory*room))))
}

func (n *needing) resource(text string) { n.need.Resources = append(n.need.Resources, text) }

// millis prints CPU the way manifests do: "800m".
func millis(cpu int64) string { return fmt.Sprintf("%dm", cpu) }

// cores prints thousandths of a core as cores: "11.52 cores".
func cores(millicores float64) string { return fmt.Sprintf("%.4g cores", millicores/1000) }

// inMemory prints memory in the units of manifests: "768Mi", "10.8Gi".
func inMemory(n int64) string {
	const mi, gi = 1 << 20, 1 << 30
	if n < 10*gi/8 {
		return fmt.Sprintf("%dMi", (n+mi/2)/mi)
	}
	return fmt.Sprintf("%.3gGi", float64(n)/gi)
}
