package incidents

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// All are the incidents by name, the demo's nine and one more. Each function changes a pipeline
// that was calm for more than an hour.
var All = map[string]func(*Pipeline){
	"spike": func(p *Pipeline) { p.Arrival = 750 },
	"slow-downstream": func(p *Pipeline) {
		p.each, p.latency, p.cpu, p.Timeouts = 12, 0.74, 0.10, 0.04
	},
	"hot-partition": func(p *Pipeline) { p.hot = 7 },
	"poison":        func(p *Pipeline) { p.poison = 3 },
	"no-nodes":      func(p *Pipeline) { p.Arrival, p.room, p.refused = 750, 0, scale.CauseNodes },
	"bad-image":     func(p *Pipeline) { p.Arrival, p.refused = 750, scale.CauseImage },
	"hpa-owned": func(p *Pipeline) {
		p.Owner = scale.Owner{Kind: scale.OwnerHPA, Name: "download-worker-hpa", Min: 4, Max: 12, Wants: 6}
	},
	"keda-owned": func(p *Pipeline) {
		p.Arrival = 700
		p.Owner = scale.Owner{Kind: scale.OwnerKEDA, Name: "download-worker", Min: 4, Max: 12, Wants: 9}
	},
	"metrics-down": func(p *Pipeline) { p.Arrival, p.dark = 640, true },
	// The demo does not have this one. It checks that unknown values agree, too.
	"kafka-down": func(p *Pipeline) { p.deaf = true },
}

// EveryReading is the usual time between two readings.
const EveryReading = 15 * time.Second

// commitLate is how far, in time, a worker may be ahead of its last commit.
const commitLate = 5 * time.Second

// rateSpan is the time over which the rates of a partition are computed.
const rateSpan = 150 * time.Second

// shares is how many partitions the topic has.
const shares = 24

// Pipeline is a component with its topic, simulated reading by reading: messages arrive and are
// handled, partition by partition, and every reading follows from that.
type Pipeline struct {
	Component scale.Component
	Policy    scale.Policy
	// At is the moment of the newest reading, Every the time between two.
	At    time.Time
	Every time.Duration
	// Wanted is the requested replica count; Running is the number of workers that consume.
	Wanted, Running int
	// Arrival is the rate of produced messages per second; Timeouts is the share of messages that
	// time out.
	Arrival, Timeouts float64
	// Owner sets the count besides people, for example an autoscaler.
	Owner scale.Owner
	// Lag and Past are the newest reading and all of them, oldest first.
	Lag  scale.Lag
	Past []scale.Point

	random             *rand.Rand
	each               float64 // messages per second that one worker can do
	latency, cpu       float64
	noise              float64 // what the newest latency is times latency
	hot, poison, room  int
	refused            scale.PodCause // why new pods do not start; empty when they do
	dark, deaf         bool           // the pods, or Kafka, do not answer
	moved              time.Time
	runsAt, revertsAt  time.Time
	ends, done, commit [shares]float64
	readings           []reading
}

// reading is what is remembered of one reading of the partitions.
type reading struct {
	at           time.Time
	ends, commit [shares]float64
	handled      float64
}

// NewPipeline is a calm pipeline of six workers. Each seed gives another load and speed.
func NewPipeline(seed uint64) *Pipeline {
	book := runbook.Default()
	c, _ := book.Component("download-worker")
	r := rand.New(rand.NewPCG(seed, 29))
	return &Pipeline{
		Component: c, Policy: book.Policy, random: r, At: slackuitest.Noon, Every: EveryReading, Wanted: 6, Running: 6,
		Arrival: 420 + 60*r.Float64(), each: 90 + 20*r.Float64(), latency: 0.09, cpu: 0.35,
		hot: -1, poison: -1, room: 30, Owner: scale.Owner{Kind: scale.OwnerNone},
	}
}

// Pass simulates the given time, reading by reading.
func (p *Pipeline) Pass(d time.Duration) {
	for range int(d / p.Every) {
		p.At = p.At.Add(p.Every)
		p.orchestrate()
		p.arrive()
		handled := p.work()
		p.record(handled)
	}
}

