package inbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

// patience is how long a person waits before the bot says that it is still working: every input
// gets an answer within three seconds.
const patience = 2500 * time.Millisecond

// answerPrivately answers somebody in private.
func (l *Listener) answerPrivately(ctx context.Context, to api.Addressee, content cards.Content) {
	if err := l.client.Whisper(ctx, to, content); err != nil {
		l.client.Log.WarnContext(ctx, "a private answer could not be sent", "channel", to.Channel, "user", to.User, "err", err)
	}
}

// safely runs a handler and turns a panic into an answer, because every input gets one.
func (l *Listener) safely(ctx context.Context, work func(context.Context) commands.Answer) (answer commands.Answer) {
	defer func() {
		if p := recover(); p != nil {
			l.client.Log.ErrorContext(ctx, "the handler of a command or click panicked", "panic", fmt.Sprint(p))
			answer = commands.Notice{Text: "The bot ran into a defect of its own while answering this. Please look at the card before trying again."}
		}
	}()
	return work(ctx)
}

// patiently runs a handler, and tells the person when it takes longer than patience.
func (l *Listener) patiently(ctx context.Context, to api.Addressee, work func(context.Context) commands.Answer) commands.Answer {
	answers := make(chan commands.Answer, 1)
	var running sync.WaitGroup
	running.Go(func() { answers <- l.safely(ctx, work) })
	defer running.Wait()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case answer := <-answers:
		return answer
	case <-timer.C:
		l.answerPrivately(ctx, to, cards.DrawNotice("Still looking. The answer follows here."))
		return <-answers
	}
}
