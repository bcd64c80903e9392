package bench

import (
	"runtime"
	"slices"
	"testing"
	"time"
)

// BenchmarkLagSweep reads the lag of many groups, and of one wide one, with scalebot's
// reader, with kadm.Lag, with sarama in KEDA's pattern (one request per leader, written by
// hand) and, near, in kafka_exporter's (its own call for one partition: 20 ms away one
// sweep takes a quarter of a minute, which shows nothing more). All have to find the same
// total in every sweep. With -short, which is for seeing that they still do, nobody is
// 20 ms away.
func BenchmarkLagSweep(b *testing.B) {
	brokers := startCluster(b)
	var many []pair
	for i, group := range names("group") {
		many = append(many, pair{group, names("topic")[i], partitions})
	}
	one := []pair{{"wide", "wide", wide}}
	for _, load := range []struct {
		name  string
		pairs []pair
	}{{"500x24", many}, {"1x10000", one}} {
		for _, distance := range []struct {
			name string
			net  far
		}{{"near", far{}}, {"20ms", far{20 * time.Millisecond}}} {
			b.Run(load.name+"/"+distance.name, func(b *testing.B) {
				if distance.net.roundTrip > 0 && testing.Short() {
					b.Skip("short: some peers take a quarter of a minute for a sweep from there")
				}
				compare(b, brokers, distance.net, load.pairs)
			})
		}
	}
}

// compare runs the readers one after the other and sets them in proportion to the first.
func compare(b *testing.B, brokers []string, net far, pairs []pair) {
	var first time.Duration
	type peer struct {
		name string
		open open
	}
	peers := []peer{{"scalebot", openOurs}, {"kadm", openKadm}, {"sarama-per-leader", openSarama}}
	if net.roundTrip == 0 {
		peers = append(peers, peer{"sarama-per-partition", openExporter})
	}
	for _, r := range peers {
		b.Run(r.name, func(b *testing.B) {
			median := measure(b, r.open, brokers, net, pairs)
			if r.name == "scalebot" {
				first = median
			}
			b.ReportMetric(float64(median)/float64(time.Millisecond), "ms/sweep")
			if first > 0 {
				b.ReportMetric(float64(median)/float64(first), "x-scalebot")
			}
		})
	}
}

// measure returns the median of warm sweeps.
func measure(b *testing.B, open open, brokers []string, net far, pairs []pair) time.Duration {
	var want int64
	for _, p := range pairs {
		want += int64(p.partitions) * behind
	}
	r, err := open(brokers, net, pairs)
	if err != nil {
		b.Fatal(err)
	}
	defer r.close()
	sweep := func() time.Duration {
		start := time.Now()
		got, err := r.sweep(b.Context())
		if err != nil || got != want {
			b.Fatalf("the total is %d (%v), want %d", got, err, want)
		}
		return time.Since(start)
	}
	runtime.GC() // what others have left behind is not this reader's to clear away
	for range 3 {
		sweep() // connects, and learns where everything is
	}
	var took []time.Duration
	for b.Loop() {
		took = append(took, sweep())
	}
	slices.Sort(took)
	return took[len(took)/2]
}
