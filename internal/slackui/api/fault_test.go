package api_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// TestSlackAnswersAreClassified: what may be repeated, what must be looked up, what is
// for good.
func TestSlackAnswersAreClassified(t *testing.T) {
	code := func(c string) error { return slack.SlackErrorResponse{Err: c} }
	status := func(n int) error { return slack.StatusCodeError{Code: n, Status: http.StatusText(n)} }
	for _, tt := range []struct {
		name        string
		err         error
		read, write scale.FaultKind
	}{
		{"slow down", &slack.RateLimitedError{RetryAfter: 7 * time.Second}, scale.FaultThrottled, scale.FaultThrottled},
		{"slow down in words", code("ratelimited"), scale.FaultThrottled, scale.FaultThrottled},
		{"slow down without a header", status(429), scale.FaultThrottled, scale.FaultThrottled},
		{"refused", code("is_archived"), scale.FaultRejected, scale.FaultRejected},
		{"token", code("token_revoked"), scale.FaultForbidden, scale.FaultForbidden},
		{"partly done", code("internal_error"), scale.FaultUnreachable, scale.FaultUnknownOutcome},
		{"server", status(503), scale.FaultUnreachable, scale.FaultUnknownOutcome},
		{"no such page", status(404), scale.FaultRejected, scale.FaultRejected},
		{"cut", slackuitest.ErrCut, scale.FaultUnreachable, scale.FaultUnknownOutcome},
		{"time", context.DeadlineExceeded, scale.FaultUnreachable, scale.FaultUnknownOutcome},
		{"no connection", &net.OpError{Op: "dial", Err: errors.New("refused")}, scale.FaultUnreachable, scale.FaultUnreachable},
	} {
		wrapped := fmt.Errorf("calling: %w", tt.err)
		if got := api.FaultOf(wrapped, "posting", false).Kind; got != tt.read {
			t.Errorf("%s: reading gives %s, want %s", tt.name, got, tt.read)
		}
		if got := api.FaultOf(wrapped, "posting", true).Kind; got != tt.write {
			t.Errorf("%s: posting gives %s, want %s", tt.name, got, tt.write)
		}
	}
	if got := api.FaultOf(&slack.RateLimitedError{RetryAfter: 7 * time.Second}, "posting", true).After; got != 7*time.Second {
		t.Errorf("got a wait of %v, want 7s", got)
	}
}

func textLog(w *strings.Builder) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// TestNoTokenIsEverTold: slack-go puts the token into the form of most calls.
func TestNoTokenIsEverTold(t *testing.T) {
	var logged strings.Builder
	f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		return &slackuitest.FakeAnswer{Err: slackuitest.ErrCut}
	}}
	c := api.NewClient(api.Config{BotToken: "xoxb-secret", AppToken: "xapp-secret", APIURL: "http://slack.test/api/", HTTP: &http.Client{Transport: f}, Log: textLog(&logged)})
	_, err := c.Connect(t.Context())
	if err == nil {
		t.Fatal("connecting succeeded")
	}
	for _, told := range []string{err.Error(), fmt.Sprintf("%+v", err), logged.String()} {
		if strings.Contains(told, "secret") {
			t.Errorf("a token is told: %s", told)
		}
	}
	if !strings.Contains(logged.String(), "auth.test") {
		t.Errorf("got log %q, want the failed method", logged.String())
	}
}
