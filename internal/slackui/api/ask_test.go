package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/api/apitest"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// What an answer of the Web API is taken for, when it must not be asked twice and when it may.
// What is no answer of Slack says nothing about what happened, and is never success.
func TestWhatAnAnswerIsTakenFor(t *testing.T) {
	limited := func(after string) *slackuitest.FakeAnswer {
		return &slackuitest.FakeAnswer{Status: 429, Header: http.Header{"Retry-After": {after}}, Body: `{"ok":false,"error":"ratelimited"}`}
	}
	for name, test := range map[string]struct {
		answer *slackuitest.FakeAnswer
		kind   scale.FaultKind // of a call that must not happen twice; empty for none.
	}{
		"ok":                  {&slackuitest.FakeAnswer{Body: `{"ok":true}`}, ""},
		"ok, with warnings":   {&slackuitest.FakeAnswer{Body: `{"ok":true,"warning":"x","response_metadata":{"warnings":"x","messages":[{"a":1}]},"errors":[{"b":2}]}`}, ""},
		"an error":            {slackuitest.Refusal("channel_not_found"), scale.FaultRejected},
		"unheard of":          {&slackuitest.FakeAnswer{Body: `{"ok":false,"error":"moon_phase","errors":[{"a":1}],"response_metadata":[]}`}, scale.FaultRejected},
		"a right is missing":  {slackuitest.Refusal("missing_scope"), scale.FaultForbidden},
		"perhaps":             {slackuitest.Refusal("internal_error"), scale.FaultUnknownOutcome},
		"not ok, no word":     {&slackuitest.FakeAnswer{Body: `{"ok":false}`}, scale.FaultUnknownOutcome},
		"not ok, an object":   {&slackuitest.FakeAnswer{Body: `{"ok":false,"error":{"code":"x"}}`}, scale.FaultUnknownOutcome},
		"empty":               {&slackuitest.FakeAnswer{Body: `{}`}, scale.FaultUnknownOutcome},
		"ok as a word":        {&slackuitest.FakeAnswer{Body: `{"ok":"true"}`}, scale.FaultUnknownOutcome},
		"nothing":             {&slackuitest.FakeAnswer{Body: ``}, scale.FaultUnknownOutcome},
		"null":                {&slackuitest.FakeAnswer{Body: `null`}, scale.FaultUnknownOutcome},
		"a list":              {&slackuitest.FakeAnswer{Body: `[]`}, scale.FaultUnknownOutcome},
		"a page of a proxy":   {&slackuitest.FakeAnswer{Body: `<html><body>Sign in</body></html>`}, scale.FaultUnknownOutcome},
		"half an answer":      {&slackuitest.FakeAnswer{Body: `{"ok":true,"cha`}, scale.FaultUnknownOutcome},
		"a gateway":           {&slackuitest.FakeAnswer{Status: 502, Body: `<html>502</html>`}, scale.FaultUnknownOutcome},
		"a proxy says no":     {&slackuitest.FakeAnswer{Status: 407, Body: `<html>407</html>`}, scale.FaultRejected},
		"slower":              {limited("7"), scale.FaultThrottled},
		"slower, not in time": {limited("Mon, 30 Nov 2026 13:00:00 GMT"), scale.FaultThrottled},
		"slower, in parts":    {limited("1.5"), scale.FaultThrottled},
		"slower, without why": {&slackuitest.FakeAnswer{Status: 429}, scale.FaultThrottled},
		"cut":                 {&slackuitest.FakeAnswer{Err: slackuitest.ErrCut}, scale.FaultUnknownOutcome},
	} {
		t.Run(name, func(t *testing.T) {
			f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
				if c.Method == "some.method" {
					return test.answer
				}
				return nil
			}}
			c := apitest.Connect(t, f)
			fault := func(once bool) *scale.Fault {
				_, err := c.Ask(t.Context(), "some.method", url.Values{"x": {"y"}}, nil)
				if err == nil {
					return nil
				}
				return api.FaultOf(err, "trying", once)
			}
			switch got := fault(true); {
			case test.kind == "" && got != nil, test.kind != "" && (got == nil || got.Kind != test.kind):
				t.Errorf("got %+v, want %q", got, test.kind)
			case test.kind == scale.FaultThrottled && got.After < time.Second:
				t.Errorf("got a pause of %v, want at least a second", got.After)
			}
			if got := fault(false); test.kind == scale.FaultUnknownOutcome && (got == nil || got.Kind != scale.FaultUnreachable) {
				t.Errorf("asked for what may be repeated: got %+v, want unreachable", got)
			}
		})
	}
}

// A socket is asked for with the app token, everything else with the bot token, and an answer
// without an address opens none.
func TestASocketIsAskedForWithTheAppToken(t *testing.T) {
	var tokens []string
	f := &slackuitest.FakeSlack{}
	c := apitest.Connect(t, f)
	c.HTTP.Transport = slackuitest.RoundTrip(func(r *http.Request) (*http.Response, error) {
		tokens = append(tokens, r.Header.Get("Authorization"))
		return f.RoundTrip(r)
	})
	for _, body := range []string{`{}`, `{"ok":true}`, `{"ok":true,"url":""}`, `{"ok":true,"url":7}`, `<html></html>`} {
		f.Rule = func(slackuitest.FakeCall) *slackuitest.FakeAnswer { return &slackuitest.FakeAnswer{Body: body} }
		if err := c.CheckSocket(t.Context()); err == nil {
			t.Errorf("%s: a socket is said to be had", body)
		}
	}
	f.Rule = func(slackuitest.FakeCall) *slackuitest.FakeAnswer {
		return &slackuitest.FakeAnswer{Body: `{"ok":true,"url":"wss://slack.test/link"}`}
	}
	if err := c.CheckSocket(t.Context()); err != nil {
		t.Errorf("got %v", err)
	}
	f.Rule = nil
	if _, err := c.Connect(t.Context()); err != nil {
		t.Error(err)
	}
	if got := strings.Join(tokens[5:], ","); got != "Bearer xapp-secret,Bearer xoxb-secret" {
		t.Errorf("got %s", got)
	}
}

// What fits is read, around what does not; what is no object at all is an error, so that
// it is counted and logged.
func TestGleanReadsWhatFits(t *testing.T) {
	type value struct {
		A, B string
		C    struct{ D string }
		E    []struct{ F string }
	}
	for data, want := range map[string]string{
		`{"a":7,"b":"x","c":{"d":"y","z":[]},"e":[{"f":"1"},{"f":2},null,"3",{"f":"4"}]}`: "|x|y|1....4",
		`{"a":"w","c":"y","e":{"f":1},"b":"x"}`:                                           "w|x||",
		`{}`:                                                                              "|||", `null`: "|||",
		`[1]`: "error", `"x"`: "error", `7`: "error", `{"a":`: "error", ``: "error",
	} {
		var v value
		err := api.Glean([]byte(data), &v)
		var parts []string
		for _, e := range v.E {
			parts = append(parts, e.F)
		}
		got := v.A + "|" + v.B + "|" + v.C.D + "|" + strings.Join(parts, ".")
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", data, got, want)
		}
	}
}
