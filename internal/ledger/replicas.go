package ledger

// Replicas is the change an operation makes: an absolute target, so that repeating
// the write after a crash is safe.
type Replicas struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Down reports whether replicas are taken away.
func (r Replicas) Down() bool { return r.To < r.From }
