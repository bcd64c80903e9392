package sampler

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// A partition's rates are its own, also when the list of partitions has changed its order,
// has grown, or did not know one of them for a while.
func TestRatesOfPartitionsWhoseListChanges(t *testing.T) {
	var rates partitionRates
	begin := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	sweep := func(seconds int, partitions ...int32) map[int32]scale.PartitionLag {
		lag := scale.Lag{}
		for _, p := range partitions {
			per := int64(10 * (p + 1)) // messages per second of this partition.
			lag.Partitions = append(lag.Partitions, scale.PartitionLag{Topic: "t", Partition: p, End: 1000 + per*int64(seconds), Committed: per * int64(seconds)})
		}
		if seconds == 15 {
			lag.Partitions[0] = scale.PartitionLag{Topic: "t", Partition: partitions[0], Flag: scale.LagUnknown}
		}
		rates.fill(&lag, begin.Add(time.Duration(seconds)*time.Second))
		seen := map[int32]scale.PartitionLag{}
		for _, p := range lag.Partitions {
			seen[p.Partition] = p
		}
		return seen
	}
	if first := sweep(0, 1, 2); first[1].Arrival != -1 || first[1].Consumption != -1 {
		t.Errorf("at the first look: got %+v, want rates unknown", first[1])
	}
	sweep(15, 1, 2)
	sweep(30, 0, 1, 2)
	last := sweep(45, 2, 0, 1)
	for p, want := range map[int32]float64{0: 10, 1: 20, 2: 30} {
		if got := last[p]; got.Arrival != want || got.Consumption != want {
			t.Errorf("partition %d: got %v in and %v out, want %v", p, got.Arrival, got.Consumption, want)
		}
	}
}

// A commit that retention overtook jumps past what it removed: nobody worked that off, so
// that what was consumed is not known until the kept sweeps are newer.
func TestWhatRetentionRemovedWasNotConsumed(t *testing.T) {
	var rates partitionRates
	begin := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	look := func(seconds int, start, committed int64) float64 {
		lag := scale.Lag{Partitions: []scale.PartitionLag{{Topic: "t", Start: start, End: 100_000, Committed: committed}}}
		rates.fill(&lag, begin.Add(time.Duration(seconds)*time.Second))
		return lag.Partitions[0].Consumption
	}
	look(0, 0, 1_000)
	if got := look(15, 900, 2_500); got != 100 {
		t.Errorf("ahead of retention: got %v, want 100", got)
	}
	if got := look(30, 11_000, 12_000); got != -1 {
		t.Errorf("overtaken: got %v, want unknown", got)
	}
	for seconds := 45; seconds <= 300; seconds += 15 {
		look(seconds, 11_000, 12_000+100*int64(seconds-30))
	}
	if got := look(315, 11_000, 12_000+100*285); got != 100 {
		t.Errorf("later: got %v, want 100", got)
	}
}

// Topics whose records are deleted soon after they were read, as Kafka Streams does with its
// own: the log then begins beyond the commits of a minute ago, and what was consumed since is
// known all the same.
func TestConsumptionWhereRecordsGoSoonAfterTheyWereRead(t *testing.T) {
	var rates partitionRates
	begin := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	look := func(seconds int, start, committed int64) float64 {
		lag := scale.Lag{Partitions: []scale.PartitionLag{{Topic: "t", Start: start, End: 100_000, Committed: committed}}}
		rates.fill(&lag, begin.Add(time.Duration(seconds)*time.Second))
		return lag.Partitions[0].Consumption
	}
	for seconds := int64(0); seconds < 300; seconds += 15 {
		committed := 1_000 + 10*seconds
		if got := look(int(seconds), committed-400, committed); seconds > 0 && got != 10 {
			t.Errorf("after %d s: got %v, want 10", seconds, got)
		}
	}
	if got := look(300, 3_800, 3_850); got != -1 {
		t.Errorf("moved a minute ago and not lately: got %v, want unknown", got)
	}
}
