package scale

// Capacity is messages per second that one worker manages, and how that is known.
type Capacity struct {
	PerWorker float64 `json:"perWorker"`
	// Basis is how it is known: measure.BasisMeasured, measure.BasisSlots or measure.BasisRunbook.
	Basis string `json:"basis"`
}
