package slackui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// What an answer of the Web API is taken for, when it must not be asked twice and when it may.
// What is no answer of Slack says nothing about what happened, and is never success.
func TestWhatAnAnswerIsTakenFor(t *testing.T) {
	limited := func(after string) *fakeAnswer {
		return &fakeAnswer{status: 429, header: http.Header{"Retry-After": {after}}, body: `{"ok":false,"error":"ratelimited"}`}
	}
	for name, test := range map[string]struct {
		answer *fakeAnswer
		kind   scale.FaultKind // of a call that must not happen twice; empty for none.
	}{
		"ok":                  {&fakeAnswer{body: `{"ok":true}`}, ""},
		"ok, with warnings":   {&fakeAnswer{body: `{"ok":true,"warning":"x","response_metadata":{"warnings":"x","messages":[{"a":1}]},"errors":[{"b":2}]}`}, ""},
		"an error":            {refusal("channel_not_found"), scale.FaultRejected},
		"unheard of":          {&fakeAnswer{body: `{"ok":false,"error":"moon_phase","errors":[{"a":1}],"response_metadata":[]}`}, scale.FaultRejected},
		"a right is missing":  {refusal("missing_scope"), scale.FaultForbidden},
		"perhaps":             {refusal("internal_error"), scale.FaultUnknownOutcome},
		"not ok, no word":     {&fakeAnswer{body: `{"ok":false}`}, scale.FaultUnknownOutcome},
		"not ok, an object":   {&fakeAnswer{body: `{"ok":false,"error":{"code":"x"}}`}, scale.FaultUnknownOutcome},
		"empty":               {&fakeAnswer{body: `{}`}, scale.FaultUnknownOutcome},
		"ok as a word":        {&fakeAnswer{body: `{"ok":"true"}`}, scale.FaultUnknownOutcome},
		"nothing":             {&fakeAnswer{body: ``}, scale.FaultUnknownOutcome},
		"null":                {&fakeAnswer{body: `null`}, scale.FaultUnknownOutcome},
		"a list":              {&fakeAnswer{body: `[]`}, scale.FaultUnknownOutcome},
		"a page of a proxy":   {&fakeAnswer{body: `<html><body>Sign in</body></html>`}, scale.FaultUnknownOutcome},
		"half an answer":      {&fakeAnswer{body: `{"ok":true,"cha`}, scale.FaultUnknownOutcome},
		"a gateway":           {&fakeAnswer{status: 502, body: `<html>502</html>`}, scale.FaultUnknownOutcome},
		"a proxy says no":     {&fakeAnswer{status: 407, body: `<html>407</html>`}, scale.FaultRejected},
		"slower":              {limited("7"), scale.FaultThrottled},
		"slower, not in time": {limited("Mon, 30 Nov 2026 13:00:00 GMT"), scale.FaultThrottled},
		"slower, in parts":    {limited("1.5"), scale.FaultThrottled},
		"slower, without why": {&fakeAnswer{status: 429}, scale.FaultThrottled},
		"cut":                 {&fakeAnswer{err: errCut}, scale.FaultUnknownOutcome},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeSlack{rule: func(c fakeCall) *fakeAnswer {
				if c.method == "some.method" {
					return test.answer
				}
				return nil
			}}
			c := connect(t, f)
			fault := func(once bool) *scale.Fault {
				_, err := c.ask(t.Context(), "some.method", url.Values{"x": {"y"}}, nil)
				if err == nil {
					return nil
				}
				return faultOf(err, "trying", once)
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
	f := &fakeSlack{}
	c := connect(t, f)
	c.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		tokens = append(tokens, r.Header.Get("Authorization"))
		return f.RoundTrip(r)
	})
	for _, body := range []string{`{}`, `{"ok":true}`, `{"ok":true,"url":""}`, `{"ok":true,"url":7}`, `<html></html>`} {
		f.rule = func(fakeCall) *fakeAnswer { return &fakeAnswer{body: body} }
		if err := c.CheckSocket(t.Context()); err == nil {
			t.Errorf("%s: a socket is said to be had", body)
		}
	}
	f.rule = func(fakeCall) *fakeAnswer { return &fakeAnswer{body: `{"ok":true,"url":"wss://slack.test/link"}`} }
	if err := c.CheckSocket(t.Context()); err != nil {
		t.Errorf("got %v", err)
	}
	f.rule = nil
	if _, err := c.Connect(t.Context()); err != nil {
		t.Error(err)
	}
	if got := strings.Join(tokens[5:], ","); got != "Bearer xapp-secret,Bearer xoxb-secret" {
		t.Errorf("got %s", got)
	}
}

// A post whose answer does not say where it went is looked for, and not taken for done.
func TestAPostWithoutAPlaceIsLookedFor(t *testing.T) {
	for _, body := range []string{`{}`, `{"ok":false}`, `{"ok":true}`, `{"ok":true,"channel":"C0INCIDENT","ts":""}`, `{"ok":true,"channel":"C0INCIDENT","ts":7}`, `<html></html>`} {
		f := &fakeSlack{}
		spoilt := false
		f.rule = func(c fakeCall) *fakeAnswer {
			if c.method != "chat.postMessage" || spoilt {
				return nil
			}
			spoilt = true
			f.carryOut(c)
			return &fakeAnswer{body: body}
		}
		announce(t, f, func(t *testing.T, a *Announcer) {
			if ref, err := a.Card(t.Context(), fresh(scale.Proposed), false); err != nil || ref.TS == "" {
				t.Errorf("%s: got %+v, %v, want the place of the card", body, ref, err)
			}
		})
		if got := f.texts(); len(got) != 1 {
			t.Errorf("%s: %d cards, want one", body, len(got))
		}
	}
}

