package slackui

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// answerMost bounds one answer of Slack in bytes: a page of 200 messages of the greatest
// length, with their blocks, is smaller.
const answerMost = 32 << 20

var errNoAnswer = errors.New("what came back is no answer of Slack")

// ask calls a method of the Web API and reads into the given value what the caller needs of
// the answer, and nothing else of it. slack-go is not asked, because it reads all that Slack
// sends, refuses the whole answer when it does not know one element of a message in it, and
// takes an answer that says neither "ok" nor an error for success. The errors are slack-go's
// own. Source: https://docs.slack.dev/apis/web-api.
func (c *Client) ask(ctx context.Context, method string, args url.Values, into any) (http.Header, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+method, strings.NewReader(args.Encode()))
	if err != nil {
		return nil, fmt.Errorf("calling %s: %w", method, err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	c.sign(r, method)
	header, body, err := c.exchange(r)
	if err != nil {
		return nil, err
	}
	if err := settled(body); err != nil {
		return nil, err
	}
	if into == nil {
		return header, nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return nil, fmt.Errorf("%w to %s: %w", errNoAnswer, method, err)
	}
	return header, nil
}

// exchange sends a request and reads what comes back, whatever it is; an HTTP status other
// than 200 is an error, with the body beside it.
func (c *Client) exchange(r *http.Request) (http.Header, []byte, error) {
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerMost+1))
	switch {
	case err != nil:
		return nil, nil, err
	case len(body) > answerMost:
		return nil, nil, fmt.Errorf("%w: it has more than %d bytes", errNoAnswer, answerMost)
	}
	return answer.Header, body, statusError(answer)
}

// statusError is what an HTTP status says. A Retry-After that is no number of seconds leaves
// the caller to its own patience.
func statusError(answer *http.Response) error {
	after, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	switch {
	case answer.StatusCode == http.StatusOK:
		return nil
	case answer.StatusCode == http.StatusTooManyRequests && err == nil && after >= 0:
		return &slack.RateLimitedError{RetryAfter: time.Duration(after) * time.Second}
	}
	return slack.StatusCodeError{Code: answer.StatusCode, Status: cmp.Or(answer.Status, strconv.Itoa(answer.StatusCode))}
}

// settled reports what an answer says of the call: nil only when it says "ok". One that says
// neither that nor why not comes from something between Slack and the bot.
func settled(body []byte) error {
	var said struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	switch err := glean(body, &said); {
	case err != nil:
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	case said.OK:
		return nil
	case said.Error == "":
		return errNoAnswer
	}
	return slack.SlackErrorResponse{Err: said.Error}
}

// glean reads what fits into a value, and leaves members that are of another shape alone. An
// error means that nothing was read.
func glean(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	var odd *json.UnmarshalTypeError
	if errors.As(err, &odd) && odd.Field != "" {
		return nil
	}
	return err
}
