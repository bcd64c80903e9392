package bench

import (
	"slices"
	"testing"
	"time"
)

const (
	memoryLimit = 64.0 // MiB
	readyLimit  = 2 * time.Second
	// rounds of the sampler, 15 s each, are let pass before the memory is read.
	rounds = 3
)

// BenchmarkResident runs the real program beside 500 groups of 24 partitions, each a
// component of the runbook file with a deployment of two pods, and reports how much of
// its memory is resident after three rounds of sampling. All of them have to be known
// then, and the bot has to be ready as soon as a small fleet's is. What fills up later comes
// on top: minutes of the pods' counters, hours of history.
func BenchmarkResident(b *testing.B) {
	world := around(b, startCluster(b), names("worker"))
	world.runbook = fleet(b)
	for b.Loop() {
		bot := world.start(b)
		time.Sleep((rounds-1)*15*time.Second + time.Second)
		if known, right := bot.lags(b.Context()); known != groups || !right {
			b.Errorf("the bot knows the lag of %d groups (all right: %v), want %d\n%s", known, right, groups, bot.said)
		}
		deployments := bot.deployments(b.Context())
		if deployments != groups {
			b.Errorf("the bot knows %d deployments, want %d\n%s", deployments, groups, bot.said)
		}
		if bot.ready > readyLimit {
			b.Logf("ready after %v, above the %v that are wanted", bot.ready, readyLimit)
		}
		b.ReportMetric(float64(deployments), "deployments-known")
		resident := bot.memory(b, "VmRSS")
		b.ReportMetric(resident, "MiB-resident")
		b.ReportMetric(bot.memory(b, "VmHWM"), "MiB-peak")
		b.ReportMetric(bot.ready.Seconds(), "s-to-ready")
		if resident > memoryLimit {
			b.Logf("%.1f MiB are resident, above the %.0f that are wanted", resident, memoryLimit)
		}
		bot.stop()
	}
}

// BenchmarkStart measures from the exec of `scalebot run` to the first 200 of /readyz,
// with the embedded runbook, beside reachable servers.
func BenchmarkStart(b *testing.B) {
	world := around(b, startRunbookCluster(b), nil)
	var took []time.Duration
	for b.Loop() {
		for range 5 {
			bot := world.start(b)
			took = append(took, bot.ready)
			bot.stop()
		}
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds(), "s-median")
	b.ReportMetric(took[len(took)-1].Seconds(), "s-worst")
	if worst := took[len(took)-1]; worst > readyLimit {
		b.Errorf("ready after %v, want %v", worst, readyLimit)
	}
}
