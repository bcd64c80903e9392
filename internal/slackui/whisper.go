package slackui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/scale"
)

// whisper answers one person: by the response URL, which works without membership; where there
// is none or it is used up, by an ephemeral message; and where the bot may not write, by a
// direct message.
func (c *Client) whisper(ctx context.Context, to reader, look Look) error {
	var err error
	if to.url != "" {
		if err = c.respond(ctx, to, look); err == nil {
			return nil
		}
	}
	if to.user == "" {
		return err
	}
	if to.channel != "" {
		err = richest(look, func(l Look) error { return c.aside(ctx, to, l) })
		if err == nil || !unwelcome(err) && slackCode(err) != "user_not_in_channel" {
			return err
		}
	}
	return richest(look, func(l Look) error { return c.direct(ctx, to.user, l) })
}

// richest sends the richest look that Slack accepts.
func richest(look Look, send func(Look) error) error {
	var err error
	for _, l := range looksOf(look) {
		if err = send(l); !tooRich(err) {
			break
		}
	}
	return err
}

// respond answers by the response URL. When Slack refuses the blocks, the same address gets the
// plain text: it works where nothing else does. Only an address that is used up takes no more.
func (c *Client) respond(ctx context.Context, to reader, look Look) error {
	var err error
	for _, l := range looksOf(look) {
		err = c.read(ctx, "response_url", "answering somebody", func(ctx context.Context) error {
			return c.useResponseURL(ctx, to, l)
		})
		if !scale.IsFault(err, scale.FaultRejected) || usedUp(err) {
			break
		}
	}
	return err
}

// usedUp reports whether a response URL takes nothing more: it works five times within half
// an hour.
func usedUp(err error) bool {
	code := slackCode(err)
	return code == "used_url" || code == "expired_url"
}

// useResponseURL posts to a response URL. It takes no token. Slack refuses there with HTTP
// 404 and the reason in the body, as JSON or as a bare word; slack-go does not read it.
func (c *Client) useResponseURL(ctx context.Context, to reader, look Look) error {
	body, err := json.Marshal(struct {
		Kind    string        `json:"response_type"`
		Replace bool          `json:"replace_original"`
		Thread  string        `json:"thread_ts,omitempty"`
		Text    string        `json:"text"`
		Blocks  []slack.Block `json:"blocks,omitempty"`
	}{slack.ResponseTypeEphemeral, false, to.thread, look.Text, look.Blocks})
	if err != nil {
		return fmt.Errorf("writing an answer: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("answering by the response URL: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	_, answer, err := c.exchange(r)
	return taken(answer, err)
}

var bareCode = regexp.MustCompile(`^[a-z][a-z0-9_]{2,60}$`)

// taken returns what a response URL answered as an error, together with the HTTP status.
func taken(body []byte, status error) error {
	var limited *slack.RateLimitedError
	if errors.As(status, &limited) {
		return status
	}
	text := string(bytes.TrimSpace(body))
	said := settled(body)
	switch {
	case status == nil && (text == "" || text == "ok"):
		return nil
	case slackCode(said) != "":
		return said
	case status != nil && bareCode.MatchString(text):
		return slack.SlackErrorResponse{Err: text}
	case status != nil:
		return status
	}
	return said
}

// aside sends an ephemeral message in the channel where the person is.
func (c *Client) aside(ctx context.Context, to reader, look Look) error {
	args, err := look.args()
	if err != nil {
		return err
	}
	args.Set("channel", to.channel)
	args.Set("user", to.user)
	if to.thread != "" {
		args.Set("thread_ts", to.thread)
	}
	return c.read(ctx, "chat.postEphemeral", "answering somebody", func(ctx context.Context) error {
		_, err := c.ask(ctx, "chat.postEphemeral", args, nil)
		return err
	})
}

// direct is a message to somebody alone: Slack opens the conversation by itself.
func (c *Client) direct(ctx context.Context, user string, look Look) error {
	args, err := look.args()
	if err != nil {
		return err
	}
	args.Set("channel", user)
	return c.read(ctx, "chat.postMessage", "answering somebody in a direct message", func(ctx context.Context) error {
		_, err := c.ask(ctx, "chat.postMessage", args, nil)
		return err
	})
}
