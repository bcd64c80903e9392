package engine

import (
	"context"
	"log/slog"
	"sync"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/sampler"
	"github.com/scalebot/scalebot/internal/scale"
)

// statuses puts together what people see of a component: what was read and judged, and the stored
// records.
type statuses struct {
	components []scale.Component
	store      ledger.Store
	records    *records
	observer   *observer
	log        *slog.Logger
}

// all returns the status of every component in the runbook's order, from the newest sample and a
// few lists of stored records. If the store does not answer, the parts that come from it are
// missing.
func (s *statuses) all(ctx context.Context) []Status {
	stored, alerts := s.records.fleet(s.observer.policy), map[string]*ledger.Episode{}
	var reading sync.WaitGroup
	reading.Go(func() { stored.unfinished(ctx) })
	reading.Go(func() { alerts = s.openAlerts(ctx) })
	reading.Wait()
	all, past := make([]Status, 0, len(s.components)), []scale.Point(nil)
	for _, c := range s.components {
		snapshot := s.observer.last(c.Name)
		past = s.observer.past(past[:0], c.Name)
		judged := s.observer.judge(ctx, c, &snapshot, past, stored.lastScaleUp)
		status := s.measured(observation{component: c, snapshot: snapshot, advice: judged.Advice()})
		status.Operation, _ = stored.underWay(ctx, c.Name)
		status.Episode = alerts[c.Name]
		all = append(all, status)
	}
	return all
}

// openAlerts are the open alerts by component.
func (s *statuses) openAlerts(ctx context.Context) map[string]*ledger.Episode {
	open, err := s.store.OpenEpisodes(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "open alerts could not be read", "error", err)
	}
	alerts := map[string]*ledger.Episode{}
	for _, e := range open {
		if newest := alerts[e.Component]; e.Kind == ledger.EpisodeAlert && (newest == nil || newest.Number < e.Number) {
			alerts[e.Component] = &e
		}
	}
	return alerts
}

// of adds the stored records. If the store does not answer, those parts are missing: what was
// measured is still worth showing.
func (s *statuses) of(ctx context.Context, seen observation) Status {
	name := seen.component.Name
	status := s.measured(seen)
	if recent, err := s.store.Newest(ctx, name, 1); err == nil && len(recent) == 1 && !recent[0].State().Final() {
		status.Operation = &recent[0]
	}
	if e, err := s.store.NewestEpisode(ctx, name, ledger.EpisodeAlert); err == nil && e.Open() {
		status.Episode = &e
	}
	return status
}

// measured is the part of a status that comes from what was read and judged.
func (s *statuses) measured(seen observation) Status {
	return Status{Component: seen.component, Snapshot: seen.snapshot, Advice: seen.advice, Past: s.observer.historyOf(seen.component.Name, sampler.FineSpan)}
}

// sampled is the status of a component from its newest sample.
func (s *statuses) sampled(ctx context.Context, c scale.Component) Status {
	return s.of(ctx, s.observer.judged(ctx, c, s.observer.last(c.Name)))
}
