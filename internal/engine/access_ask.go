package engine

import (
	"context"
	"fmt"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/scale"
)

// act describes who made an ask and where, for the record.
func (a Ask) act() Act { return Act{By: a.By, Channel: a.Channel, Key: a.Key} }

// mayAsk checks the person, the channel and how often they ask, and returns the person with
// their present name and team.
func (a *access) mayAsk(ctx context.Context, ask Ask) (scale.Person, *scale.Refusal) {
	wish := ask.Component + " " + ask.Target.String()
	right := scale.RightAsk
	if ask.BreakGlass {
		right = scale.RightDecide
	}
	by, refusal := a.person(ctx, ask.By, right, wish)
	if refusal == nil {
		refusal = a.channel(ask.Channel, wish)
	}
	if refusal == nil && ask.BreakGlass && ask.Reason == "" {
		refusal = judge.RefuseWithoutReason(wish, "Breaking the glass", "/scale "+wish+" --break-glass because nobody else is awake")
	}
	if refusal == nil {
		refusal = a.withinQuota(ask, wish)
	}
	return by, refusal
}

// withinQuota bounds how often one person, and all people of one channel, may ask.
func (a *access) withinQuota(ask Ask, wish string) *scale.Refusal {
	now := a.clock.Now()
	refusal := &scale.Refusal{Code: scale.RefusedQuota, Understood: wish, Next: "Wait a moment; what is urgent may be asked for elsewhere or by somebody else."}
	if _, ok := a.byPerson.use(ask.By.ID, now); !ok {
		refusal.Why = fmt.Sprintf("You asked for %d changes within %s.", personSize, scale.Span(quotaSpan))
		refusal.Limit = "the bot's limit on one person"
		return refusal
	}
	if _, ok := a.byChannel.use(ask.Channel, now); !ok && ask.Channel != "" {
		refusal.Why = fmt.Sprintf("People in this channel asked for %d changes within %s.", channelSize, scale.Span(quotaSpan))
		refusal.Limit = "the bot's limit on one channel"
		return refusal
	}
	return nil
}
