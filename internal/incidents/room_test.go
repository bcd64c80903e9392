package incidents_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// channel is where everybody looks in these stories.
const channel = "C0INCIDENT"

// message is one message of the room: how it looks now, and what the story has last told of
// it, and when. Nothing is told of a new one yet.
type message struct {
	ref         scale.MessageRef
	content     cards.Content
	name, where string
	changed     bool
	told        []string
	at          time.Time
}

// pause is how long the story lets a message be edited without a word, unless its heading or
// its buttons change: a rollout is edited every few seconds.
const pause = 5 * time.Minute

// worth reports whether an edit is told of.
func (m *message) worth(lines []string) bool {
	return time.Since(m.at) >= pause || !slices.Equal(frame(m.told), frame(lines))
}

// frame is what people see first of a message: its heading, and the buttons at its end.
func frame(lines []string) []string {
	return append(slices.Clone(lines[:min(2, len(lines))]), lines[len(lines)-1])
}

// fresh are the lines that the story has not told; a chart of blocks says nothing in words.
func (m *message) fresh(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return slices.Contains(m.told, line) || strings.Trim(line, "▁▂▃▄▅▆▇█ ") == ""
	})
}

// room is the incident channel and its people: it writes down what they see, posts in full
// and edits by what is new in them.
type room struct {
	mu       sync.Mutex
	began    time.Time
	messages []*message
	story    strings.Builder
}

// tell writes one paragraph of the story; mu is held.
func (r *room) tell(what string, lines []string) {
	fmt.Fprintf(&r.story, "\n+%s %s\n", scale.Span(time.Since(r.began).Truncate(tick)), what)
	for _, line := range lines {
		fmt.Fprintf(&r.story, "    %s\n", line)
	}
}

// catchUp tells how all messages look now. What was shown in between is not told: which of
// two things the bot does first within a second is not part of the story.
func (r *room) catchUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.SortStableFunc(r.messages, func(a, b *message) int {
		if a.told != nil || b.told != nil {
			return 0
		}
		return strings.Compare(a.name, b.name)
	})
	for _, m := range r.messages {
		if !m.changed {
			continue
		}
		m.changed = false
		lines := drawn(m.content)
		switch fresh := m.fresh(lines); {
		case m.told == nil:
			r.tell("scalebot posts "+m.name+m.where+":", lines)
		case len(fresh) > 0 && m.worth(lines):
			r.tell("scalebot edits "+m.name+":", fresh)
		default:
			continue
		}
		m.told, m.at = lines, time.Now()
	}
}

// show posts or edits the message of a name; where says in which thread.
func (r *room) show(name, where string, l cards.Content) (scale.MessageRef, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.message(func(m *message) bool { return m.name == name }); m != nil {
		m.content, m.changed = l, true
		return m.ref, nil
	}
	ref := scale.MessageRef{Channel: channel, TS: fmt.Sprintf("%d.000", len(r.messages)+1)}
	r.messages = append(r.messages, &message{ref: ref, name: name, where: where, content: l, changed: true})
	return ref, nil
}

// message is the newest of its kind, nil when there is none; mu is held.
func (r *room) message(is func(*message) bool) *message {
	for _, m := range slices.Backward(r.messages) {
		if is(m) {
			return m
		}
	}
	return nil
}

func (r *room) Card(_ context.Context, op ledger.Operation, _ engine.Knowledge) (scale.MessageRef, error) {
	return r.show(op.ID, "", cards.DrawOperation(op))
}

func (r *room) Report(_ context.Context, op ledger.Operation, i int, _ engine.Knowledge) (scale.MessageRef, error) {
	return r.show("the report after "+op.Reports[i].Horizon, " in the thread of "+op.ID, cards.DrawReport(op, i))
}

func (r *room) Episode(_ context.Context, e ledger.Episode, _ engine.Knowledge) (scale.MessageRef, error) {
	return r.show(e.ID, "", cards.DrawEpisode(e, slackuitest.RunbookSnoozes))
}

func (r *room) Remark(_ context.Context, in scale.MessageRef, key, text string, _ engine.Knowledge) error {
	_, err := r.show("a remark ("+key+")", " in the thread of "+r.named(in), cards.DrawNotice(text))
	return err
}

func (r *room) Alarm(_ context.Context, op ledger.Operation, _ engine.Knowledge) (scale.MessageRef, error) {
	return r.show("the broken glass of "+op.ID, "", cards.DrawNotice(op.Request.Reason))
}

func (r *room) Aside(_ context.Context, op ledger.Operation, _, text string) error {
	_, err := r.show("a word to "+op.Request.By.Name, "", cards.DrawNotice(text))
	return err
}

func (r *room) Live(_ context.Context, s engine.Status, until time.Time, _ scale.MessageRef) (scale.MessageRef, error) {
	return r.show("the live view of "+s.Component.Name, "", cards.DrawLive(s, until))
}

// Waiting and Lost: here everything is shown at once.
func (r *room) Waiting(string) bool { return false }
func (r *room) Lost(string) error   { return nil }

// named is the name of the message at a place.
func (r *room) named(at scale.MessageRef) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.message(func(m *message) bool { return m.ref == at }); m != nil {
		return m.name
	}
	return "a message that is gone"
}

// Ana and Ben are on call; anybody may ask.
func (r *room) Grant(_ context.Context, who scale.Person, right scale.Right) scale.Grant {
	if right == scale.RightAsk || who == slackuitest.Ana || who == slackuitest.Ben {
		return scale.Grant{Person: who, Allowed: true}
	}
	return scale.Grant{Person: who, Code: scale.RefusedNotOnCall, Why: "You are not on call.", Role: "@oncall-kafka", Holders: []string{"Ana", "Ben"}}
}

func (r *room) OnCall(context.Context) (scale.OnCall, error) {
	return scale.OnCall{Group: "oncall-kafka", Members: []scale.Person{slackuitest.Ana, slackuitest.Ben}, At: time.Now()}, nil
}

// button finds the newest message with a button of that label.
func (r *room) button(text string) (at scale.MessageRef, found *slack.ButtonBlockElement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.message(func(m *message) bool {
		for _, b := range m.content.Blocks {
			actions, ok := b.(*slack.ActionBlock)
			if !ok {
				continue
			}
			for _, e := range actions.Elements.ElementSet {
				if one, ok := e.(*slack.ButtonBlockElement); ok && strings.HasPrefix(one.Text.Text, text) {
					found = one
				}
			}
		}
		return found != nil
	})
	if m == nil {
		return scale.MessageRef{}, nil
	}
	return m.ref, found
}

// alerts is whether an alert was posted.
func (r *room) alerts() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.message(func(m *message) bool { return strings.Contains(m.name, "-alert-") }) != nil
}
