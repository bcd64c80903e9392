package change

import "fmt"

// Kind names what a change sets, as records and logs name it: "replicas".
type Kind string

// Change is what one write sets: the values that were seen and the values that are wanted. This
// package holds all its kinds. Each kind is comparable: two values that are equal are the same
// change.
type Change interface {
	Kind() Kind
	// Ends are the value before and the wanted one, as records, logs and columns of a table
	// show them: a number where the kind has one, a text otherwise.
	Ends() (from, to any)
	// Back is the change that undoes it.
	Back() Change
	// Figures are the values as a line of the audit trail has them.
	Figures() Figures
	// Stringer is the change in words that follow the name of a component: "from 6 to 9".
	fmt.Stringer

	// known is unexported, so that only this package can define kinds.
	known()
}

// Step is one change of an operation that is written on its own.
type Step struct {
	Do Change
}

// Figures are the values of a change in a line of the audit trail. Every kind fills in its own
// fields and leaves the others empty, which does not mean zero.
type Figures struct {
	ReplicasFrom *int `json:"replicasFrom,omitempty"`
	ReplicasTo   *int `json:"replicasTo,omitempty"`
}