func (p *Pipeline) arrive() {
	for i := range p.ends {
		share := 1.0 / shares
		if p.hot >= 0 {
			if share = 0.35 / (shares - 1); i == p.hot {
				share = 0.65
			}
		}
		p.ends[i] += math.Round(p.Arrival * share * p.Every.Seconds() * (0.9 + 0.2*p.random.Float64()))
	}
}

// work lets every worker handle what it can, evenly over its partitions, and commit the position
// that it had up to five seconds ago.
func (p *Pipeline) work() (handled float64) {
	before := p.done
	for w := range p.Running {
		budget := p.each * p.Every.Seconds()
		late := p.random.Float64() * commitLate.Seconds() / p.Every.Seconds()
		for range 3 {
			share := budget / math.Ceil(shares/float64(p.Running))
			for i := w; i < shares; i += p.Running {
				if took := math.Floor(min(share, budget, p.ends[i]-p.done[i])); i != p.poison && took > 0 {
					p.done[i] += took
					budget, handled = budget-took, handled+took
				}
			}
		}
		for i := w; i < shares; i += p.Running {
			p.commit[i] = max(p.commit[i], math.Floor(p.done[i]-late*(p.done[i]-before[i])))
		}
	}
	return handled
}

// record adds what the sampler would have read.
func (p *Pipeline) record(handled float64) {
	p.noise = 0.99 + 0.02*p.random.Float64()
	p.readings = append(p.readings, reading{p.At, p.ends, p.commit, handled})
	p.Lag = p.readLag()
	sum := func(values [shares]float64) (all float64) {
		for _, v := range values {
			all += v
		}
		return all
	}
	point := scale.Point{
		At: p.At, Lag: float64(p.Lag.Total), Ends: sum(p.ends), Commits: sum(p.commit), Replicas: float32(p.Wanted),
		Moving: p.At.Sub(p.moved) < 45*time.Second && !p.moved.IsZero(),
		CPU:    float32(p.cpu), Memory: 0.45, Errors: float32(0.001 + p.Timeouts), Latency: float32(p.latency), Throughput: float32(p.throughput()),
	}
	if p.dark {
		none := float32(scale.Missing)
		point.CPU, point.Memory, point.Errors, point.Latency, point.Throughput = none, none, none, none, none
	}
	if p.deaf {
		point.Lag, point.Ends, point.Commits = scale.Missing, scale.Missing, scale.Missing
	}
	p.Past = append(p.Past, point)
}

// throughput is the mean over the rate window, as the pods' counters give it.
func (p *Pipeline) throughput() float64 {
	window := p.readings[max(0, len(p.readings)-int(p.Policy.Times.RateWindow/p.Every)):]
	sum := 0.0
	for _, l := range window {
		sum += l.handled
	}
	return sum / (float64(len(window)) * p.Every.Seconds())
}

func (p *Pipeline) readLag() scale.Lag {
	old := p.readings[max(0, len(p.readings)-int(rateSpan/p.Every))]
	span := p.At.Sub(old.at).Seconds()
	var all []scale.PartitionLag
	for i := range shares {
		one := scale.PartitionLag{Topic: "xact.downloads.pending", Partition: int32(i), Committed: int64(p.commit[i]), End: int64(p.ends[i]), Arrival: -1, Consumption: -1}
		one.Lag = one.End - one.Committed
		if span > 0 {
			one.Arrival, one.Consumption = (p.ends[i]-old.ends[i])/span, (p.commit[i]-old.commit[i])/span
		}
		for j := len(p.readings) - 1; j >= 0 && one.Lag > 0 && p.readings[j].ends[i] > p.commit[i]; j-- {
			one.Oldest = max(time.Second, p.At.Sub(p.readings[j].at))
		}
		for j := len(p.readings) - 1; j >= 0 && p.readings[j].commit[i] == p.commit[i]; j-- {
			one.Still = p.At.Sub(p.readings[j].at)
		}
		all = append(all, one)
	}
	return scale.SumLag(all, []string{"xact.downloads.pending"})
}

