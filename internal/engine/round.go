package engine

import (
	"context"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// The bounds of a round, in wall time.
const (
	// roundPatience is how long a round waits for its parts, and podsPatience how long
	// those parts that need to know the pods wait for them.
	roundPatience = time.Second
	podsPatience  = roundPatience / 2
	// partTimeout ends a part whose adapter does not keep its own deadlines.
	partTimeout = 30 * time.Second
	// signalsAtOnce is of how many components the workers are asked at once, unless their
	// source is better asked about more.
	signalsAtOnce = 8
)

// slowEvery is how often what changes seldom is read: owners and free room; time on the
// runbook's clock.
const slowEvery = time.Minute

// lane is what the rounds of one pace read: those of all components, and those of the few
// that are looked at more often, do not wait for each other.
type lane struct {
	lags      part[readings[scale.Lag]]
	groups    part[readings[scale.Group]]
	workloads part[readings[scale.Workload]]
	usages    part[readings[scale.Usage]]
	// late ends when the lag is back that the last round did not wait for, and waiting is
	// whose lag that is; both are nil when nothing is late.
	late    <-chan struct{}
	waiting []scale.Component
}

// rounds makes the rounds of a sampler. Whatever it starts belongs to its group, with at
// most one reading of each part under way. The workers of the components are asked by a
// few goroutines, which take what is asked from a queue.
type rounds struct {
	*Sampler
	group    sync.WaitGroup
	all, few lane
	// owners and rooms are read now and then, of all components.
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
	// One place for each: a component is asked for once at a time.
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

// end lets everything that was begun come to its end. Nothing may be begun after it.
func (r *rounds) end() {
	close(r.asked)
	r.group.Wait()
}

// round reads the given components and records what is there when its patience ends. A
// part that is not back keeps what was last seen of it, with its age.
func (r *rounds) round(ctx context.Context, components []scale.Component) {
	patience, cancel := context.WithTimeout(ctx, roundPatience)
	defer cancel()
	defer r.survive(ctx, "sampling")
	brief, cancelBrief := context.WithTimeout(ctx, podsPatience)
	defer cancelBrief()
	seen := r.start(ctx, brief, components)
	seen.wait(patience)
	if ctx.Err() != nil {
		return
	}
	r.keep(components, seen)
	l := r.laneOf(components)
	l.late, l.waiting = nil, nil
	if !seen.lags.ended() {
		l.late, l.waiting = seen.lags.done, components
	}
}

// catchUp records what has come back since the round that did not wait for it, and returns
// whose lag that is: an alert does not wait for the next round.
func (r *rounds) catchUp(ctx context.Context, l *lane) []scale.Component {
	defer r.survive(ctx, "sampling")
	components := l.waiting
	l.late, l.waiting = nil, nil
	r.keep(components, r.rest(l, components))
	return components
}

func (r *rounds) keep(components []scale.Component, seen sight) {
	for _, c := range components {
		r.record(c, seen.of(c), false)
	}
}

// laneOf is the lane of a round of these components.
func (r *rounds) laneOf(components []scale.Component) *lane {
	if len(components) == len(r.Book.Components) {
		return &r.all
	}
	return &r.few
}

// rest takes what is back, and begins nothing.
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

// slow is what has come back of the parts that are read seldom. They are read of all
// components: who looks at a few of them leaves them, because what is taken is recorded for
// those only, and the others would wait for the next reading.
func (r *rounds) slow(l *lane) (*attempt[readings[scale.Owner]], *attempt[readings[scale.Room]]) {
	if l != &r.all {
		return &attempt[readings[scale.Owner]]{}, &attempt[readings[scale.Room]]{}
	}
	return r.owners.rest(), r.rooms.rest()
}

// start begins whatever is due; brief is the patience for the pods.
func (r *rounds) start(ctx, brief context.Context, components []scale.Component) sight {
	l := r.laneOf(components)
	s := sight{signals: map[string]*attempt[scale.Signals]{}}
	s.lags = begin(ctx, r, &l.lags, "lags", func(ctx context.Context) readings[scale.Lag] { return r.Kafka.Lags(ctx, components) })
	s.groups = begin(ctx, r, &l.groups, "groups", func(ctx context.Context) readings[scale.Group] { return r.Kafka.Groups(ctx, components) })
	s.workloads = begin(ctx, r, &l.workloads, "workloads", func(ctx context.Context) readings[scale.Workload] {
		return r.Cluster.Workloads(ctx, components)
	})
	known := func(of []scale.Component) map[string]scale.Workload {
		return r.known(brief, s.workloads.flight, of)
	}
	s.usages = begin(ctx, r, &l.usages, "usages", func(ctx context.Context) readings[scale.Usage] {
		return r.Cluster.Usages(ctx, components, known(components))
	})
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

// begin reads a part in the background, within its time.
func begin[T any](ctx context.Context, r *rounds, p *part[T], doing string, read func(context.Context) T) *attempt[T] {
	return p.begin(r.group.Go, func() (answer T) {
		ctx, cancel := context.WithTimeout(ctx, partTimeout)
		defer cancel()
		defer r.survive(ctx, "reading "+doing)
		return read(ctx)
	})
}

// startSignals asks the workers of one component, as soon as their pods are known and
// few enough others are being asked.
func (r *rounds) startSignals(ctx context.Context, c scale.Component, known func([]scale.Component) map[string]scale.Workload) *attempt[scale.Signals] {
	return r.signals[c.Name].begin(func(ask func()) { r.asked <- ask }, func() (signals scale.Signals) {
		w, ok := known([]scale.Component{c})[c.Name]
		if !ok {
			w = r.lastWorkloads([]scale.Component{c})[c.Name]
		}
		ctx, cancel := context.WithTimeout(ctx, partTimeout)
		defer cancel()
		defer r.survive(ctx, "asking the workers of "+c.Name)
		return r.Metrics.Signals(ctx, c, w.Pods)
	})
}

// known are the workloads that other parts need. When they are not back within a brief
// time, those of the last snapshots do; only where there are none yet, there is nothing
// for it but to wait.
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
		if w, ok := s.seen[c.Name].snapshot.Workload.FreshAt(now, s.policy.Times.Stale).Get(); ok {
			last[c.Name] = w
		}
	}
	return last
}
