package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/sampler"
	"github.com/scalebot/scalebot/internal/scale"
)

// episodes speaks without being asked: it follows the alerts and suggestions of every component,
// on the leader only.
type episodes struct {
	policy    scale.Policy
	clock     pace.Clock
	log       *slog.Logger
	leader    Leader
	store     ledger.Store
	sampler   *sampler.Sampler
	records   *records
	observer  *observer
	publisher *publisher
	messages  *messages
	term      *term

	mu sync.Mutex
	// newest holds the episodes that are open or ended recently, by component and kind. The store
	// may have older ones.
	newest map[string]*ledger.Episode
	// listed is when the open episodes were listed last. changed says that somebody has changed
	// one since.
	listed  time.Time
	changed bool
	// begun holds the episodes that this process has opened within the term. The card of any
	// other episode may have been posted by another leader that did not store its location.
	begun map[string]bool
	// within is the term for which newest and begun are valid.
	within context.Context
	// sights records which components cannot be judged, and since when; past is a buffer for the
	// past of one component at a time. Only follow uses them.
	sights *ledger.Sights
	past   []scale.Point
}

func newEpisodes(c Config, policy scale.Policy, p parts) *episodes {
	return &episodes{
		policy: policy, clock: c.Clock, log: c.Log, leader: c.Leader, store: c.Store, sampler: p.observer.sampler,
		records: p.records, observer: p.observer, publisher: p.publisher, messages: p.publisher.messages, term: p.term,
		newest: map[string]*ledger.Episode{}, begun: map[string]bool{}, sights: ledger.NewSights(policy, c.Book.Components),
	}
}

// listEvery is how often, in wall time, the open episodes are listed although the store has
// reported no change: an interrupted watch may have missed one.
const listEvery = 2 * time.Minute

// listAgain has the open episodes listed again, because others answer and snooze them.
func (e *episodes) listAgain() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.changed = true
}

// follow updates the episodes of the given components, and the fleet's episode, by one sample. A
// replica that does not lead only notes what cannot be judged. A step that has begun is finished
// when ctx ends, but not when the lead is lost.
func (e *episodes) follow(ctx context.Context, components []scale.Component) {
	term := e.term.now()
	leads := term != nil && e.leader.Leading() && e.prepare(term)
	stored := e.records.fleet(e.policy)
	for _, c := range components {
		switch {
		case ctx.Err() != nil:
			return
		case leads && term.Err() == nil:
			e.followOne(term, c, stored)
		default:
			e.noteBlindness(ctx, c)
		}
	}
	if leads && term.Err() == nil {
		e.followFleet(term)
	}
}

// prepare reports whether the open episodes are known within the term.
func (e *episodes) prepare(term context.Context) bool {
	e.enter(term)
	return e.list(term)
}

// pastOf returns the past of one component. The next call, for another component, overwrites it.
func (e *episodes) pastOf(c scale.Component) []scale.Point {
	e.past = e.observer.past(e.past[:0], c.Name)
	return e.past
}

// enter drops what is remembered of an earlier term, because another process has led since.
func (e *episodes) enter(term context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.within != term {
		e.within, e.listed = term, time.Time{}
		clear(e.newest)
		clear(e.begun)
	}
}

// list reads the open episodes of all components in one list when that is due. At the beginning
// of a term it also reads those that ended recently, because their end may not have been shown.
// It reports whether they are known. Once they are, they stay known while the store does not
// answer: every change is stored by compare and swap, so an old list does no harm.
func (e *episodes) list(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	now := e.clock.Now()
	e.mu.Lock()
	first, due := e.listed.IsZero(), e.changed || now.Sub(e.listed) >= e.clock.AtLeast(listEvery, listEvery)
	e.changed = false // a change from here on is listed the next time
	e.mu.Unlock()
	if !first && !due {
		return true
	}
	all, err := e.store.OpenEpisodes(ctx)
	if err == nil && first {
		var ended []ledger.Episode
		ended, err = e.store.EndedEpisodes(ctx, now.Add(-reconcileWithin), now.Add(time.Hour))
		all = append(all, ended...)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil {
		e.log.WarnContext(ctx, "open episodes could not be read", "error", err)
		e.changed = true
		return !first
	}
	e.listed = now
	maps.DeleteFunc(e.newest, func(_ string, known *ledger.Episode) bool { return known.Open() })
	for _, listed := range all {
		if known := e.newest[key(listed.Component, listed.Kind)]; known == nil || known.Number <= listed.Number {
			e.newest[key(listed.Component, listed.Kind)] = &listed
		}
	}
	return true
}

// componentKinds are the kinds of episode that a component has.
var componentKinds = []ledger.EpisodeKind{ledger.EpisodeAlert, ledger.EpisodeSuggestion}

// open reports whether the component has an open episode.
func (e *episodes) open(component string) bool {
	return slices.ContainsFunc(componentKinds, func(kind ledger.EpisodeKind) bool {
		episode := e.known(component, kind)
		return episode != nil && episode.Open()
	})
}

// followOne follows the episodes of one component. Nearly all components are calm and have no
// episode, which costs next to nothing. Otherwise one judgement serves both kinds and the note
// about what cannot be judged.
func (e *episodes) followOne(ctx context.Context, c scale.Component, stored *fleet) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	defer e.sampler.Survive(ctx, "following "+c.Name)
	snapshot := e.observer.last(c.Name)
	if !e.open(c.Name) && judge.AtRest(c, e.policy, snapshot) {
		e.sights.Record(c.Name, judge.Clear(), e.clock.Now())
		for _, kind := range componentKinds {
			e.correct(ctx, e.known(c.Name, kind))
		}
		return
	}
	judged := e.observer.judge(ctx, c, &snapshot, e.pastOf(c), stored.lastScaleUp)
	e.sights.Record(c.Name, judged.Sight(), e.clock.Now())
	for _, kind := range componentKinds {
		if err := e.followKind(ctx, kind, c.Name, judged, stored); err != nil && ctx.Err() == nil {
			e.log.WarnContext(ctx, "an episode could not be updated", "component", c.Name, "kind", string(kind), "error", err)
		}
	}
}

