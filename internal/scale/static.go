package scale

import "fmt"

// staticSurplus is how many members with a fixed name are too many after a scale-down, where
// members cannot be matched with pods: those that went may still be listed, because they
// keep their partitions for the session time-out (KIP-345). Zero when there are more than
// went, because then somebody else is there.
func (c Consumers) staticSurplus(change Replicas, perPod int) int {
	if c.Matched || !change.Down() {
		return 0
	}
	static := 0
	for _, m := range c.Own {
		if m.Instance != "" {
			static++
		}
	}
	surplus := len(c.Own) - change.To*perPod
	if surplus <= 0 || surplus > static || surplus > (change.From-change.To)*perPod {
		return 0
	}
	return surplus
}

// surplusSentence says what such a surplus is.
func (c Consumers) surplusSentence(change Replicas, perPod int) string {
	return fmt.Sprintf("%s for %s: static members (group.instance.id) that have gone keep their partitions until the session time-out ends, 45 s unless it was set otherwise",
		several(len(c.Own), "member"), several(change.To, "pod"))
}
