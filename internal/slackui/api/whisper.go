package api

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
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

// Addressee is a person who gets a private answer.
type Addressee struct {
	// URL is the response URL, which works without membership, five times within 30
	// minutes; empty when there is none.
	URL, Channel, User, Thread string
}

// Whisper answers one person in private. It uses the response URL, which works in channels that
// the bot is not in. If there is none or it is used up, it sends an ephemeral message, and if the
// bot may not write there, a direct message.
func (c *Client) Whisper(ctx context.Context, to Addressee, content cards.Content) error {
	var err error
	if to.URL != "" {
		if err = c.respond(ctx, to, content); err == nil {
			return nil
		}
	}
	if to.User == "" {
		return err
	}
	if to.Channel != "" {
		err = richest(content, func(l cards.Content) error { return c.aside(ctx, to, l) })
		if err == nil || !Unwelcome(err) && SlackCode(err) != "user_not_in_channel" {
			return err
		}
	}
	return richest(content, func(l cards.Content) error { return c.direct(ctx, to.User, l) })
}

// richest sends the richest variant that Slack accepts.
func richest(content cards.Content, send func(cards.Content) error) error {
	var err error
	for _, l := range WithFallback(content) {
		if err = send(l); !tooRich(err) {
			break
		}
	}
	return err
}

// respond answers by the response URL. If Slack refuses the blocks, it sends the plain text to
// the same URL, which works where nothing else does, until the URL is used up.
func (c *Client) respond(ctx context.Context, to Addressee, content cards.Content) error {
	var err error
	for _, l := range WithFallback(content) {
		err = c.Read(ctx, "response_url", "answering somebody", func(ctx context.Context) error {
			return c.useResponseURL(ctx, to, l)
		})
		if !scale.IsFault(err, scale.FaultRejected) || usedUp(err) {
			break
		}
	}
	return err
}

// usedUp reports whether a response URL accepts nothing more: it works five times within half an
// hour.
func usedUp(err error) bool {
	code := SlackCode(err)
	return code == "used_url" || code == "expired_url"
}

// useResponseURL posts to a response URL, which needs no token. Slack refuses with HTTP 404 and
// the reason in the body, as JSON or as a bare word; slack-go does not read it.
func (c *Client) useResponseURL(ctx context.Context, to Addressee, content cards.Content) error {
	body, err := json.Marshal(struct {
		Kind    string        `json:"response_type"`
		Replace bool          `json:"replace_original"`
		Thread  string        `json:"thread_ts,omitempty"`
		Text    string        `json:"text"`
		Blocks  []slack.Block `json:"blocks,omitempty"`
	}{slack.ResponseTypeEphemeral, false, to.Thread, content.Text, content.Blocks})
	if err != nil {
		return fmt.Errorf("writing an answer: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("answering by the response URL: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	_, answer, err := c.exchange(r)
	return responseError(answer, err)
}

var bareCode = regexp.MustCompile(`^[a-z][a-z0-9_]{2,60}$`)

// responseError returns what a response URL answered as an error, together with the HTTP status.
func responseError(body []byte, status error) error {
	var limited *slack.RateLimitedError
	if errors.As(status, &limited) {
		return status
	}
	text := string(bytes.TrimSpace(body))
	refused := settled(body)
	switch {
	case status == nil && (text == "" || text == "ok"):
		return nil
	case SlackCode(refused) != "":
		return refused
	case status != nil && bareCode.MatchString(text):
		return slack.SlackErrorResponse{Err: text}
	case status != nil:
		return status
	}
	return refused
}

// aside sends an ephemeral message in the channel where the person is.
func (c *Client) aside(ctx context.Context, to Addressee, content cards.Content) error {
	args, err := content.Args()
	if err != nil {
		return err
	}
	args.Set("channel", to.Channel)
	args.Set("user", to.User)
	if to.Thread != "" {
		args.Set("thread_ts", to.Thread)
	}
	return c.Read(ctx, "chat.postEphemeral", "answering somebody", func(ctx context.Context) error {
		_, err := c.Ask(ctx, "chat.postEphemeral", args, nil)
		return err
	})
}

// direct sends a direct message to a person: Slack opens the conversation by itself.
func (c *Client) direct(ctx context.Context, user string, content cards.Content) error {
	args, err := content.Args()
	if err != nil {
		return err
	}
	args.Set("channel", user)
	return c.Read(ctx, "chat.postMessage", "answering somebody in a direct message", func(ctx context.Context) error {
		_, err := c.Ask(ctx, "chat.postMessage", args, nil)
		return err
	})
}
