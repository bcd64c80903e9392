package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// spikeRate is the traffic of a spike: a quarter more than six workers can handle. Nine
	// workers reduce the backlog slowly, and twelve three times as fast.
	spikeRate = 750
	// spikeTime is how long a spike lasts if nobody ends it.
	spikeTime = 40 * time.Minute
	// spikeBacklog is the burst at the beginning of a spike.
	spikeBacklog = 6000
	// hotPartition receives hotShare of the downloads in the hot-partition scenario;
	// poisonPartition holds the message that cannot be handled.
	hotPartition    = 7
	hotShare        = 0.65
	poisonPartition = 3
)

// scenario is one incident: what it does to the weather, the burst it begins with,
// and a sentence about it.
type scenario struct {
	name     string
	sentence string
	change   func(*weather)
	backlog  int
}

// scenarios in the order in which they are listed. Every one of them starts from
// normal weather, so that it can follow any other.
var scenarios = []scenario{
	{name: "calm", sentence: "Traffic, replicas and everything else are back to normal.", change: func(w *weather) { w.skipBefore = w.sinceWall }},
	{name: "spike", sentence: "Downloads arrive at 750 messages per second, a quarter more than six workers manage.", change: spike, backlog: spikeBacklog},
	{name: "slow-downstream", sentence: "The service behind the downloads answers eight times slower; more workers do not make it faster.",
		change: func(w *weather) { w.slow = true }},
	{name: "hot-partition", sentence: "Most downloads arrive on one partition.", change: func(w *weather) { w.hot = true }},
	{name: "poison", sentence: "One partition stands still behind a message that cannot be handled.", change: func(w *weather) { w.poison = true }},
	{name: "no-nodes", sentence: "The nodes are full: new pods stay Pending. Downloads spike as well.",
		change: func(w *weather) { spike(w); w.fullNodes = true }, backlog: spikeBacklog},
	{name: "bad-image", sentence: "The registry refuses the workers' image: new pods cannot start. Downloads spike as well.",
		change: func(w *weather) { spike(w); w.badImage = true }, backlog: spikeBacklog},
	{name: "hpa-owned", sentence: "A HorizontalPodAutoscaler owns the replicas of download-worker and undoes other changes.",
		change: func(w *weather) { w.owner = ownerHPA }},
	{name: "keda-owned", sentence: "A KEDA ScaledObject owns the replicas of download-worker and undoes other changes.",
		change: func(w *weather) { w.owner = ownerKEDA }},
	{name: "metrics-down", sentence: "The workers' metrics and the metrics API do not answer.", change: func(w *weather) { w.metricsDown = true }},
}

func spike(w *weather) {
	w.arrival[downloadWorker] = spikeRate
	w.busyUntil = w.since.Add(spikeTime)
}

// Scenarios lists the names that Play knows.
func Scenarios() []string {
	var names []string
	for _, s := range scenarios {
		names = append(names, s.name)
	}
	return names
}

// Play starts a scenario from any state of the world, and ends the scenario before. Playing the
// present scenario again changes nothing, except that "calm" always resets replicas and backlog
// to normal.
func (w *World) Play(name string) error {
	_, err := w.play(name)
	return err
}

// play answers with a sentence about what happened.
func (w *World) play(name string) (string, error) {
	i := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == name })
	if i < 0 {
		return "", fmt.Errorf("unknown scenario %q: use one of %s", name, strings.Join(Scenarios(), ", "))
	}
	s := scenarios[i]
	w.playing.Lock()
	defer w.playing.Unlock()
	if name != "calm" && w.climate.now().scenario == name {
		return "This scenario is on already. " + s.sentence, nil
	}
	w.climate.set(s.weather(w.clock.Now(), time.Now()))
	w.load.burst(downloadWorker, s.backlog)
	if name == "calm" {
		w.cluster.restoreReplicas()
	}
	w.cluster.reconcile()
	w.log.Info("scenario started", "scenario", name)
	return s.sentence, nil
}

func (s scenario) weather(now, wall time.Time) weather {
	w := weather{scenario: s.name, since: now, sinceWall: wall, arrival: normalTraffic()}
	s.change(&w)
	return w
}
