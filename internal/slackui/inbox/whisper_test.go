package inbox

import (
	"net/http"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/api/apitest"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// How somebody is told in private, by what Slack answers at each way.
func TestAnAnswerReachesThePerson(t *testing.T) {
	const rich, plain = "rich", "plain"
	refused := func(status int, body string) *slackuitest.FakeAnswer {
		return &slackuitest.FakeAnswer{Status: status, Body: body}
	}
	taken := &slackuitest.FakeAnswer{Body: `{"ok":true}`}
	for name, test := range map[string]struct {
		to api.Addressee
		// answers are what Slack says to each way in turn; the last one is repeated.
		answers map[string][]*slackuitest.FakeAnswer
		want    string
	}{
		"taken, as a word":    {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(200, "ok")}}, "url rich"},
		"taken, in silence":   {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(200, "")}}, "url rich"},
		"taken, as JSON":      {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(200, `{"ok":true,"blocks":[{"type":"hologram"}]}`)}}, "url rich"},
		"refused for looks":   {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, `{"ok":false,"error":"invalid_blocks"}`), taken}}, "url rich, url plain"},
		"refused in a word":   {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, "invalid_blocks\n"), taken}}, "url rich, url plain"},
		"refused by 400":      {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(400, "invalid_blocks"), taken}}, "url rich, url plain"},
		"refused with 200":    {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(200, `{"ok":false,"error":"msg_blocks_too_long"}`), taken}}, "url rich, url plain"},
		"refused, unheard of": {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, `{"ok":false,"error":"moon_phase","errors":[{}]}`), taken}}, "url rich, url plain"},
		"refused without why": {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, ""), taken}}, "url rich, url plain"},
		"refused outside":     {outside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, `{"ok":false,"error":"invalid_blocks"}`), taken}, "aside": {slackuitest.Refusal("not_in_channel")}}, "url rich, url plain"},
		"refused for good":    {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, `{"ok":false,"error":"no_text"}`)}}, "url rich, url plain, aside rich"},
		"used up":             {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, `{"ok":false,"error":"used_url"}`)}}, "url rich, aside rich"},
		"used up, in a word":  {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, `used_url`)}}, "url rich, aside rich"},
		"expired":             {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, `{"ok":false,"error":"expired_url"}`)}}, "url rich, aside rich"},
		"used up by the first": {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, `{"ok":false,"error":"invalid_blocks"}`), refused(404, `{"ok":false,"error":"used_url"}`)}},
			"url rich, url plain, aside rich"},
		"used up, and blocks refused": {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, "expired_url")}, "aside": {slackuitest.Refusal("invalid_blocks"), taken}}, "url rich, aside rich, aside plain"},
		"used up outside":             {outside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, "used_url")}, "aside": {slackuitest.Refusal("not_in_channel")}}, "url rich, aside rich, direct rich"},
		"used up, not there":          {outside, map[string][]*slackuitest.FakeAnswer{"url": {refused(404, "used_url")}, "aside": {slackuitest.Refusal("user_not_in_channel")}}, "url rich, aside rich, direct rich"},
		"a page of a proxy":           {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(200, "<html>Sign in</html>")}}, "url rich, aside rich"},
		"Slack is down":               {inside, map[string][]*slackuitest.FakeAnswer{"url": {refused(503, "<html>503</html>")}}, "url rich, aside rich"},
		"too many":                    {inside, map[string][]*slackuitest.FakeAnswer{"url": {{Status: 429, Header: http.Header{"Retry-After": {"3"}}, Body: `{"ok":false,"error":"invalid_blocks"}`}}}, "url rich, aside rich"},
		"cut":                         {inside, map[string][]*slackuitest.FakeAnswer{"url": {{Err: slackuitest.ErrCut}}}, "url rich, aside rich"},
		"no address":                  {api.Addressee{Channel: "C1", User: "U0ANA"}, nil, "aside rich"},
		"nowhere":                     {api.Addressee{User: "U0ANA"}, map[string][]*slackuitest.FakeAnswer{"direct": {slackuitest.Refusal("invalid_blocks"), taken}}, "direct rich, direct plain"},
		"nobody":                      {api.Addressee{Channel: "C1"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var ways []string
			f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
				way, known := map[string]string{"answer": "url", "chat.postEphemeral": "aside", "chat.postMessage": "direct"}[c.Method]
				if !known {
					return nil
				}
				look := plain
				if body := c.Form.Get("json") + c.Form.Get("blocks"); strings.Contains(body, `"section"`) {
					look = rich
				}
				ways = append(ways, way+" "+look)
				answers := test.answers[way]
				if len(answers) == 0 {
					return taken
				}
				if len(answers) > 1 {
					test.answers[way] = answers[1:]
				}
				return answers[0]
			}}
			NewListener(apitest.Connect(t, f), ListenerConfig{}).answerPrivately(t.Context(), test.to, cards.DrawNotice("hello"))
			if got := strings.Join(ways, ", "); got != test.want {
				t.Errorf("told by %q, want %q", got, test.want)
			}
		})
	}
}

// inside is somebody in a channel with an address to answer at, outside one in a channel that
// the bot is not in.
var (
	inside  = api.Addressee{URL: "http://slack.test/answer", Channel: "C1", User: "U0ANA", Thread: "1.1"}
	outside = api.Addressee{URL: "http://slack.test/answer", Channel: "C0NOWHERE", User: "U0ANA"}
)

// The address to answer at is a right by itself: it gets no token, and the answer is private
// and stays in its thread.
func TestTheResponseURLGetsNoToken(t *testing.T) {
	var seen *http.Request
	f := &slackuitest.FakeSlack{}
	c := apitest.Connect(t, f)
	c.HTTP.Transport = slackuitest.RoundTrip(func(r *http.Request) (*http.Response, error) { seen = r.Clone(r.Context()); return f.RoundTrip(r) })
	NewListener(c, ListenerConfig{}).answerPrivately(t.Context(), inside, cards.DrawNotice("hello"))
	body := f.Made("answer")[0].Form.Get("json")
	if seen.Header.Get("Authorization") != "" || strings.Contains(body, "xoxb") {
		t.Errorf("the token went out: %v %s", seen.Header, body)
	}
	for _, want := range []string{`"response_type":"ephemeral"`, `"replace_original":false`, `"thread_ts":"1.1"`, `"text":"hello"`} {
		if !strings.Contains(body, want) {
			t.Errorf("got %s, want %s in it", body, want)
		}
	}
}
