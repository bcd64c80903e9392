package slackui

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
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

func (k key) marks(m noted) bool {
	payload := m.Metadata.Payload
	return m.Metadata.Type == eventType && payload["operation"] == k.operation && payload["step"] == k.step
}

// noted is what the bot reads of a message that stands in Slack: where it is, who wrote it,
// and what marks it. Messages of others hold whatever their apps thought of, so nothing else
// is looked at.
type noted struct {
	TS       string `json:"ts"`
	Thread   string `json:"thread_ts"`
	User     string `json:"user"`
	Bot      string `json:"bot_id"`
	Metadata struct {
		Type    string         `json:"event_type"`
		Payload map[string]any `json:"event_payload"`
	} `json:"metadata"`
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

// args are the look as arguments of a call. Without blocks an edit must still take the old
// ones away, which an empty list does and leaving them out does not promise.
func (l Look) args() (url.Values, error) {
	blocks, err := json.Marshal(append([]slack.Block{}, l.Blocks...))
	if err != nil {
		return nil, fmt.Errorf("writing the blocks of a message: %w", err)
	}
	return url.Values{"text": {l.Text}, "blocks": {string(blocks)}, "unfurl_links": {"false"}, "unfurl_media": {"false"}}, nil
}

// marked are the arguments of a message that carries its key.
func marked(k key, l Look) (url.Values, error) {
	args, err := l.args()
	if err != nil {
		return nil, err
	}
	mark, err := json.Marshal(k.metadata())
	if err != nil {
		return nil, fmt.Errorf("writing the mark of a message: %w", err)
	}
	args.Set("metadata", string(mark))
	return args, nil
}

// post sends a new message once.
func (c *Client) post(ctx context.Context, m message, l Look) (scale.MessageRef, error) {
	args, err := marked(m.key, l)
	if err != nil {
		return scale.MessageRef{}, err
	}
	args.Set("channel", m.channel)
	if m.thread != "" {
		args.Set("thread_ts", m.thread)
	}
	var ref scale.MessageRef
	err = c.write(ctx, "chat.postMessage", "posting to "+m.channel, func(ctx context.Context) (err error) {
		ref, err = c.place(ctx, args)
		return err
	})
	if err == nil {
		c.count.add(func(s *Stats) { s.Posts++ })
	}
	return ref, err
}

// place posts a message and reads where it went. An answer that does not say so leaves it
// unknown whether there is one.
func (c *Client) place(ctx context.Context, args url.Values) (scale.MessageRef, error) {
	var answer struct {
		Channel string          `json:"channel"`
		TS      string          `json:"ts"`
		Message json.RawMessage `json:"message"`
	}
	if _, err := c.ask(ctx, "chat.postMessage", args, &answer); err != nil {
		return scale.MessageRef{}, err
	}
	if answer.TS == "" {
		return scale.MessageRef{}, fmt.Errorf("%w: it does not say where the message is", errNoAnswer)
	}
	var posted noted
	_ = glean(answer.Message, &posted)
	return landed(cmp.Or(answer.Channel, args.Get("channel")), answer.TS, args.Get("thread_ts"), posted), nil
}

// landed is where a reply really went: under a deleted parent it may come out
// un-threaded.
func landed(channel, ts, thread string, posted noted) scale.MessageRef {
	if posted.TS != "" {
		thread = posted.Thread
	}
	if thread == ts {
		thread = ""
	}
	return scale.MessageRef{Channel: channel, TS: ts, Thread: thread}
}

// edit makes a message look otherwise. Repeating it does no harm.
func (c *Client) edit(ctx context.Context, ref scale.MessageRef, k key, l Look) error {
	args, err := marked(k, l)
	if err != nil {
		return err
	}
	args.Set("channel", ref.Channel)
	args.Set("ts", ref.TS)
	err = c.read(ctx, "chat.update", "editing a message in "+ref.Channel, func(ctx context.Context) error {
		_, err := c.ask(ctx, "chat.update", args, nil)
		return err
	})
	if err == nil {
		c.count.add(func(s *Stats) { s.Edits++ })
	}
	return err
}
