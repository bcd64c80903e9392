package scale

// awayEpoch is the epoch under which a KIP-848 broker lists a static member that has left and may
// rejoin under its instance id.
const awayEpoch = -2

// Member is one consumer of a group and what it owns.
type Member struct {
	ID     string `json:"id"`
	Client string `json:"client,omitempty"`
	// Host is the address the member connects from, Rack the client.rack it reports.
	Host string `json:"host,omitempty"`
	Rack string `json:"rack,omitempty"`
	// Instance is the group.instance.id of a static member (KIP-345), empty for others.
	Instance string `json:"instance,omitempty"`
	// Epoch is the member epoch of the protocols that have one: 0 while joining, -1 while
	// leaving, -2 for a static member that has left and whose partitions are reserved for it. It
	// is 0 in a classic group, where the broker does not report one.
	Epoch int32 `json:"epoch,omitempty"`
	// Subscribed are the topics the member subscribes to, Pattern the regular expression it
	// subscribes with instead or in addition. Both are empty when the broker does not report
	// them.
	Subscribed []string `json:"subscribed,omitempty"`
	Pattern    string   `json:"pattern,omitempty"`
	// Partitions maps a topic to the partition numbers this member owns.
	Partitions map[string][]int32 `json:"partitions,omitempty"`
	// Opaque says that the member's assignment could not be read: empty Partitions then do not
	// mean that it owns none.
	Opaque bool `json:"opaque,omitempty"`
}

// Away reports whether the broker says that this static member has left while its partitions are
// reserved for it. The broker of a classic group never says so.
func (m Member) Away() bool { return m.Epoch == awayEpoch }

// Owned is how many partitions the member owns.
func (m Member) Owned() int {
	n := 0
	for _, p := range m.Partitions {
		n += len(p)
	}
	return n
}
