package scale

// ageKnown reports whether the partition's oldest unread message has a known age. A waiting
// message is never zero old: where there is lag, an age of zero means that the age is unknown.
func (p PartitionLag) ageKnown() bool { return p.Lag <= 0 || p.Oldest > 0 }

// Oldest is the age of the oldest unread message over all partitions, and whether it is known. A
// partition without lag has the known age zero.
func (l Lag) Oldest() (Age, bool) { return l.OldestBut(nil) }

// OldestBut is Oldest without some partitions, such as the stalled ones, which have a sentence of
// their own.
func (l Lag) OldestBut(not func(PartitionLag) bool) (Age, bool) {
	var oldest Age
	known := l.Complete()
	for _, p := range l.Partitions {
		switch {
		case not != nil && not(p):
		case p.Flag == LagUnknown || !p.ageKnown():
			oldest.AtLeast = true
		case p.Lag <= 0:
		case p.Oldest >= oldest.Time:
			known = true
			oldest.Time, oldest.Topic, oldest.Partition = p.Oldest, p.Topic, p.Partition
			oldest.AtLeast = oldest.AtLeast || p.OldestAtLeast
		}
	}
	if oldest.Topic == "" && oldest.AtLeast {
		return Age{}, false
	}
	return oldest, known
}
