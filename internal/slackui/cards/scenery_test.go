package cards_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// sceneries are the incidents that cards are drawn of, the demo's nine and one more: what each
// does to a pipeline that was calm for more than an hour.
var sceneries = map[string]func(*pipeline){
	"spike": func(p *pipeline) { p.arrival = 750 },
	"slow-downstream": func(p *pipeline) {
		p.each, p.latency, p.cpu, p.timeouts = 12, 0.74, 0.10, 0.04
	},
	"hot-partition": func(p *pipeline) { p.hot = 7 },
	"poison":        func(p *pipeline) { p.poison = 3 },
	"no-nodes":      func(p *pipeline) { p.arrival, p.room, p.refused = 750, 0, scale.CauseNodes },
	"bad-image":     func(p *pipeline) { p.arrival, p.refused = 750, scale.CauseImage },
	"hpa-owned": func(p *pipeline) {
		p.owner = scale.Owner{Kind: scale.OwnerHPA, Name: "download-worker-hpa", Min: 4, Max: 12, Wants: 6}
	},
	"keda-owned": func(p *pipeline) {
		p.arrival = 700
		p.owner = scale.Owner{Kind: scale.OwnerKEDA, Name: "download-worker", Min: 4, Max: 12, Wants: 9}
	},
	"metrics-down": func(p *pipeline) { p.arrival, p.dark = 640, true },
	// Not one of the demo's: what is not known has to agree, too.
	"kafka-down": func(p *pipeline) { p.deaf = true },
}

const (
	shares    = 24
	everyLook = 15 * time.Second
)

// pipeline is a component with its topic, played look by look: messages arrive and are worked
// off, partition by partition, and everything that is read of it follows from that.
type pipeline struct {
	component scale.Component
	policy    scale.Policy
	random    *rand.Rand
	at        time.Time

	wanted, running    int
	arrival, each      float64
	latency, cpu       float64
	timeouts           float64
	hot, poison, room  int
	refused            scale.PodCause
	owner              scale.Owner
	dark, deaf         bool
	moved              time.Time
	ends, done, commit [shares]float64
	looks              []sight
	past               []scale.Point
	lag                scale.Lag
}

// sight is what one look remembers of the partitions.
type sight struct {
	at           time.Time
	ends, commit [shares]float64
	handled      float64
}

func newPipeline(seed uint64) *pipeline {
	book := runbook.Default()
	c, _ := book.Component("download-worker")
	r := rand.New(rand.NewPCG(seed, 29))
	return &pipeline{
		component: c, policy: book.Policy, random: r, at: slackuitest.Noon, wanted: 6, running: 6,
		arrival: 420 + 60*r.Float64(), each: 90 + 20*r.Float64(), latency: 0.09, cpu: 0.35,
		hot: -1, poison: -1, room: 30, owner: scale.Owner{Kind: scale.OwnerNone},
	}
}

// pass plays so many looks.
func (p *pipeline) pass(d time.Duration) {
	for range int(d / everyLook) {
		p.at = p.at.Add(everyLook)
		p.arrive()
		handled := p.work()
		p.look(handled)
	}
}

func (p *pipeline) arrive() {
	for i := range p.ends {
		share := 1.0 / shares
		if p.hot >= 0 {
			if share = 0.35 / (shares - 1); i == p.hot {
				share = 0.65
			}
		}
		p.ends[i] += math.Round(p.arrival * share * everyLook.Seconds() * (0.9 + 0.2*p.random.Float64()))
	}
}

// work lets every worker do what it can, evenly over its partitions, and commit as far as it
// was up to five seconds ago.
func (p *pipeline) work() (handled float64) {
	before := p.done
	for w := range p.running {
		budget := p.each * everyLook.Seconds()
		late := p.random.Float64() / 3
		for range 3 {
			share := budget / math.Ceil(shares/float64(p.running))
			for i := w; i < shares; i += p.running {
				if took := math.Floor(min(share, budget, p.ends[i]-p.done[i])); i != p.poison && took > 0 {
					p.done[i] += took
					budget, handled = budget-took, handled+took
				}
			}
		}
		for i := w; i < shares; i += p.running {
			p.commit[i] = max(p.commit[i], math.Floor(p.done[i]-late*(p.done[i]-before[i])))
		}
	}
	return handled
}

