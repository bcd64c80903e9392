package scale

// ageKnown reports whether the partition's oldest unread message has a known age. A
// message that waits has waited for some time, so that zero beside lag is no age.
func (p PartitionLag) ageKnown() bool { return p.Lag <= 0 || p.Oldest > 0 }

// Oldest is the age of the oldest unread message over all partitions; false when no age
// is known, and never for want of lag: what has been read completely is zero old.
func (l Lag) Oldest() (Age, bool) { return l.OldestBut(nil) }

// OldestBut leaves out partitions, such as those that stand still and have their own
// sentence.
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
