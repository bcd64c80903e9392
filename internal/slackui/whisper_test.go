package slackui

import (
	"net/http"
	"strings"
	"testing"
)

// How somebody is told in private, by what Slack answers at each way.
func TestAnAnswerReachesThePerson(t *testing.T) {
	const rich, plain = "rich", "plain"
	refused := func(status int, body string) *fakeAnswer { return &fakeAnswer{status: status, body: body} }
	taken := &fakeAnswer{body: `{"ok":true}`}
	for name, test := range map[string]struct {
		to reader
		// answers are what Slack says to each way in turn; the last one is repeated.
		answers map[string][]*fakeAnswer
		want    string
	}{
		"taken, as a word":    {inside, map[string][]*fakeAnswer{"url": {refused(200, "ok")}}, "url rich"},
		"taken, in silence":   {inside, map[string][]*fakeAnswer{"url": {refused(200, "")}}, "url rich"},
		"taken, as JSON":      {inside, map[string][]*fakeAnswer{"url": {refused(200, `{"ok":true,"blocks":[{"type":"hologram"}]}`)}}, "url rich"},
		"refused for looks":   {inside, map[string][]*fakeAnswer{"url": {refused(404, `{"ok":false,"error":"invalid_blocks"}`), taken}}, "url rich, url plain"},
		"refused in a word":   {inside, map[string][]*fakeAnswer{"url": {refused(404, "invalid_blocks\n"), taken}}, "url rich, url plain"},
		"refused by 400":      {inside, map[string][]*fakeAnswer{"url": {refused(400, "invalid_blocks"), taken}}, "url rich, url plain"},
		"refused with 200":    {inside, map[string][]*fakeAnswer{"url": {refused(200, `{"ok":false,"error":"msg_blocks_too_long"}`), taken}}, "url rich, url plain"},
		"refused, unheard of": {inside, map[string][]*fakeAnswer{"url": {refused(404, `{"ok":false,"error":"moon_phase","errors":[{}]}`), taken}}, "url rich, url plain"},
		"refused without why": {inside, map[string][]*fakeAnswer{"url": {refused(404, ""), taken}}, "url rich, url plain"},
		"refused outside":     {outside, map[string][]*fakeAnswer{"url": {refused(404, `{"ok":false,"error":"invalid_blocks"}`), taken}, "aside": {refusal("not_in_channel")}}, "url rich, url plain"},
		"refused for good":    {inside, map[string][]*fakeAnswer{"url": {refused(404, `{"ok":false,"error":"no_text"}`)}}, "url rich, url plain, aside rich"},
		"used up":             {inside, map[string][]*fakeAnswer{"url": {refused(404, `{"ok":false,"error":"used_url"}`)}}, "url rich, aside rich"},
		"used up, in a word":  {inside, map[string][]*fakeAnswer{"url": {refused(404, `used_url`)}}, "url rich, aside rich"},
		"expired":             {inside, map[string][]*fakeAnswer{"url": {refused(404, `{"ok":false,"error":"expired_url"}`)}}, "url rich, aside rich"},
		"used up by the first": {inside, map[string][]*fakeAnswer{"url": {refused(404, `{"ok":false,"error":"invalid_blocks"}`), refused(404, `{"ok":false,"error":"used_url"}`)}},
			"url rich, url plain, aside rich"},
		"used up, and blocks refused": {inside, map[string][]*fakeAnswer{"url": {refused(404, "expired_url")}, "aside": {refusal("invalid_blocks"), taken}}, "url rich, aside rich, aside plain"},
		"used up outside":             {outside, map[string][]*fakeAnswer{"url": {refused(404, "used_url")}, "aside": {refusal("not_in_channel")}}, "url rich, aside rich, direct rich"},
		"used up, not there":          {outside, map[string][]*fakeAnswer{"url": {refused(404, "used_url")}, "aside": {refusal("user_not_in_channel")}}, "url rich, aside rich, direct rich"},
		"a page of a proxy":           {inside, map[string][]*fakeAnswer{"url": {refused(200, "<html>Sign in</html>")}}, "url rich, aside rich"},
		"Slack is down":               {inside, map[string][]*fakeAnswer{"url": {refused(503, "<html>503</html>")}}, "url rich, aside rich"},
		"too many":                    {inside, map[string][]*fakeAnswer{"url": {{status: 429, header: http.Header{"Retry-After": {"3"}}, body: `{"ok":false,"error":"invalid_blocks"}`}}}, "url rich, aside rich"},
		"cut":                         {inside, map[string][]*fakeAnswer{"url": {{err: errCut}}}, "url rich, aside rich"},
		"no address":                  {reader{channel: "C1", user: "U0ANA"}, nil, "aside rich"},
		"nowhere":                     {reader{user: "U0ANA"}, map[string][]*fakeAnswer{"direct": {refusal("invalid_blocks"), taken}}, "direct rich, direct plain"},
		"nobody":                      {reader{channel: "C1"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var ways []string
			f := &fakeSlack{rule: func(c fakeCall) *fakeAnswer {
				way, known := map[string]string{"answer": "url", "chat.postEphemeral": "aside", "chat.postMessage": "direct"}[c.method]
				if !known {
					return nil
				}
				look := plain
				if body := c.form.Get("json") + c.form.Get("blocks"); strings.Contains(body, `"section"`) {
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
			NewListener(connect(t, f), ListenerConfig{}).tell(t.Context(), test.to, saidLook("hello"))
			if got := strings.Join(ways, ", "); got != test.want {
				t.Errorf("told by %q, want %q", got, test.want)
			}
		})
	}
}

// inside is somebody in a channel with an address to answer at, outside one in a channel that
// the bot is not in.
var (
	inside  = reader{url: "http://slack.test/answer", channel: "C1", user: "U0ANA", thread: "1.1"}
	outside = reader{url: "http://slack.test/answer", channel: "C0NOWHERE", user: "U0ANA"}
)

// The address to answer at is a right by itself: it gets no token, and the answer is private
// and stays in its thread.
func TestTheResponseURLGetsNoToken(t *testing.T) {
	var seen *http.Request
	f := &fakeSlack{}
	c := connect(t, f)
	c.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) { seen = r.Clone(r.Context()); return f.RoundTrip(r) })
	NewListener(c, ListenerConfig{}).tell(t.Context(), inside, saidLook("hello"))
	body := f.made("answer")[0].form.Get("json")
	if seen.Header.Get("Authorization") != "" || strings.Contains(body, "xoxb") {
		t.Errorf("the token went out: %v %s", seen.Header, body)
	}
	for _, want := range []string{`"response_type":"ephemeral"`, `"replace_original":false`, `"thread_ts":"1.1"`, `"text":"hello"`} {
		if !strings.Contains(body, want) {
			t.Errorf("got %s, want %s in it", body, want)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
