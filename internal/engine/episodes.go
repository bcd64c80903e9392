package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// episodes speaks first: it follows alerts and suggestions of every component, on the
// leader only.
type episodes struct {
	*core

	mu sync.Mutex
	// newest are the episodes that are open or ended lately, by component and kind. That
	// there is none here says nothing about longer ago.
	newest map[string]*ledger.Episode
	// listed is when the open ones were listed last, and changed says that somebody has
	// changed one since.
	listed  time.Time
	changed bool
	// begun tells episodes of this term from those another leader may have left half
	// posted.
	begun map[string]bool
	// within is the term that both are of.
	within context.Context
	// sights is which components cannot be judged, and since when; past is the memory for that
	// of one component after another. Only follow uses them.
	sights *ledger.Sights
	past   []scale.Point
}

func newEpisodes(c *core) *episodes {
	return &episodes{
		core: c, newest: map[string]*ledger.Episode{}, begun: map[string]bool{}, sights: ledger.NewSights(c.policy, c.Book.Components),
	}
}

// listEvery is how often the open episodes are listed although nothing says that one was
// changed, in wall time: a watch may have been interrupted at the wrong moment.
const listEvery = 2 * time.Minute

// forget has the open episodes listed again: others answer and snooze them.
func (e *episodes) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.changed = true
}

// follow moves the episodes of the given components, and that of the fleet, one sample
// further; who does not lead only sees what cannot be judged. An episode that was begun is
// finished although ctx ends, but not when the lead is lost.
func (e *episodes) follow(ctx context.Context, components []scale.Component) {
	term := e.term.now()
	leads := term != nil && e.Leader.Leading() && e.lead(term)
	stored := e.fleet()
	for _, c := range components {
		switch {
		case ctx.Err() != nil:
			return
		case leads && term.Err() == nil:
			e.followOne(term, c, stored)
		default:
			e.sight(ctx, c)
		}
	}
	if leads && term.Err() == nil {
		e.followFleet(term)
	}
}

// lead reports whether the open episodes are known within the term.
func (e *episodes) lead(term context.Context) bool {
	e.enter(term)
	return e.list(term)
}

// pastOf is the past of one component, until that of another one is asked for.
func (e *episodes) pastOf(c scale.Component) []scale.Point {
	e.past = e.sampler.AppendPast(e.past[:0], c.Name, e.longestWindow())
	return e.past
}

// enter trusts nothing of an earlier term: somebody else has led meanwhile.
func (e *episodes) enter(term context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.within != term {
		e.within, e.listed = term, time.Time{}
		clear(e.newest)
		clear(e.begun)
	}
}

// list reads the open episodes of all components in one list when that is due, and at the
// beginning of a term also those that ended lately, whose end may not have been shown. It
// reports whether they are known: once they are, a store that does not answer leaves them as
// they were, because what is stored is stored by compare and swap.
func (e *episodes) list(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	now := e.Clock.Now()
	e.mu.Lock()
	first, due := e.listed.IsZero(), e.changed || now.Sub(e.listed) >= e.atLeast(listEvery, listEvery)
	e.changed = false // what is changed from here on is listed the next time.
	e.mu.Unlock()
	if !first && !due {
		return true
	}
	all, err := e.Store.OpenEpisodes(ctx)
	if err == nil && first {
		var ended []ledger.Episode
		ended, err = e.Store.EndedEpisodes(ctx, now.Add(-reconcileWithin), now.Add(time.Hour))
		all = append(all, ended...)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil {
		e.Log.WarnContext(ctx, "open episodes could not be read", "error", err)
		e.changed = true
		return !first
	}
	e.listed = now
	maps.DeleteFunc(e.newest, func(_ string, one *ledger.Episode) bool { return one.Open() })
	for _, one := range all {
		if known := e.newest[key(one.Component, one.Kind)]; known == nil || known.Number <= one.Number {
			e.newest[key(one.Component, one.Kind)] = &one
		}
	}
	return true
}

// componentKinds are the kinds of episode that a component has.
var componentKinds = []ledger.EpisodeKind{ledger.EpisodeAlert, ledger.EpisodeSuggestion}

// open reports whether an episode of the component is.
func (e *episodes) open(component string) bool {
	return slices.ContainsFunc(componentKinds, func(kind ledger.EpisodeKind) bool {
		one := e.known(component, kind)
		return one != nil && one.Open()
	})
}

// followOne follows the episodes of one component. Nearly all of them are at rest and have
// none, which costs next to nothing; else one judgement serves both kinds, and the sight.
func (e *episodes) followOne(ctx context.Context, c scale.Component, stored *fleet) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	defer e.sampler.Survive(ctx, "following "+c.Name)
	snapshot := e.sampler.Snapshot(c.Name)
	if !e.open(c.Name) && judge.AtRest(c, e.policy, snapshot) {
		e.sights.Look(c.Name, judge.Clear(), e.Clock.Now())
		for _, kind := range componentKinds {
			e.keep(ctx, e.known(c.Name, kind))
		}
		return
	}
	judged := e.judgement(ctx, c, &snapshot, e.pastOf(c), stored.tried)
	e.sights.Look(c.Name, judged.Sight(), e.Clock.Now())
	for _, kind := range componentKinds {
		if err := e.one(ctx, kind, c.Name, judged, stored); err != nil && ctx.Err() == nil {
			e.Log.WarnContext(ctx, "episode not followed", "component", c.Name, "kind", string(kind), "error", err)
		}
	}
}

