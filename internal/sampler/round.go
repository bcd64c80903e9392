package sampler

import (
	"context"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// The bounds of a round, in wall time.
const (
	// roundPatience is how long a round waits for its parts. podsPatience is how long the parts
	// that need the list of pods wait for it.
	roundPatience = time.Second
	podsPatience  = roundPatience / 2
	// partTimeout ends a part whose adapter does not keep its own deadline.
	partTimeout = 30 * time.Second
	// SignalsAtOnce is the number of components whose workers are asked at the same time, unless
	// their source is better asked about more at once.
	SignalsAtOnce = 8
)

// slowEvery is how often the bot reads what changes seldom, owners and free room, on the
// runbook's clock.
const slowEvery = time.Minute

// lane holds the readings of one pace. Rounds of all components and live rounds of a few have a
// lane each, so that they do not wait for each other.
type lane struct {
	lags      part[readings[scale.Lag]]
	groups    part[readings[scale.Group]]
	workloads part[readings[scale.Workload]]
	usages    part[readings[scale.Usage]]
	// late is closed when the lag arrives that the last round did not wait for; waiting are its
	// components. Both are nil when nothing is late.
	late    <-chan struct{}
	waiting []scale.Component
}

// rounds runs the rounds of a sampler. Everything it starts belongs to its group, and each part
// has at most one reading in progress. A few goroutines read the workers' metrics, one component
// after another, from a queue.
type rounds struct {
	*Sampler
	group    sync.WaitGroup
	all, few lane
	// owners and rooms are read every slowEvery, for all components.
	owners  part[readings[scale.Owner]]
	rooms   part[readings[scale.Room]]
	slowAt  time.Time
	signals map[string]*part[scale.Signals]
	asked   chan func()
}

func newRounds(s *Sampler) *rounds {
	r := &rounds{Sampler: s, signals: map[string]*part[scale.Signals]{}}
	for _, c := range s.Book.Components {
		r.signals[c.Name] = &part[scale.Signals]{}
	}
	// The queue has room for all components, because each is queued at most once at a time.
	r.asked = make(chan func(), len(r.signals))
	for range min(s.SignalsAtOnce, len(r.signals)) {
		r.group.Go(func() {
			for ask := range r.asked {
				ask()
			}
		})
	}
	return r
}

// end waits for everything that was started. Nothing may be started after it.
func (r *rounds) end() {
	close(r.asked)
	r.group.Wait()
}

// round reads the given components and records what has arrived when its patience ends. A part
// that has not answered keeps its last value, with its age. ordinary says that it is the round of
// all components and not one at the live pace.
func (r *rounds) round(ctx context.Context, components []scale.Component, ordinary bool) {
	patience, cancel := context.WithTimeout(ctx, roundPatience)
	defer cancel()
	defer r.Survive(ctx, "sampling")
	brief, cancelBrief := context.WithTimeout(ctx, podsPatience)
	defer cancelBrief()
	seen := r.start(ctx, brief, components, ordinary)
	seen.wait(patience)
	if ctx.Err() != nil {
		return
	}
	r.record(components, seen)
	l := r.laneOf(components)
	l.late, l.waiting = nil, nil
	if !seen.lags.ended() {
		l.late, l.waiting = seen.lags.done, components
	}
}

// catchUp records what arrived after the round stopped waiting, and returns the components of the
// late lag, so that alerts do not wait for the next round.
func (r *rounds) catchUp(ctx context.Context, l *lane) []scale.Component {
	defer r.Survive(ctx, "sampling")
	components := l.waiting
	l.late, l.waiting = nil, nil
	r.record(components, r.rest(l, components))
	return components
}

func (r *rounds) record(components []scale.Component, seen sight) {
	for _, c := range components {
		r.Record(c, seen.of(c), false)
	}
}

// laneOf is the lane of a round of these components.
func (r *rounds) laneOf(components []scale.Component) *lane {
	if len(components) == len(r.Book.Components) {
		return &r.all
	}
	return &r.few
}

// rest takes the answers that have arrived, and starts no reading.
func (r *rounds) rest(l *lane, components []scale.Component) sight {
	s := sight{
		lags: l.lags.rest(), groups: l.groups.rest(), workloads: l.workloads.rest(), usages: l.usages.rest(),
		signals: map[string]*attempt[scale.Signals]{},
	}
	s.owners, s.rooms = r.slow(l)
	for _, c := range components {
		s.signals[c.Name] = r.signals[c.Name].rest()
	}
	return s
}

// slow takes the answers about owners and room. They cover all components, so a live round must
// not take them: it would record its own components and lose the answers for the others until the
// next reading.
func (r *rounds) slow(l *lane) (*attempt[readings[scale.Owner]], *attempt[readings[scale.Room]]) {
	if l != &r.all {
		return &attempt[readings[scale.Owner]]{}, &attempt[readings[scale.Room]]{}
	}
	return r.owners.rest(), r.rooms.rest()
}

// start starts every reading that is due; brief ends the wait for the pods.
func (r *rounds) start(ctx, brief context.Context, components []scale.Component, ordinary bool) sight {
	l := r.laneOf(components)
	s := sight{signals: map[string]*attempt[scale.Signals]{}}
	s.lags = begin(ctx, r, &l.lags, "lags", func(ctx context.Context) readings[scale.Lag] { return r.Kafka.Lags(ctx, components) })
	s.groups = begin(ctx, r, &l.groups, "groups", func(ctx context.Context) readings[scale.Group] { return r.Kafka.Groups(ctx, components) })
	polled := components
	if !ordinary {
		polled = r.polled(components)
	}
	known := r.startWorkloads(ctx, brief, &s, l, polled)
	s.owners, s.rooms = r.slow(l)
	if now := r.Clock.Now(); l == &r.all && now.Sub(r.slowAt) >= slowEvery {
		r.slowAt = now
		s.owners = begin(ctx, r, &r.owners, "owners", func(ctx context.Context) readings[scale.Owner] { return r.Cluster.Owners(ctx, components) })
		s.rooms = begin(ctx, r, &r.rooms, "rooms", func(ctx context.Context) readings[scale.Room] {
			return r.Cluster.Rooms(ctx, components, known(components))
		})
	}
	for _, c := range components {
		s.signals[c.Name] = r.startSignals(ctx, c, known)
	}
	return s
}

// startWorkloads reads the workloads of some components, and the resource use of their pods. It
// returns the workloads that other parts need.
func (r *rounds) startWorkloads(ctx, brief context.Context, s *sight, l *lane, polled []scale.Component) func([]scale.Component) map[string]scale.Workload {
	if len(polled) == 0 {
		s.workloads, s.usages = l.workloads.rest(), l.usages.rest()
		return r.lastWorkloads
	}
	s.workloads = begin(ctx, r, &l.workloads, "workloads", func(ctx context.Context) readings[scale.Workload] {
		return r.Cluster.Workloads(ctx, polled)
	})
	known := func(of []scale.Component) map[string]scale.Workload {
		return r.known(brief, s.workloads.flight, of)
	}
	s.usages = begin(ctx, r, &l.usages, "usages", func(ctx context.Context) readings[scale.Usage] {
		return r.Cluster.Usages(ctx, polled, known(polled))
	})
	return known
}

// begin reads a part in the background, with partTimeout as the limit.
func begin[T any](ctx context.Context, r *rounds, p *part[T], doing string, read func(context.Context) T) *attempt[T] {
	return p.begin(r.group.Go, func() (answer T) {
		ctx, cancel := context.WithTimeout(ctx, partTimeout)
		defer cancel()
		defer r.Survive(ctx, "reading "+doing)
		return read(ctx)
	})
}

// startSignals queues the reading of one component's workers; it starts once their pods are
// known.
func (r *rounds) startSignals(ctx context.Context, c scale.Component, known func([]scale.Component) map[string]scale.Workload) *attempt[scale.Signals] {
	return r.signals[c.Name].begin(func(ask func()) { r.asked <- ask }, func() (signals scale.Signals) {
		w, ok := known([]scale.Component{c})[c.Name]
		if !ok { // it is followed, or could not be read.
			w = r.lastWorkloads([]scale.Component{c})[c.Name]
		}
		ctx, cancel := context.WithTimeout(ctx, partTimeout)
		defer cancel()
		defer r.Survive(ctx, "asking the workers of "+c.Name)
		return r.Metrics.Signals(ctx, c, w.Pods)
	})
}

// known returns the workloads that other parts need. When they have not arrived after a brief
// wait, those of the last snapshots are used. Only a component that was never seen has to wait
// for the reading itself.
func (r *rounds) known(brief context.Context, f *flight[readings[scale.Workload]], of []scale.Component) map[string]scale.Workload {
	select {
	case <-f.done:
	case <-brief.Done():
	}
	if !f.ended() {
		if last := r.lastWorkloads(of); len(last) > 0 {
			return last
		}
		<-f.done
	}
	given := map[string]scale.Workload{}
	for _, c := range of {
		if w, ok := f.answer[c.Name].Get(); ok {
			given[c.Name] = w
		}
	}
	return given
}

// lastWorkloads are the workloads of the newest snapshots that are not stale.
func (s *Sampler) lastWorkloads(of []scale.Component) map[string]scale.Workload {
	now := s.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	last := map[string]scale.Workload{}
	for _, c := range of {
		if w, ok := s.seen[c.Name].snapshot.Workload.CurrentAt(now, s.Policy.Times.Stale).Get(); ok {
			last[c.Name] = w
		}
	}
	return last
}