// followKind follows the episode of one kind of one component. While there is no episode and no
// reason for one, that costs nothing.
func (e *episodes) followKind(ctx context.Context, kind ledger.EpisodeKind, component string, judged judge.Judgement, stored *fleet) error {
	prev := e.known(component, kind)
	next, changed := judge.Follow(kind, judged, prev)
	if prev == nil && changed {
		// The previous episode may have ended before the listed time, or another process may have
		// ended it.
		var err error
		if prev, err = e.newestStored(ctx, component, kind); err != nil {
			return err
		}
		next, changed = judge.Follow(kind, judged, prev)
	}
	open := prev != nil && prev.Open()
	switch {
	case open:
		if op, known := stored.underWay(ctx, component); known {
			changed = answer(&next, ifLive(op)) || changed
		}
	case changed:
		live := e.underWay(ctx, component)
		if live != nil && !moreUrgent(next, *live) {
			return nil
		}
		answer(&next, live)
	}
	return e.advance(ctx, prev, next, changed)
}

// advance stores and shows the next version of an episode when it says something new.
func (e *episodes) advance(ctx context.Context, prev *ledger.Episode, next ledger.Episode, changed bool) error {
	if !changed {
		e.correct(ctx, prev)
		return nil
	}
	now, err := e.storeNext(ctx, prev, next)
	if err != nil || now == nil {
		return err
	}
	e.publish(ctx, prev, *now)
	return nil
}

// moreUrgent reports whether a new alert is news to the people who are changing the component. It
// is when it is more urgent than the alert was when they asked for the change. Any other alert
// would only repeat what they know.
func moreUrgent(opening ledger.Episode, live ledger.Operation) bool {
	return opening.Kind == ledger.EpisodeAlert && opening.Urgency > live.Advice.Urgency
}

// correct shows the card of an unchanged episode again: an earlier attempt may have failed, or
// the leader may have crashed before it made one. Some time after the episode's end it shows the
// card once more, because a late edit may have covered the last one.
func (e *episodes) correct(ctx context.Context, prev *ledger.Episode) {
	if prev == nil {
		return
	}
	ended := e.clock.Since(prev.ClosedAt)
	switch {
	case prev.Open() && prev.Snoozed(e.clock.Now()) && !prev.Message.IsZero() && !e.messages.failed(prev.ID):
		return
	case !prev.Open() && ended >= reconcileWithin:
		return
	case !prev.Open() && ended >= e.clock.AtLeast(repeatAfter, repeatAfter):
		e.messages.repeat(prev.ID)
	}
	now := e.publisher.episode(ctx, *prev, e.knowledge(*prev))
	if now.Version != prev.Version {
		e.remember(now.Component, now.Kind, &now)
	}
}

// mustShow reports whether people have to see a change. The posted card of a snoozed episode is
// not edited when only its numbers change.
func mustShow(prev *ledger.Episode, now ledger.Episode, at time.Time) bool {
	return prev == nil || prev.ID != now.ID || !now.Open() || now.Message.IsZero() || !now.Snoozed(at) || prev.Answering != now.Answering
}

// underWay returns the live operation of a component. It reads it from the store again, so that
// no alert is opened beside a change that was requested a moment ago.
func (e *episodes) underWay(ctx context.Context, component string) *ledger.Operation {
	recent, err := e.store.Newest(ctx, component, 1)
	if err != nil || len(recent) == 0 {
		return nil
	}
	return ifLive(&recent[0])
}

// ifLive is the operation if it is live, else nil.
func ifLive(op *ledger.Operation) *ledger.Operation {
	if op == nil || !op.State().Live() {
		return nil
	}
	return op
}

