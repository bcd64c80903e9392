package scale

// Room is the space left for more pods.
type Room struct {
	// Free is allocatable minus requested over the schedulable nodes.
	Free Resources `json:"free"`
	// Quota lists resource quotas that bound the namespace, as sentences, and
	// QuotaPods how many more pods of this size they allow; -1 when none bounds it.
	Quota     []string `json:"quota,omitempty"`
	QuotaPods int      `json:"quotaPods"`
	// NodePods is how many more pods of this size fit on the nodes; -1 when unknown.
	NodePods int `json:"nodePods"`
	// Refused says why every new pod would be refused when it is made; empty when none
	// would be. QuotaPods is 0 then.
	Refused string `json:"refused,omitempty"`
	// Beyond lists what bounds the room further and is not counted: the numbers are "at
	// most" then.
	Beyond []string `json:"beyond,omitempty"`
}