// look remembers what the sampler would have seen.
func (p *pipeline) look(handled float64) {
	p.looks = append(p.looks, sight{p.at, p.ends, p.commit, handled})
	p.lag = p.readLag()
	sum := func(values [shares]float64) (all float64) {
		for _, v := range values {
			all += v
		}
		return all
	}
	point := scale.Point{
		At: p.at, Lag: float64(p.lag.Total), Ends: sum(p.ends), Commits: sum(p.commit), Replicas: float32(p.wanted),
		Moving: p.at.Sub(p.moved) < 45*time.Second && !p.moved.IsZero(),
		CPU:    float32(p.cpu), Memory: 0.45, Errors: float32(0.001 + p.timeouts), Latency: float32(p.latency), Throughput: float32(p.throughput()),
	}
	if p.dark {
		none := float32(scale.Missing)
		point.CPU, point.Memory, point.Errors, point.Latency, point.Throughput = none, none, none, none, none
	}
	if p.deaf {
		point.Lag, point.Ends, point.Commits = scale.Missing, scale.Missing, scale.Missing
	}
	p.past = append(p.past, point)
}

// throughput is the mean of the rate window, as the pods' counters give it.
func (p *pipeline) throughput() float64 {
	window := p.looks[max(0, len(p.looks)-int(p.policy.Times.RateWindow/everyLook)):]
	sum := 0.0
	for _, l := range window {
		sum += l.handled
	}
	return sum / (float64(len(window)) * everyLook.Seconds())
}

func (p *pipeline) readLag() scale.Lag {
	old := p.looks[max(0, len(p.looks)-10)]
	span := p.at.Sub(old.at).Seconds()
	var all []scale.PartitionLag
	for i := range shares {
		one := scale.PartitionLag{Topic: "xact.downloads.pending", Partition: int32(i), Committed: int64(p.commit[i]), End: int64(p.ends[i]), Arrival: -1, Consumption: -1}
		one.Lag = one.End - one.Committed
		if span > 0 {
			one.Arrival, one.Consumption = (p.ends[i]-old.ends[i])/span, (p.commit[i]-old.commit[i])/span
		}
		for j := len(p.looks) - 1; j >= 0 && one.Lag > 0 && p.looks[j].ends[i] > p.commit[i]; j-- {
			one.Oldest = max(time.Second, p.at.Sub(p.looks[j].at))
		}
		for j := len(p.looks) - 1; j >= 0 && p.looks[j].commit[i] == p.commit[i]; j-- {
			one.Still = p.at.Sub(p.looks[j].at)
		}
		all = append(all, one)
	}
	return scale.SumLag(all, []string{"xact.downloads.pending"})
}

// scaleTo asks for another count; the pods that can start run a minute later.
func (p *pipeline) scaleTo(n int) {
	p.wanted = n
	p.pass(time.Minute)
	if p.refused == "" {
		p.running, p.moved = n, p.at
	}
}

// snapshot is what is read of the pipeline now.
func (p *pipeline) snapshot() scale.Snapshot {
	s := scale.Snapshot{
		Component: p.component.Name, At: p.at,
		Lag:        scale.Known(p.lag, p.at, scale.Broker),
		Group:      scale.Known(slackuitest.Group(p.running, 1), p.at, scale.Broker),
		Workload:   scale.Known(p.workload(), p.at, "Kubernetes"),
		Owner:      scale.Known(p.owner, p.at, "Kubernetes"),
		Room:       scale.Known(scale.Room{QuotaPods: -1, NodePods: p.room}, p.at, "Kubernetes"),
		Partitions: scale.Known(shares, p.at, scale.Broker),
		PerPod:     scale.Known(1, p.at, scale.Broker),
		Downstream: map[string]scale.Reading[int64]{"result-processor": scale.Known(int64(300), p.at.Add(-3*time.Second), scale.Broker)},
	}
	if rates, known := measure.Measure(p.past, p.policy); known {
		s.Rates = scale.Known(rates, p.at, scale.Broker)
	}
	if p.deaf {
		const why = "Kafka does not answer: connection refused"
		s.Lag, s.Group, s.Rates = scale.Unknown[scale.Lag](why, p.at, scale.Broker), scale.Unknown[scale.Group](why, p.at, scale.Broker), scale.Unknown[scale.Rates](why, p.at, scale.Broker)
	}
	p.pods(&s)
	return s
}

