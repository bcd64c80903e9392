package scale

// Room is the space left for more pods.
type Room struct {
	// Free is allocatable minus requested over the schedulable nodes.
	Free Resources `json:"free"`
	// Quota lists the resource quotas that bound the namespace, as sentences. QuotaPods is how
	// many more pods of this size they allow; -1 when no quota applies.
	Quota     []string `json:"quota,omitempty"`
	QuotaPods int      `json:"quotaPods"`
	// NodePods is how many more pods of this size fit on the nodes; -1 when unknown.
	NodePods int `json:"nodePods"`
	// Refused says why the API server would refuse every new pod; empty when it would not.
	// QuotaPods is then 0.
	Refused string `json:"refused,omitempty"`
	// Beyond lists further limits that the numbers do not include: the numbers are then "at
	// most".
	Beyond []string `json:"beyond,omitempty"`
}
