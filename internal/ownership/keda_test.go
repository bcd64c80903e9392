package ownership

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// lagOn spreads a lag over the first partitions of 24; the others have none.
func lagOn(total int64, partitions int, change func(i int, p *scale.PartitionLag)) scale.Lag {
	all := make([]scale.PartitionLag, 24)
	for i := range all {
		p := scale.PartitionLag{Topic: "xact.downloads.pending", Partition: int32(i), Committed: 5000, End: 5000, Consumption: 10}
		if i < partitions {
			p.End += total / int64(partitions)
			if int64(i) < total%int64(partitions) {
				p.End++
			}
		}
		p.Lag = p.End - p.Committed
		if change != nil {
			change(i, &p)
		}
		all[i] = p
	}
	return scale.SumLag(all, []string{"xact.downloads.pending"})
}

// R-067, T-02: what KEDA's Kafka scaler makes of a lag with each of its options, by its
// source (v2.21) and as it was seen to scale.
func TestWhatKEDAMakesOfALag(t *testing.T) {
	trigger := scale.LagTrigger{Topic: "xact.downloads.pending", Threshold: 1000}
	option := func(set func(*scale.LagTrigger)) scale.LagTrigger {
		one := trigger
		set(&one)
		return one
	}
	uncommitted := func(i int, p *scale.PartitionLag) {
		if i < 4 {
			p.Start, p.End, p.Committed, p.Lag, p.Flag = 1000, 4000, -1, 3000, scale.LagUncommitted
		}
	}
	still := func(_ int, p *scale.PartitionLag) { p.Consumption = 0 }
	unseen := func(_ int, p *scale.PartitionLag) { p.Consumption = -1 }
	for _, c := range []struct {
		name    string
		trigger scale.LagTrigger
		lag     scale.Lag
		max     int
		want    string
	}{
		{"plain", trigger, lagOn(12_500, 24, nil), 12, "asks for 13, so 12 within its bounds"},
		{"limitToPartitionsWithLag", option(func(t *scale.LagTrigger) { t.LaggingOnly = true }), lagOn(12_500, 5, nil), 12, "with its options for 5 (no more than the partitions that lag) (R-067)"},
		{"allowIdleConsumers", option(func(t *scale.LagTrigger) { t.IdleConsumers = true }), lagOn(30_000, 24, nil), 40, "asks for 30 (R-067)"},
		{"no idle consumers", trigger, lagOn(30_000, 24, nil), 40, "asks for 30, so 24 within its bounds"},
		{"the rest of a division stays", trigger, lagOn(24_500, 24, nil), 40, "asks for 25 (R-067)"},
		{"ensureEvenDistributionOfPartitions", option(func(t *scale.LagTrigger) { t.Even = true }), lagOn(8_600, 24, nil), 30, "asks for 9, with its options for 12 (a count that divides the partitions evenly) (R-067)"},
		{"evenly up to all", option(func(t *scale.LagTrigger) { t.Even = true }), lagOn(99_000, 24, nil), 30, "with its options for 24"},
		{"evenly without lag", option(func(t *scale.LagTrigger) { t.Even = true }), lagOn(0, 24, nil), 30, "asks for 0, with its options for 1 (a count that divides the partitions evenly), so 4"},
		{"excludePersistentLag", option(func(t *scale.LagTrigger) { t.ExcludePersistent = true }), lagOn(12_500, 24, still), 12, "lag 0 ÷ 1,000 per replica asks for 0, with its options for 0 (partitions whose commit stands still left out), so 4"},
		{"excludePersistentLag, moving", option(func(t *scale.LagTrigger) { t.ExcludePersistent = true }), lagOn(8_500, 24, nil), 12, "asks for 9 (R-067)"},
		{"excludePersistentLag, nobody knows", option(func(t *scale.LagTrigger) { t.ExcludePersistent = true }), lagOn(12_500, 24, unseen), 12, ""},
		{"uncommitted, latest", trigger, lagOn(0, 24, uncommitted), 12, "lag 4 ÷ 1,000"},
		{"uncommitted, earliest", option(func(t *scale.LagTrigger) { t.Earliest = true }), lagOn(0, 24, uncommitted), 12, "lag 12,000 ÷ 1,000"},
		{"uncommitted, zero", option(func(t *scale.LagTrigger) { t.ZeroWithoutCommit = true }), lagOn(0, 24, uncommitted), 12, "lag 0 ÷ 1,000"},
		{"partitionLimitation", option(func(t *scale.LagTrigger) { t.Partitions = []int32{0, 1} }), lagOn(24_000, 24, nil), 12, "lag 2,000 ÷ 1,000"},
		{"retention took some", trigger, lagOn(0, 24, func(i int, p *scale.PartitionLag) {
			if i == 0 {
				p.Start, p.Committed, p.End, p.Lag, p.Lost, p.Flag = 5000, 0, 9000, 4000, 5000, scale.LagLost
			}
		}), 12, "lag 9,000 ÷ 1,000"},
		{"a partition unread", trigger, lagOn(9_000, 24, func(i int, p *scale.PartitionLag) {
			if i == 3 {
				p.Flag = scale.LagUnknown
			}
		}), 12, ""},
		{"another topic", option(func(t *scale.LagTrigger) { t.Topic = "other" }), lagOn(9_000, 24, nil), 12, ""},
		{"evenly, where it divides", option(func(t *scale.LagTrigger) { t.Even = true }), lagOn(8_000, 24, nil), 30, "asks for 8 (R-067)"},
		{"evenly, idle consumers allowed", option(func(t *scale.LagTrigger) { t.Even, t.IdleConsumers = true, true }), lagOn(8_600, 24, nil), 30, "asks for 9, with its options for 12"},
		{"where it lags, idle consumers allowed", option(func(t *scale.LagTrigger) { t.LaggingOnly, t.IdleConsumers = true, true }), lagOn(12_500, 5, nil), 12, "with its options for 5"},
		{"as many as lag", option(func(t *scale.LagTrigger) { t.LaggingOnly = true }), lagOn(5_000, 5, nil), 12, "asks for 5 (R-067)"},
		{"excludePersistentLag, without a commit", option(func(t *scale.LagTrigger) { t.ExcludePersistent, t.Earliest = true, true }), lagOn(0, 24, func(i int, p *scale.PartitionLag) {
			uncommitted(i, p)
			still(i, p)
		}), 12, "lag 12,000 ÷ 1,000 per replica asks for 12 (R-067)"},
		{"excludePersistentLag, nobody knows of those without lag", option(func(t *scale.LagTrigger) { t.ExcludePersistent = true }), lagOn(0, 24, unseen), 12, "lag 0 ÷ 1,000"},
		{"uncounted, latest", trigger, lagOn(0, 24, func(i int, p *scale.PartitionLag) {
			uncommitted(i, p)
			if p.Committed < 0 {
				p.Lag, p.Flag = 0, scale.LagUncounted
			}
		}), 12, "lag 4 ÷ 1,000"},
		{"uncommitted, and the start is not known", option(func(t *scale.LagTrigger) { t.Earliest = true }), lagOn(0, 24, func(i int, p *scale.PartitionLag) {
			uncommitted(i, p)
			if p.Committed < 0 {
				p.Start = -1
			}
		}), 12, "lag 16,000 ÷ 1,000"},
		{"a threshold that is none", option(func(t *scale.LagTrigger) { t.Threshold = 0 }), lagOn(9_000, 24, nil), 12, ""},
		{"no maximum", trigger, lagOn(30_000, 24, nil), 0, "asks for 30, so 24 within its bounds (R-067)"},
		{"no maximum, and no other choice", trigger, lagOn(8_000, 24, nil), 0, "asks for 8 (R-067)"},
		{"beyond a tenth", trigger, lagOn(6_700, 24, nil), 12, "asks for 7 (R-067)"},
		{"within a tenth, less", trigger, lagOn(5_500, 24, nil), 12, "asks for 6 (R-067)"},
		{"within a tenth, and outside the bounds", trigger, lagOn(6_100, 24, nil), 5, "asks for 7, so 5 within its bounds (R-067)"},
		{"within a tenth", trigger, lagOn(6_500, 24, nil), 12, "asks for 7; 6 stay while that is within 10 % of it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := measuretest.CalmWorld()
			w.Now.Lag = scale.Known(c.lag, scaletest.Start, "Kafka")
			o := scale.Owner{Kind: scale.OwnerKEDA, Name: "so", Min: 4, Max: c.max, Triggers: []scale.LagTrigger{c.trigger}, Within: 15 * time.Second}
			got := kedaChoice(o, w.Now)
			if !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// T-02: a trigger that names no topic counts all topics of the group. Where its members also
// read others, nothing is claimed from this lag; a trigger with the topic goes on as before.
func TestATriggerWithoutATopicInASharedGroup(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Lag = scale.Known(lagOn(12_500, 24, nil), scaletest.Start, "Kafka")
	o := scale.Owner{Kind: scale.OwnerKEDA, Min: 4, Max: 40, Triggers: []scale.LagTrigger{{Threshold: 1000}}}
	if got := kedaChoice(o, w.Now); !strings.Contains(got, "asks for 13") {
		t.Errorf("alone: got %q, want 13", got)
	}
	g := measuretest.GroupOf(6, 24)
	g.Members = append(g.Members, scale.Member{ID: "other", Partitions: map[string][]int32{"other": {0}}})
	w.Now.Group = scale.Known(g, scaletest.Start, "Kafka")
	if got := kedaChoice(o, w.Now); got != "" {
		t.Errorf("beside another topic: got %q, want no claim", got)
	}
	o.Triggers[0].Topic = "xact.downloads.pending"
	if got := kedaChoice(o, w.Now); !strings.Contains(got, "asks for 13") {
		t.Errorf("with its topic: got %q, want 13", got)
	}
}

// without activity KEDA goes to zero or its idle count, and a lag of exactly the
// activation threshold is none.
func TestKEDAsActivationIsMoreThan(t *testing.T) {
	two := 2
	for _, c := range []struct {
		lag   int64
		least int
		idle  *int
		want  string
	}{
		{500, 0, nil, "a lag that does not exceed 500 is no activity, and without any it goes to 0"},
		{501, 0, nil, "asks for 1 (R-067)"},
		{500, 4, nil, "so 4 within its bounds"},
		{500, 4, &two, "it goes to 2"},
	} {
		w := measuretest.CalmWorld()
		w.Now.Lag = scale.Known(lagOn(c.lag, 24, nil), scaletest.Start, "Kafka")
		o := scale.Owner{Kind: scale.OwnerKEDA, Min: c.least, Max: 12, Idle: c.idle, Triggers: []scale.LagTrigger{{Threshold: 1000, Activation: 500}}}
		if got := kedaChoice(o, w.Now); !strings.Contains(got, c.want) {
			t.Errorf("lag %d, minimum %d: got %q, want %q", c.lag, c.least, got, c.want)
		}
	}
}

// a lag that is left out of the count because commits stand still is activity all
// the same, and one active trigger of several is enough.
func TestWhatKEDALeavesOutIsActivity(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Lag = scale.Known(lagOn(501, 24, func(_ int, p *scale.PartitionLag) { p.Consumption = 0 }), scaletest.Start, "Kafka")
	o := scale.Owner{Kind: scale.OwnerKEDA, Max: 12, Triggers: []scale.LagTrigger{{Threshold: 1000, Activation: 500, ExcludePersistent: true}}}
	scaletest.WantText(t, "left out", kedaChoice(o, w.Now), "left out), so 1 within its bounds (R-067)")
	o.Triggers[0].Activation = 501
	scaletest.WantText(t, "left out, and not active", kedaChoice(o, w.Now), "it goes to 0 (R-067)")
	o.Triggers = []scale.LagTrigger{{Threshold: 100, Activation: 100}, {Threshold: 50, Activation: 1000}}
	scaletest.WantText(t, "one of two is active", kedaChoice(o, w.Now), "lag 501 ÷ 50 per replica asks for 11 (R-067)")
	o.Triggers[0].Activation = 1000
	scaletest.WantText(t, "none of two is", kedaChoice(o, w.Now), "it goes to 0 (R-067)")
	o.Rest = scale.RestZero
	scaletest.WantText(t, "switched off at zero", kedaChoice(o, w.Now), "it goes to 0 (R-067)")
}

// records of older versions hold the threshold alone; where there are triggers they
// count.
func TestKEDAsChoiceFromAnOlderRecord(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Lag = scale.Known(lagOn(8_000, 24, nil), scaletest.Start, "Kafka")
	o := scale.Owner{Kind: scale.OwnerKEDA, Min: 1, Max: 12, LagPerReplica: 2000}
	scaletest.WantText(t, "the threshold alone", kedaChoice(o, w.Now), "÷ 2,000 per replica asks for 4")
	o.Triggers = []scale.LagTrigger{{Threshold: 1000}}
	scaletest.WantText(t, "beside a trigger", kedaChoice(o, w.Now), "÷ 1,000 per replica asks for 8")
	o.Triggers, o.LagPerReplica = nil, 0
	if got := kedaChoice(o, w.Now); got != "" {
		t.Errorf("neither: got %q, want nothing", got)
	}
	o.LagPerReplica, w.Now.Workload = 7500, scale.Reading[scale.Workload]{}
	if got := kedaChoice(o, w.Now); strings.Contains(got, "stay") {
		t.Errorf("the count is unknown: got %q, want no word that it stays", got)
	}
	w.Workers(0)
	if got := kedaChoice(o, w.Now); strings.Contains(got, "stay") {
		t.Errorf("nothing runs: got %q, want no word that it stays", got)
	}
}

// KIP-932: OffsetFetch answers for a share group with success and nothing, so that KEDA
// counts one message per partition whatever waits.
func TestKEDADoesNotSeeTheLagOfAShareGroup(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Lag = scale.Known(lagOn(90_000, 24, nil), scaletest.Start, "Kafka")
	w.Now.Group.Value.Type = scale.GroupShare
	o := scale.Owner{Kind: scale.OwnerKEDA, Min: 1, Max: 100, Triggers: []scale.LagTrigger{{Threshold: 1000}}}
	scaletest.WantText(t, "the choice", kedaChoice(o, w.Now), "a share group has none", "lag 24 ÷ 1,000 per replica asks for 1")
	w.Now.Lag = scale.Known(lagOn(90_000, 24, func(i int, p *scale.PartitionLag) { p.Flag = scale.LagUnknown }), scaletest.Start, "Kafka")
	scaletest.WantText(t, "the ends are known", kedaChoice(o, w.Now), "lag 24 ÷ 1,000 per replica asks for 1")
	w.Now.Lag.Value.Partitions[3].End = 0
	if got := kedaChoice(o, w.Now); got != "" {
		t.Errorf("an end is not known: got %q, want nothing", got)
	}
	w.Now.Lag = scale.Known(lagOn(90_000, 24, nil), scaletest.Start, "Kafka")
	w.Now.Group.Value.Type = scale.GroupConsumer
	scaletest.WantText(t, "a consumer group", kedaChoice(o, w.Now), "lag 90,000 ÷ 1,000 per replica asks for 90")
}

// Of several triggers the one that asks for most counts, as the HPA takes the highest.
func TestTheTriggerThatAsksForMostCounts(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Lag = scale.Known(lagOn(8_000, 24, nil), scaletest.Start, "Kafka")
	o := scale.Owner{Kind: scale.OwnerKEDA, Min: 1, Max: 12, Triggers: []scale.LagTrigger{{Threshold: 2000}, {Threshold: 1000}, {Topic: "xact.downloads.pending", Threshold: 4000}}}
	if got := kedaChoice(o, w.Now); !strings.Contains(got, "÷ 1,000 per replica asks for 8") {
		t.Errorf("got %q, want the trigger of 1,000", got)
	}
	for name, change := range map[string]func(*scale.Owner){
		"fully paused": func(o *scale.Owner) { o.Paused = scale.PausedFully }, "pinned": func(o *scale.Owner) { o.Paused = scale.PausedAt("6") },
		"fallen back": func(o *scale.Owner) { o.Fallback = scale.FallbackStatic }, "without metrics": func(o *scale.Owner) { o.Rest = scale.RestMetrics },
	} {
		if got := kedaChoice(measuretest.With(o, change), w.Now); got != "" {
			t.Errorf("%s: got %q, want nothing", name, got)
		}
	}
}
