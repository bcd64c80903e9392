package engine

import (
	"context"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// noteBlindness notes which rules of a component cannot be judged, and since when. Every replica
// does this, so that a new leader knows it at once.
func (e *episodes) noteBlindness(ctx context.Context, c scale.Component) {
	defer e.sampler.Survive(ctx, "noting what cannot be judged of "+c.Name)
	unseen := judge.Unseen(c, e.policy, e.observer.last(c.Name), func() []scale.Point { return e.pastOf(c) })
	e.sights.Record(c.Name, unseen, e.clock.Now())
}

// followFleet updates the episode about rules that cannot be judged by one sample. There is one
// episode for the whole fleet, because a missing source usually affects every component.
func (e *episodes) followFleet(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	defer e.sampler.Survive(ctx, "following the fleet")
	if err := e.blindness(ctx); err != nil && ctx.Err() == nil {
		e.log.WarnContext(ctx, "an episode could not be updated", "component", ledger.Fleet, "kind", string(ledger.EpisodeBlindness), "error", err)
	}
}

func (e *episodes) blindness(ctx context.Context) error {
	now, prev := e.clock.Now(), e.known(ledger.Fleet, ledger.EpisodeBlindness)
	next, changed := judge.FollowBlindness(e.policy, e.sights, now, prev)
	if prev == nil && changed {
		// The previous episode may have ended before the listed time, or another process may have
		// ended it.
		var err error
		if prev, err = e.newestStored(ctx, ledger.Fleet, ledger.EpisodeBlindness); err != nil {
			return err
		}
		next, changed = judge.FollowBlindness(e.policy, e.sights, now, prev)
	}
	return e.advance(ctx, prev, next, changed)
}

// reopened is the sentence in the thread that says an episode was opened again.
func reopened(e ledger.Episode) string {
	if e.Kind == ledger.EpisodeBlindness && e.Blindness != nil {
		return scale.Sentence("no " + e.Blindness.What() + " again, since " + utc(e.Blindness.Since.At))
	}
	return "It is back."
}

// recovered is the sentence in the thread that says an episode has ended and how long it lasted.
func recovered(e ledger.Episode) string {
	if e.Kind == ledger.EpisodeBlindness && e.Blindness != nil {
		return e.Blindness.Back(e.QuietSince)
	}
	return "Recovered after " + scale.Span(e.ClosedAt.Sub(e.OpenedAt)) + "."
}

// aboutTheFleet refuses a request that makes sense only for one component, when the episode is
// about the whole fleet.
func aboutTheFleet(e ledger.Episode) *scale.Refusal {
	refusal := &scale.Refusal{
		Code: scale.RefusedNotFound, Understood: e.ID, Why: "That is the note about rules of several components that cannot be judged.",
		Next: "Name one of the components, or run scalebot doctor where the bot runs.", Try: "/scale",
	}
	if e.Blindness != nil && len(e.Blindness.Components) > 0 {
		refusal.Try = "/scale diagnose " + e.Blindness.Components[0].Component
	}
	return refusal
}

// lookAt is the command that shows what an episode is about.
func lookAt(e ledger.Episode) string {
	if e.Kind == ledger.EpisodeBlindness {
		return "/scale"
	}
	return "/scale " + e.Component
}
