package change

import "fmt"

// KindReplicas is the kind of [Replicas].
const KindReplicas Kind = "replicas"

// Replicas sets the replica count of a workload.
type Replicas struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Kind is KindReplicas.
func (Replicas) Kind() Kind { return KindReplicas }

// Ends are the two counts, as int.
func (r Replicas) Ends() (from, to any) { return r.From, r.To }

// Back sets the count of before.
func (r Replicas) Back() Change { return Replicas{From: r.To, To: r.From} }

// Figures are the two counts.
func (r Replicas) Figures() Figures { return Figures{ReplicasFrom: &r.From, ReplicasTo: &r.To} }

// String is "from 6 to 9".
func (r Replicas) String() string { return fmt.Sprintf("from %d to %d", r.From, r.To) }

// Down reports whether replicas are taken away.
func (r Replicas) Down() bool { return r.To < r.From }

func (Replicas) known() {}