// answer notes on an open episode which operation answers it, and reports whether that is new. A
// proposal is not an answer yet: it may be declined.
func answer(e *ledger.Episode, live *ledger.Operation) bool {
	before := [2]string{e.Operation, e.Answering}
	e.Answering = ""
	if live != nil {
		e.Answering = live.ID
		if live.State() != ledger.Proposed {
			e.Operation = live.ID
		}
	}
	return before != [2]string{e.Operation, e.Answering}
}

func key(component string, kind ledger.EpisodeKind) string { return component + "/" + string(kind) }

// known is the newest episode that is open or ended recently; nil when there is none.
func (e *episodes) known(component string, kind ledger.EpisodeKind) *ledger.Episode {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.newest[key(component, kind)]
}

// newestStored reads the newest episode from the store, however old; nil when there is none.
func (e *episodes) newestStored(ctx context.Context, component string, kind ledger.EpisodeKind) (*ledger.Episode, error) {
	newest, err := e.store.NewestEpisode(ctx, component, kind)
	switch {
	case errors.Is(err, scale.ErrNotStored):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading the newest %s of %s: %w", kind, component, err)
	}
	e.remember(component, kind, &newest)
	return &newest, nil
}

func (e *episodes) remember(component string, kind ledger.EpisodeKind, newest *ledger.Episode) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.newest[key(component, kind)] = newest
}

// storeNext stores the next version of an episode. When somebody else changed it meanwhile (a
// snooze, another leader) the next sample judges anew, and nil is returned.
func (e *episodes) storeNext(ctx context.Context, prev *ledger.Episode, next ledger.Episode) (*ledger.Episode, error) {
	var stored ledger.Episode
	var err error
	if next.ID == "" {
		next.Number = 1
		if prev != nil {
			next.Number = prev.Number + 1
		}
		stored, err = e.store.CreateEpisode(ctx, next)
	} else {
		stored, err = e.store.UpdateEpisode(ctx, next)
	}
	if err != nil {
		e.mu.Lock()
		delete(e.newest, key(next.Component, next.Kind))
		e.changed = true
		e.mu.Unlock()
		if errors.Is(err, scale.ErrVersion) {
			return nil, nil
		}
		return nil, fmt.Errorf("storing the %s of %s: %w", next.Kind, next.Component, err)
	}
	e.mu.Lock()
	e.newest[key(next.Component, next.Kind)] = &stored
	if prev == nil || prev.ID != stored.ID {
		if len(e.begun) > maxMessages {
			clear(e.begun)
		}
		e.begun[stored.ID] = true
	}
	e.mu.Unlock()
	return &stored, nil
}

// knowledge says whether this process knows where the card of an episode is. Another leader may
// have posted it without storing the location.
func (e *episodes) knowledge(episode ledger.Episode) Knowledge {
	e.mu.Lock()
	defer e.mu.Unlock()
	if episode.Message.IsZero() && !e.begun[episode.ID] {
		return MaybePosted
	}
	return Known
}

// publish shows the episode, unless it is snoozed and only its numbers changed. People get no
// notification for an edit, so important changes are also posted once in the thread.
func (e *episodes) publish(ctx context.Context, prev *ledger.Episode, now ledger.Episode) {
	opened := prev == nil || prev.ID != now.ID
	if mustShow(prev, now, e.clock.Now()) {
		now = e.publisher.episode(ctx, now, e.knowledge(now))
		e.remember(now.Component, now.Kind, &now)
	}
	e.log.InfoContext(ctx, "episode", "episode", now.ID, "open", now.Open(), "urgency", now.Urgency.String(), "lag", now.Lag, "advice", now.Advice.To)
	if opened {
		return
	}
	if now.Overdue && !prev.Overdue {
		e.publisher.remark(ctx, now.Message, now.ID+"/overdue", overdue(now))
	}
	if now.Reopened > prev.Reopened {
		e.publisher.remark(ctx, now.Message, fmt.Sprintf("%s/reopened/%d", now.ID, now.Reopened), reopened(now))
	}
	if !now.Open() && prev.Open() {
		e.publisher.remark(ctx, now.Message, fmt.Sprintf("%s/recovered/%d", now.ID, now.Reopened), recovered(now))
	}
}

// overdue is the sentence in the thread that the time to act has passed. It asks for a
// decision only if another count is recommended.
func overdue(e ledger.Episode) string {
	if e.Advice.Action == scale.ScaleUp || e.Advice.Action == scale.ScaleDown {
		return "Nobody has acted in time: the runbook asked for it by " + utc(e.ActBy) + "."
	}
	return "It still lasts, and the runbook asked to act by " + utc(e.ActBy) + ". No other count is recommended: what to look at instead is on the card."
}

// utc prints a time with its zone.
func utc(t time.Time) string { return t.UTC().Format("15:04 UTC") }