// one follows the episode of one kind of one component. As long as there is none and no
// cause for one, that costs nothing.
func (e *episodes) one(ctx context.Context, kind ledger.EpisodeKind, component string, judged judge.Judgement, stored *fleet) error {
	prev := e.known(component, kind)
	next, changed := judge.Follow(kind, judged, prev)
	if prev == nil && changed {
		// The one before it may have ended longer ago than is listed, or in another's hands.
		var err error
		if prev, err = e.last(ctx, component, kind); err != nil {
			return err
		}
		next, changed = judge.Follow(kind, judged, prev)
	}
	open := prev != nil && prev.Open()
	switch {
	case open:
		if op, known := stored.underWay(ctx, component); known {
			changed = answer(&next, liveOne(op)) || changed
		}
	case changed:
		live := e.underWay(ctx, component)
		if live != nil && !graver(next, *live) {
			return nil
		}
		answer(&next, live)
	}
	return e.advance(ctx, prev, next, changed)
}

// advance stores and shows an episode's next look when there is something new in it.
func (e *episodes) advance(ctx context.Context, prev *ledger.Episode, next ledger.Episode, changed bool) error {
	if !changed {
		e.keep(ctx, prev)
		return nil
	}
	now, err := e.store(ctx, prev, next)
	if err != nil || now == nil {
		return err
	}
	e.say(ctx, prev, *now)
	return nil
}

// graver reports whether a new alert is news to the people who are changing the component: it
// is more urgent than the alert was when they asked for the change. Any other alert would only
// repeat it.
func graver(opening ledger.Episode, live ledger.Operation) bool {
	return opening.Kind == ledger.EpisodeAlert && opening.Urgency > live.Advice.Urgency
}

// keep corrects the card of an episode although nothing has changed: an earlier attempt may
// have failed, or the leader may have crashed before it made one. Some time after its end a
// card is shown once more, because a late edit may have covered the last one.
func (e *episodes) keep(ctx context.Context, prev *ledger.Episode) {
	if prev == nil {
		return
	}
	ended := e.Clock.Since(prev.ClosedAt)
	switch {
	case prev.Open() && prev.Snoozed(e.Clock.Now()) && !prev.Message.IsZero() && !e.board.owes(prev.ID):
		return
	case !prev.Open() && ended >= reconcileWithin:
		return
	case !prev.Open() && ended >= e.atLeast(sureAfter, sureAfter):
		e.board.makeSure(prev.ID)
	}
	now := e.board.episode(ctx, *prev, prev.Message.IsZero() && !e.ours(prev.ID))
	if now.Version != prev.Version {
		e.remember(now.Component, now.Kind, &now)
	}
}

