package slackui

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/scale"
)

// eventType marks our messages in their metadata.
const eventType = "scalebot"

// key names one message of the story: of which operation or episode, and which step.
// It travels as message metadata, which everybody in the workspace can read, so it
// holds ids only.
type key struct{ operation, step string }

func (k key) metadata() slack.SlackMetadata {
	return slack.SlackMetadata{EventType: eventType, EventPayload: map[string]any{"operation": k.operation, "step": k.step}}
}

func (k key) marks(m slack.Message) bool {
	payload := m.Metadata.EventPayload
	return m.Metadata.EventType == eventType && payload["operation"] == k.operation && payload["step"] == k.step
}

// message is one message and how it may look, the richest first. Slack may refuse a
// look, and then the next one is sent.
type message struct {
	key     key
	channel string
	thread  string
	looks   []Look
	// since is a time before which it cannot have been posted, and except a message
	// that is known and not meant; both are for looking it up.
	since  time.Time
	except string
}

// sent is where a message ended up and how.
type sent struct {
	ref scale.MessageRef
	// look is the index of the look Slack took; found says that it was there already.
	look  int
	found bool
}

// looksOf are a look and its bare fallback.
func looksOf(l Look) []Look { return []Look{l, l.bare()} }

func (l Look) options() []slack.MsgOption {
	options := []slack.MsgOption{
		slack.MsgOptionText(l.Text, false),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
	// Without blocks an edit must still take the old ones away, which an empty list
	// does and leaving them out does not promise.
	return append(options, slack.MsgOptionBlocks(l.Blocks...))
}

// post sends a new message once.
func (c *Client) post(ctx context.Context, m message, l Look) (scale.MessageRef, error) {
	options := append(l.options(), slack.MsgOptionMetadata(m.key.metadata()))
	if m.thread != "" {
		options = append(options, slack.MsgOptionTS(m.thread))
	}
	var ref scale.MessageRef
	err := c.write(ctx, "chat.postMessage", "posting to "+m.channel, func(ctx context.Context) error {
		channel, ts, posted, err := c.api.PostMessageWithResponseContext(ctx, m.channel, options...)
		if err == nil {
			ref = landed(channel, ts, m.thread, posted)
		}
		return err
	})
	if err == nil {
		c.count.add(func(s *Stats) { s.Posts++ })
	}
	return ref, err
}

// landed is where a reply really went: under a deleted parent it may come out
// un-threaded.
func landed(channel, ts, thread string, posted slack.Message) scale.MessageRef {
	if posted.Timestamp != "" {
		thread = posted.ThreadTimestamp
	}
	if thread == ts {
		thread = ""
	}
	return scale.MessageRef{Channel: channel, TS: ts, Thread: thread}
}

// edit makes a message look otherwise. Repeating it does no harm.
func (c *Client) edit(ctx context.Context, ref scale.MessageRef, k key, l Look) error {
	options := append(l.options(), slack.MsgOptionMetadata(k.metadata()))
	err := c.read(ctx, "chat.update", "editing a message in "+ref.Channel, func(ctx context.Context) error {
		_, _, _, err := c.api.UpdateMessageContext(ctx, ref.Channel, ref.TS, options...)
		return err
	})
	if err == nil {
		c.count.add(func(s *Stats) { s.Edits++ })
	}
	return err
}
