package sampler

import (
	"context"

	"github.com/scalebot/scalebot/internal/scale"
)

// sight holds the readings of one round.
type sight struct {
	lags      *attempt[readings[scale.Lag]]
	groups    *attempt[readings[scale.Group]]
	workloads *attempt[readings[scale.Workload]]
	usages    *attempt[readings[scale.Usage]]
	owners    *attempt[readings[scale.Owner]]
	rooms     *attempt[readings[scale.Room]]
	signals   map[string]*attempt[scale.Signals]
}

// wait waits for the parts until the round's patience ends.
func (s sight) wait(patience context.Context) {
	s.lags.end(patience)
	s.groups.end(patience)
	s.workloads.end(patience)
	s.usages.end(patience)
	s.owners.end(patience)
	s.rooms.end(patience)
	for _, one := range s.signals {
		one.end(patience)
	}
}

// of is the snapshot of one component. Parts that have not answered are placeholders (see
// awaited).
func (s sight) of(c scale.Component) scale.Snapshot {
	snap := scale.Snapshot{
		Component: c.Name,
		Lag:       pick(s.lags, c.Name), Group: pick(s.groups, c.Name),
		Workload: pick(s.workloads, c.Name), Usage: pick(s.usages, c.Name),
		Owner: pick(s.owners, c.Name), Room: pick(s.rooms, c.Name), Signals: awaitedSignals(),
	}
	if !snap.Workload.Known() && !isAwaited(snap.Workload) {
		snap.Usage = because[scale.Usage](snap.Workload)
		snap.Room = because[scale.Room](snap.Workload)
	}
	for _, brought := range []*scale.Signals{s.signals[c.Name].late, s.signals[c.Name].now} {
		if brought != nil {
			snap.Signals = *brought
		}
	}
	return snap
}

func awaitedSignals() scale.Signals {
	number := awaited[float64]()
	return scale.Signals{
		Latency: number, Errors: awaited[scale.ErrorRate](), Throughput: number,
		Download: number, Breaker: awaited[scale.Breaker](), Writes: number, Busy: number,
	}
}
