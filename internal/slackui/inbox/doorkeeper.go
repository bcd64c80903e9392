package inbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/people"
)

// The codes of refusals that concern the channel.
const (
	// RefusedShared means that people of other companies are in the channel; RefusedUnseen means
	// that the bot cannot read whether they are.
	RefusedShared = "shared_channel"
	RefusedUnseen = "channel_unknown"
)

// door says whether the bot takes orders in a channel. Without a directory it cannot check the
// channel, and only the person's rights count.
func (l *Listener) door(ctx context.Context, channel string) (people.Room, *scale.Refusal) {
	if l.cfg.Directory == nil {
		return people.Room{Member: true}, nil
	}
	room, err := l.cfg.Directory.Room(ctx, channel)
	switch {
	case err != nil:
		return room, unseenRefusal(err)
	case room.Shared:
		return room, sharedRefusal()
	}
	return room, nil
}

const (
	// publicMost is how many answers to one person the bot shows to everybody within
	// publicSpan; further ones are private.
	publicMost = 10
	publicSpan = time.Minute
)

// pacer remembers when it answered whom in public. Its mutex guards it.
type pacer struct {
	mu    sync.Mutex
	shown *api.Recent[string, []time.Time]
}

func newPacer() *pacer { return &pacer{shown: api.NewRecent[string, []time.Time](1024)} }

// allow reports whether one more answer may be public now, and counts it.
func (p *pacer) allow(who string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	times, _ := p.shown.Get(who)
	times = slices.DeleteFunc(slices.Clone(times), func(at time.Time) bool { return time.Since(at) >= publicSpan })
	if len(times) >= publicMost {
		return false
	}
	p.shown.Put(who, append(times, time.Now()))
	return true
}

// public reports whether an answer to somebody may be shown to everybody in the channel:
// to full members, and at a bounded pace, so that nobody fills a thread through the bot.
func (l *Listener) public(ctx context.Context, who scale.Person) bool {
	if l.cfg.Directory != nil && !l.cfg.Directory.Grant(ctx, who, scale.RightAsk).Allowed {
		return false
	}
	return l.aloud.allow(who.ID)
}

// turnAway tells a person in private why their order is refused, and has the refusal recorded.
func (l *Listener) turnAway(ctx context.Context, verb string, act engine.Act, refusal *scale.Refusal, to api.Addressee) {
	if l.cfg.Handlers.TurnAway != nil {
		l.cfg.Handlers.TurnAway(ctx, verb, act, refusal)
	}
	l.answerPrivately(ctx, to, cards.DrawRefusal(refusal))
}

// sharedRefusal is what people are told in a channel shared with another company.
func sharedRefusal() *scale.Refusal {
	return &scale.Refusal{
		Code:  RefusedShared,
		Why:   "this channel is shared with another company, and changes are neither asked for nor decided in such channels",
		Limit: "a rule of the bot, so that outsiders see and press nothing",
		Next:  "Use a channel of this workspace only.",
	}
}

// unseenRefusal is for a channel that the bot cannot read. Unknown counts as shared.
func unseenRefusal(err error) *scale.Refusal {
	return &scale.Refusal{
		Code:  RefusedUnseen,
		Why:   "it cannot be read whether this channel is shared with another company: " + err.Error(),
		Limit: "a rule of the bot: what is not known is not allowed",
		Next:  "Try again in a moment, or in a direct message with the bot.",
	}
}
