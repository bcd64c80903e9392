package api

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

// answerMost bounds one answer of Slack in bytes. A page of 200 messages of the greatest length,
// with their blocks, is smaller.
const answerMost = 32 << 20

// ErrNoAnswer says that a response did not come from Slack.
var ErrNoAnswer = errors.New("what came back is no answer of Slack")

// Ask calls a method of the Web API and decodes into the given value only the fields that the
// caller needs. It does not use slack-go, which decodes everything: slack-go refuses a whole
// answer because of one unknown element in a message, and counts an answer with neither "ok" nor
// an error as a success. The errors are slack-go's own types. Source:
// https://docs.slack.dev/apis/web-api.
func (c *Client) Ask(ctx context.Context, method string, args url.Values, into any) (http.Header, error) {
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
		return nil, fmt.Errorf("%w to %s: %w", ErrNoAnswer, method, err)
	}
	return header, nil
}

// exchange sends a request and reads the body. It returns the body even with an error, such as
// for an HTTP status other than 200.
func (c *Client) exchange(r *http.Request) (http.Header, []byte, error) {
	answer, err := c.HTTP.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerMost+1))
	switch {
	case err != nil:
		return nil, nil, err
	case len(body) > answerMost:
		return nil, nil, fmt.Errorf("%w: it has more than %d bytes", ErrNoAnswer, answerMost)
	}
	return answer.Header, body, statusError(answer)
}

// statusError turns an HTTP status into an error. Without a readable Retry-After the caller
// chooses how long to wait.
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

// settled returns nil only for an answer that says "ok". An answer with neither "ok" nor an error
// does not come from Slack but from something between, such as a proxy.
func settled(body []byte) error {
	var answer struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	switch err := Glean(body, &answer); {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrNoAnswer, err)
	case answer.OK:
		return nil
	case answer.Error == "":
		return ErrNoAnswer
	}
	return slack.SlackErrorResponse{Err: answer.Error}
}

// Glean decodes the fields whose values have the expected type and leaves the others zero. An
// error means that nothing was decoded.
func Glean(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	var odd *json.UnmarshalTypeError
	if errors.As(err, &odd) && odd.Field != "" {
		return nil
	}
	return err
}
