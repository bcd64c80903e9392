package measuretest

// BusyButQuiet is an idle world with traffic: each partition gets 50 messages a second,
// so that 24 × 50 × 2.5 s = 3,000 of its lag only wait for the next commit.
func BusyButQuiet(lag int64) *World {
	w := IdleWorld()
	w.Lag(lag)
	for i := range w.Now.Lag.Value.Partitions {
		w.Now.Lag.Value.Partitions[i].Arrival = 50
	}
	for i := range w.Past {
		w.Past[i].Lag = float64(lag)
	}
	return w
}
