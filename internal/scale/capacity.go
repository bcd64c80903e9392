package scale

// Capacity is messages per second that one worker manages, and how that is known.
type Capacity struct {
	PerWorker float64 `json:"perWorker"`
	// Basis is how it is known: [BasisMeasured], [BasisSlots] or [BasisRunbook].
	Basis string `json:"basis"`
}