// Slack gives back the message that was posted or edited, as it keeps it: with elements and
// members that nobody asked for. The card stands all the same, and is edited once.
func TestWhatSlackMakesOfOurMessageDoesNotMatter(t *testing.T) {
	const echo = `"message":{"ts":"1.1","thread_ts":7,"blocks":[{"type":"actions","elements":[{"type":"hologram"}]}],"edited":"now"}`
	f := &fakeSlack{}
	f.rule = func(c fakeCall) *fakeAnswer {
		switch c.method {
		case "chat.postMessage":
			f.carryOut(c)
			return &fakeAnswer{body: `{"ok":true,"channel":"C0INCIDENT","ts":"1.1",` + echo + `}`}
		case "chat.update":
			return &fakeAnswer{body: `{"ok":true,"channel":"C0INCIDENT","ts":"1.1",` + echo + `}`}
		}
		return nil
	}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := fresh(scale.Proposed)
		card(t, a, &op, false)
		op = step(op, scale.Declined)
		card(t, a, &op, false)
		time.Sleep(10 * time.Minute)
	})
	if posts, edits := len(f.made("chat.postMessage")), len(f.made("chat.update")); posts != 1 || edits != 1 {
		t.Errorf("got %d posts and %d edits, want one of each", posts, edits)
	}
}

// Who somebody is, which channel it is and who is on call is read from what the bot asks
// for; what else Slack tells may be of any shape. What the bot asks for may not.
func TestPeopleAndRoomsAreReadByWhatMatters(t *testing.T) {
	good := map[string]string{
		"users.info":            `{"ok":true,"user":{"id":"U0ANA","team_id":"T1","name":"ana","deleted":null,"tz_offset":-25200.5,"updated":"now","color":7,"enterprise_user":null,"profile":{"display_name":"Ana","fields":[],"status_expiration":"0","status_emoji_display_info":{}}}}`,
		"conversations.info":    `{"ok":true,"channel":{"id":"C1","is_member":true,"is_ext_shared":false,"created":"x","topic":"x","latest":{"blocks":[{"type":"actions","elements":[{"type":"hologram"}]}]},"properties":[]}}`,
		"usergroups.list":       `{"ok":true,"usergroups":[null,"x",{"id":7,"handle":["kafka-oncall"]},{"id":"S0ONCALL","handle":"kafka-oncall","user_count":"3","prefs":[],"date_create":"now"}]}`,
		"usergroups.users.list": `{"ok":true,"users":["U0ANA"],"response_metadata":[]}`,
	}
	bad := map[string][]string{
		"users.info": {
			`{}`, `{"ok":true}`, `{"ok":true,"user":null}`, `{"ok":true,"user":[]}`, `{"ok":true,"user":{"team_id":"T1"}}`, `<html></html>`,
			`{"ok":true,"user":{"id":"U0ANA","team_id":"T1","is_restricted":"true"}}`, `{"ok":true,"user":{"id":"U0ANA","team_id":"T1","deleted":1}}`,
			`{"ok":true,"user":{"id":"U0ANA","team_id":["T1"]}}`, `{"ok":true,"user":{"id":"U0ANA","team_id":"T1","enterprise_user":"E1"}}`,
		},
		"conversations.info": {
			`{}`, `{"ok":true}`, `{"ok":true,"channel":null}`, `{"ok":true,"channel":{"id":"C1","is_member":true,"is_ext_shared":"true"}}`,
			`{"ok":true,"channel":{"id":"C1","is_member":true,"is_pending_ext_shared":["E1"]}}`, `<html></html>`,
		},
		"usergroups.list":       {`{}`, `{"ok":true}`, `{"ok":true,"usergroups":null}`, `{"ok":true,"usergroups":[]}`, `{"ok":true,"usergroups":{}}`, `<html></html>`},
		"usergroups.users.list": {`{}`, `{"ok":true}`, `{"ok":true,"users":null}`, `{"ok":true,"users":[]}`, `{"ok":true,"users":"U0ANA"}`, `{"ok":true,"users":[{"id":"U0ANA"}]}`, `<html></html>`},
	}
	ask := func(method, body string) (scale.Grant, *scale.Refusal) {
		f := &fakeSlack{rule: func(c fakeCall) *fakeAnswer {
			if c.method == method {
				return &fakeAnswer{body: body}
			}
			if answer, ok := good[c.method]; ok {
				return &fakeAnswer{body: answer}
			}
			return nil
		}}
		c := connect(t, f)
		d := NewDirectory(c, Roster{Group: "kafka-oncall"})
		_, refusal := NewListener(c, ListenerConfig{Directory: d}).door(t.Context(), "C1")
		return d.Grant(t.Context(), scale.Person{ID: "U0ANA"}, scale.RightDecide), refusal
	}
	if grant, refusal := ask("", ""); !grant.Allowed || grant.Person.Name != "Ana" || refusal != nil {
		t.Errorf("got %+v and %+v, want Ana allowed and the channel open", grant, refusal)
	}
	for method, bodies := range bad {
		for _, body := range bodies {
			if grant, refusal := ask(method, body); grant.Allowed && refusal == nil || !strings.Contains(grant.Why+refusalWhy(refusal), " ") {
				t.Errorf("%s %s: got %+v and %+v, want a refusal that says why", method, body, grant, refusal)
			}
		}
	}
}

func refusalWhy(r *scale.Refusal) string {
	if r == nil {
		return ""
	}
	return r.Why
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
		err := glean([]byte(data), &v)
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
