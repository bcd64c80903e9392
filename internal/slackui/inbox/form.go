package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

const (
	formCallback = "adjust"
	// blockCount and blockReason are the form's inputs; each block holds one element of
	// the same id.
	blockCount  = "count"
	blockReason = "reason"
	// lowestCount and highestCount are what the form accepts; the desk knows the real bounds.
	lowestCount, highestCount = 0, 1000
	// peekTime is how long opening the form may wait for the present numbers; the trigger expires
	// after three seconds.
	peekTime = time.Second
)

// formOrigin travels in the form's private metadata: which operation, and which
// message the button was on.
type formOrigin struct {
	Operation string `json:"operation"`
	Channel   string `json:"channel"`
	TS        string `json:"ts"`
	Thread    string `json:"thread,omitempty"`
}

// openForm shows the adjust form. Whether the person may adjust is decided when they submit it.
// Somebody who may not ask at all, or not in this channel, does not see the form with its
// numbers.
func (l *Listener) openForm(ctx context.Context, trigger string, click commands.Click, to api.Addressee) {
	if l.turnedAway(ctx, click, to) || l.barred(ctx, click, to) {
		return
	}
	view, err := formView(click, l.peek(ctx, click.Target))
	if err == nil {
		err = l.client.Read(ctx, "views.open", "opening the form", func(ctx context.Context) error {
			return l.client.OpenView(ctx, trigger, view)
		})
	}
	if err != nil {
		l.answerPrivately(ctx, to, cards.DrawNotice("The form could not be opened. Please press Adjust… again, or type /scale with the component and the count."))
	}
}

// barred reports whether the person may not even ask for changes.
func (l *Listener) barred(ctx context.Context, click commands.Click, to api.Addressee) bool {
	if l.cfg.Directory == nil {
		return false
	}
	grant := l.cfg.Directory.Grant(ctx, click.By, scale.RightAsk)
	if !grant.Allowed {
		act := click.Act()
		act.By = grant.Person
		l.turnAway(ctx, click.Action, act, &scale.Refusal{Code: grant.Code, Understood: "adjust " + click.Target, Why: grant.Why}, to)
	}
	return !grant.Allowed
}

// peek reads the operation if the store answers quickly.
func (l *Listener) peek(ctx context.Context, id string) ledger.Operation {
	if l.cfg.Handlers.Operation == nil {
		return ledger.Operation{}
	}
	ctx, cancel := context.WithTimeout(ctx, peekTime)
	defer cancel()
	op, err := l.cfg.Handlers.Operation(ctx, id)
	if err != nil {
		return ledger.Operation{}
	}
	return op
}

// formView draws the form. With the zero operation it has no present numbers.
func formView(click commands.Click, op ledger.Operation) (slack.ModalViewRequest, error) {
	origin, err := json.Marshal(formOrigin{click.Target, click.Channel, click.TS, click.Thread})
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("writing the form's origin: %w", err)
	}
	count := slack.NewNumberInputBlockElement(nil, blockCount, false)
	highest := highestCount
	count.FocusOnLoad = true
	about := "*" + cards.Words(click.Target, cards.MaxName) + "*"
	if op.ID != "" {
		if field, ok := cards.CountFieldOf(op, lowestCount, highestCount); ok {
			about, highest = field.About, field.Highest
			count.InitialValue = strconv.Itoa(field.Initial)
		}
	}
	count.MinValue, count.MaxValue = strconv.Itoa(lowestCount), strconv.Itoa(highest)
	number := slack.NewInputBlock(blockCount, cards.PlainText("Replicas"), cards.PlainText("The checklist is made again for this count."), count)
	why := slack.NewPlainTextInputBlockElement(nil, blockReason)
	why.MaxLength = cards.MaxReason
	reason := slack.NewInputBlock(blockReason, cards.PlainText("Why"), nil, why).WithOptional(true)
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formCallback, PrivateMetadata: string(origin),
		Title: cards.PlainText("Adjust the count"), Submit: cards.PlainText("Propose"), Close: cards.PlainText("Back"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(cards.Mrkdwn(about), nil, nil), number, reason,
		}},
	}, nil
}

// submitted handles a submitted form. The ack shows a mistake in the count inside the form; the
// desk judges everything else.
func (l *Listener) submitted(in interaction) delivery {
	key := prefixKey("form", cmp.Or(in.Trigger, in.View.ID+in.View.Hash))
	if in.View.Callback != formCallback {
		return l.stray(key, api.Addressee{User: in.User.ID}, strayForm)
	}
	click, problem := l.filledIn(in)
	if problem != "" {
		return delivery{reply: slack.NewErrorsViewSubmissionResponse(map[string]string{blockCount: problem})}
	}
	to := api.Addressee{Channel: click.Channel, User: in.User.ID, Thread: click.Thread}
	return delivery{
		key: key, queue: l.jobs,
		job:       func(ctx context.Context) { l.answerClick(ctx, nil, click, to) },
		busyReply: slack.NewErrorsViewSubmissionResponse(map[string]string{blockCount: busyText}),
	}
}

// filledIn reads the form; problem says what is wrong with the count.
func (l *Listener) filledIn(in interaction) (click commands.Click, problem string) {
	var origin formOrigin
	if err := json.Unmarshal([]byte(in.View.Private), &origin); err != nil {
		return click, "This form is damaged. Please open it again from the card."
	}
	number, err := strconv.Atoi(strings.TrimSpace(in.View.input(blockCount)))
	if err != nil {
		return click, "Please enter a whole number."
	}
	if number < lowestCount || number > highestCount {
		return click, fmt.Sprintf("Please enter a number from %d to %d.", lowestCount, highestCount)
	}
	return commands.Click{
		By: personOf(in), Action: commands.ActionAdjust, Target: origin.Operation, Number: number, Reason: in.View.input(blockReason),
		Channel: origin.Channel, TS: origin.TS, Thread: origin.Thread,
		Key: cmp.Or(in.Trigger, in.View.ID), At: l.client.Clock.Now(),
	}, ""
}
