package slackemu

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// Whoever writes a script against the control endpoints learns from each mistake what
// the endpoint takes, and nothing about how the emulator is made.
func TestMistakesInControlBodiesAreExplained(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		for body, want := range map[string]string{
			"":                    "the body is empty; this takes a JSON object with user, channel, text",
			"{":                   "ends in the middle of the JSON",
			"user=U0ANA":          "the body is not JSON at byte 1",
			"[]":                  "the body is a JSON array; this takes a JSON object with",
			`{"user": 1}`:         "user is a number, which does not fit",
			`{"usr": "U0ANA"}`:    `there is no member "usr"; this takes a JSON object with user, channel, text`,
			`{} {}`:               "more than one JSON value",
			`{"user":"U0NOBODY"}`: "There is no user",
		} {
			answer := r.plain(http.MethodPost, "/emulator/slash", body)
			if !strings.Contains(answer, strings.ReplaceAll(want, `"`, `\"`)) || strings.Contains(answer, "Go ") || strings.Contains(answer, "slackemu.") {
				t.Errorf("%q: got %s, want %q and no word of Go", body, answer, want)
			}
		}
		if got := r.plain(http.MethodPost, "/emulator/fault", `{"disconect": "x"}`); !strings.Contains(got, "method, status, retry_after") || !strings.Contains(got, "disconnect, links") {
			t.Errorf("got %s, want every knob named, those of calls too", got)
		}
		if got := r.plain(http.MethodPost, "/emulator/slsh", `{}`); !strings.Contains(got, "there are slash, mention") {
			t.Errorf("got %s, want the endpoints", got)
		}
		if got := r.plain(http.MethodGet, "/emulator/slash", ``); !strings.Contains(got, "does not take GET") {
			t.Errorf("got %s, want the method told", got)
		}
	})
}

// plain is a request and what comes back as text.
func (r *room) plain(method, path, body string) string {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), method, base+path, strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	res, err := r.client.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		r.Fatal(err)
	}
	return string(data)
}