// loud reports whether people have to see a change: of a snoozed card the mere numbers
// keep still, once it is there.
func loud(prev *ledger.Episode, now ledger.Episode, at time.Time) bool {
	return prev == nil || prev.ID != now.ID || !now.Open() || now.Message.IsZero() || !now.Snoozed(at) || prev.Answering != now.Answering
}

// underWay is the live operation of a component, read by itself: an alert is not opened
// beside a change that was asked for a moment ago.
func (e *episodes) underWay(ctx context.Context, component string) *ledger.Operation {
	recent, err := e.Store.Newest(ctx, component, 1)
	if err != nil || len(recent) == 0 {
		return nil
	}
	return liveOne(&recent[0])
}

// liveOne is the operation if it is live, else nil.
func liveOne(op *ledger.Operation) *ledger.Operation {
	if op == nil || !op.State().Live() {
		return nil
	}
	return op
}

// answer notes on an open episode which operation answers it now, and reports whether
// that is news. A proposal is not an answer yet: it may be declined.
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

// known is the newest episode as far as it is open or ended lately; nil when there is none.
func (e *episodes) known(component string, kind ledger.EpisodeKind) *ledger.Episode {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.newest[key(component, kind)]
}

// last is the newest episode there ever was; nil when there is none.
func (e *episodes) last(ctx context.Context, component string, kind ledger.EpisodeKind) (*ledger.Episode, error) {
	newest, err := e.Store.NewestEpisode(ctx, component, kind)
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

// store keeps the episode's next look. When somebody else changed it meanwhile (a
// snooze, another leader) the next sample judges anew, and nil is returned.
func (e *episodes) store(ctx context.Context, prev *ledger.Episode, next ledger.Episode) (*ledger.Episode, error) {
	var stored ledger.Episode
	var err error
	if next.ID == "" {
		next.Number = 1
		if prev != nil {
			next.Number = prev.Number + 1
		}
		stored, err = e.Store.CreateEpisode(ctx, next)
	} else {
		stored, err = e.Store.UpdateEpisode(ctx, next)
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
		if len(e.begun) > shownKept {
			clear(e.begun)
		}
		e.begun[stored.ID] = true
	}
	e.mu.Unlock()
	return &stored, nil
}

func (e *episodes) ours(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.begun[id]
}

// say shows the episode, unless it is snoozed and nothing but numbers moved, and tells
// aloud once what a silent edit would hide.
func (e *episodes) say(ctx context.Context, prev *ledger.Episode, now ledger.Episode) {
	fresh := prev == nil || prev.ID != now.ID
	if loud(prev, now, e.Clock.Now()) {
		now = e.board.episode(ctx, now, now.Message.IsZero() && !e.ours(now.ID))
		e.remember(now.Component, now.Kind, &now)
	}
	e.Log.InfoContext(ctx, "episode", "episode", now.ID, "open", now.Open(), "urgency", now.Urgency.String(), "lag", now.Lag, "advice", now.Advice.To)
	if fresh {
		return
	}
	if now.Overdue && !prev.Overdue {
		e.board.remark(ctx, now.Message, now.ID+"/overdue", overdue(now), false)
	}
	if now.Reopened > prev.Reopened {
		e.board.remark(ctx, now.Message, fmt.Sprintf("%s/reopened/%d", now.ID, now.Reopened), again(now), false)
	}
	if !now.Open() && prev.Open() {
		e.board.remark(ctx, now.Message, fmt.Sprintf("%s/recovered/%d", now.ID, now.Reopened), over(now), false)
	}
}

// overdue says in the thread that the time to act has passed. Where no other count is
// advised, nobody was asked to set one.
func overdue(e ledger.Episode) string {
	if e.Advice.Action == scale.ScaleUp || e.Advice.Action == scale.ScaleDown {
		return "Nobody has acted in time: the runbook asked for it by " + utc(e.ActBy) + "."
	}
	return "It still lasts, and the runbook asked to act by " + utc(e.ActBy) + ". No other count is recommended: what to look at instead is on the card."
}

// utc prints a time with its zone.
func utc(t time.Time) string { return t.UTC().Format("15:04 UTC") }