// pods adds what the pods and the metrics API say of themselves.
func (p *pipeline) pods(s *scale.Snapshot) {
	source := fmt.Sprintf("%d of %d pods scraped", p.running, p.running)
	if p.dark {
		why := fmt.Sprintf("none of %d pods answered", p.running)
		gone := scale.Unknown[float64](why, p.at, source)
		s.Signals = scale.Signals{Latency: gone, Throughput: gone, Download: gone, Busy: gone,
			Errors: scale.Unknown[scale.ErrorRate](why, p.at, source), Breaker: scale.Unknown[scale.Breaker](why, p.at, source)}
		s.Usage = scale.Unknown[scale.Usage]("the API server is not available", p.at, "metrics.k8s.io")
		return
	}
	rate := p.throughput()
	s.Usage = scale.Known(scale.Usage{CPULimit: p.cpu, CPURequest: 2 * p.cpu, MemoryLimit: 0.45, MemoryRequest: 0.9, CPUPeak: p.cpu * 1.05, MemoryPeak: 0.46, Pods: p.running, Of: p.running}, p.at, "metrics.k8s.io")
	kinds := map[string]float64{"http": 0.001 * rate}
	if p.timeouts > 0 {
		kinds["timeout"] = p.timeouts * rate
	}
	s.Signals = scale.Signals{
		Latency:    scale.Known(p.latency*(0.99+0.02*p.random.Float64()), p.at, source),
		Errors:     scale.Known(scale.ErrorRate{Share: 0.001 + p.timeouts, Timeouts: p.timeouts, Kinds: kinds}, p.at, source),
		Throughput: scale.Known(rate, p.at, source),
		Download:   scale.Known(0.9*p.latency, p.at, source),
		Breaker:    scale.Known(scale.Breaker{Of: p.running}, p.at, source),
		Busy:       scale.Known(min(4, 4*rate/p.each/float64(p.running))*float64(p.running), p.at, source),
	}
}

func (p *pipeline) workload() scale.Workload {
	w := scale.Workload{
		Namespace: "kafka-pipeline", Name: "download-worker", UID: "u", ResourceVersion: "1", Desired: p.wanted, Ready: p.running, Updated: p.wanted,
		Observed: true, Image: "worker:2.14", RolledAt: slackuitest.Noon.Add(-50 * time.Hour), Pods: slackuitest.Pods(p.running),
		Limits: scale.Resources{CPU: 1000, Memory: 1 << 30}, Requests: scale.Resources{CPU: 500, Memory: 512 << 20},
		Env: map[string]string{"DOWNLOAD_CONCURRENCY": "5", "KAFKA_MAX_POLL_INTERVAL_MS": "300000"},
	}
	for i := p.running; i < p.wanted; i++ {
		pod := scale.Pod{Name: fmt.Sprintf("download-worker-7f-n%d", i), Phase: "Pending", Current: true, CreatedAt: p.at.Add(-2 * time.Minute), Cause: p.refused}
		if p.refused != "" {
			pod.Trouble = "it does not start"
		}
		w.Pods = append(w.Pods, pod)
	}
	return w
}

func (p *pipeline) recommend() ledger.Recommendation {
	return judge.Recommend(p.component, p.policy, p.snapshot(), p.past)
}

// status is what the desk would answer with.
func (p *pipeline) status(e *ledger.Episode) engine.Status {
	s := p.snapshot()
	return engine.Status{Component: p.component, Snapshot: s, Advice: judge.Recommend(p.component, p.policy, s, p.past), Past: p.past[max(0, len(p.past)-240):], Episode: e}
}