// Snapshot is what the bot would read of the pipeline now.
func (p *Pipeline) Snapshot() scale.Snapshot {
	s := scale.Snapshot{
		Component: p.Component.Name, At: p.At,
		Lag:        scale.Known(p.Lag, p.At, scale.Broker),
		Group:      scale.Known(slackuitest.Group(p.Running, 1), p.At, scale.Broker),
		Workload:   scale.Known(p.workload(), p.At, "Kubernetes"),
		Owner:      scale.Known(p.Owner, p.At, "Kubernetes"),
		Room:       scale.Known(scale.Room{QuotaPods: -1, NodePods: p.room}, p.At, "Kubernetes"),
		Partitions: scale.Known(shares, p.At, scale.Broker),
		PerPod:     scale.Known(1, p.At, scale.Broker),
		Downstream: map[string]scale.Reading[int64]{"result-processor": scale.Known(int64(300), p.At.Add(-3*time.Second), scale.Broker)},
	}
	if rates, known := measure.Measure(p.Past, p.Policy); known {
		s.Rates = scale.Known(rates, p.At, scale.Broker)
	}
	if p.deaf {
		const why = "Kafka does not answer: connection refused"
		s.Lag, s.Group, s.Rates = scale.Unknown[scale.Lag](why, p.At, scale.Broker), scale.Unknown[scale.Group](why, p.At, scale.Broker), scale.Unknown[scale.Rates](why, p.At, scale.Broker)
	}
	p.pods(&s)
	return s
}

// pods adds what the pods and the metrics API report.
func (p *Pipeline) pods(s *scale.Snapshot) {
	source := fmt.Sprintf("%d of %d pods scraped", p.Running, p.Running)
	if p.dark {
		why := fmt.Sprintf("none of %d pods answered", p.Running)
		gone := scale.Unknown[float64](why, p.At, source)
		s.Signals = scale.Signals{Latency: gone, Throughput: gone, Download: gone, Busy: gone,
			Errors: scale.Unknown[scale.ErrorRate](why, p.At, source), Breaker: scale.Unknown[scale.Breaker](why, p.At, source)}
		s.Usage = scale.Unknown[scale.Usage]("the API server is not available", p.At, "metrics.k8s.io")
		return
	}
	rate := p.throughput()
	s.Usage = scale.Known(scale.Usage{CPULimit: p.cpu, CPURequest: 2 * p.cpu, MemoryLimit: 0.45, MemoryRequest: 0.9, CPUPeak: p.cpu * 1.05, MemoryPeak: 0.46, Pods: p.Running, Of: p.Running}, p.At, "metrics.k8s.io")
	kinds := map[string]float64{"http": 0.001 * rate}
	if p.Timeouts > 0 {
		kinds["timeout"] = p.Timeouts * rate
	}
	s.Signals = scale.Signals{
		Latency:    scale.Known(p.latency*p.noise, p.At, source),
		Errors:     scale.Known(scale.ErrorRate{Share: 0.001 + p.Timeouts, Timeouts: p.Timeouts, Kinds: kinds}, p.At, source),
		Throughput: scale.Known(rate, p.At, source),
		Download:   scale.Known(0.9*p.latency, p.At, source),
		Breaker:    scale.Known(scale.Breaker{Of: p.Running}, p.At, source),
		Busy:       scale.Known(min(4, 4*rate/p.each/float64(p.Running))*float64(p.Running), p.At, source),
	}
}

func (p *Pipeline) workload() scale.Workload {
	w := scale.Workload{
		Namespace: "kafka-pipeline", Name: "download-worker", UID: "u", ResourceVersion: "1", Desired: p.Wanted, Ready: p.Running, Updated: p.Wanted,
		Observed: true, Image: "worker:2.14", RolledAt: slackuitest.Noon.Add(-50 * time.Hour), Pods: slackuitest.Pods(p.Running),
		Limits: scale.Resources{CPU: 1000, Memory: 1 << 30}, Requests: scale.Resources{CPU: 500, Memory: 512 << 20},
		Env: map[string]string{"DOWNLOAD_CONCURRENCY": "5", "KAFKA_MAX_POLL_INTERVAL_MS": "300000"},
	}
	for i := p.Running; i < p.Wanted; i++ {
		pod := scale.Pod{Name: fmt.Sprintf("download-worker-7f-n%d", i), Phase: "Pending", Current: true, CreatedAt: p.At.Add(-2 * time.Minute), Cause: p.refused}
		if p.refused != "" {
			pod.Trouble = "it does not start"
		}
		w.Pods = append(w.Pods, pod)
	}
	return w
}
