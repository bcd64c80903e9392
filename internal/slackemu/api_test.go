package slackemu

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// raw sends a request as it is and answers status, header and body.
func (r *room) raw(method, path, kind, token string, body io.Reader) (int, http.Header, object) {
	r.Helper()
	req, err := http.NewRequest(method, base+path, body)
	if err != nil {
		r.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := r.client.Do(req)
	if err != nil {
		r.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	return res.StatusCode, res.Header, decoded(r.T, res.Body)
}

// T-slack-api: every form of body that clients use is understood.
func TestAPITakesFormsJSONAndMultipart(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		token := r.s.BotToken()
		var form bytes.Buffer
		parts := multipart.NewWriter(&form)
		for name, value := range map[string]string{"token": token, "channel": "C0INCIDENT", "text": "multipart"} {
			_ = parts.WriteField(name, value)
		}
		_ = parts.Close()
		for _, test := range []struct {
			kind, token string
			body        io.Reader
		}{
			{"application/x-www-form-urlencoded", "", strings.NewReader("token=" + token + "&channel=C0INCIDENT&text=form")},
			{"application/x-www-form-urlencoded", token, strings.NewReader("channel=C0INCIDENT&text=form%20and%20header")},
			{"application/json; charset=utf-8", token, strings.NewReader(`{"channel":"C0INCIDENT","text":"json","blocks":[{"type":"divider"}],"thread_ts":null}`)},
			{"application/json", token, strings.NewReader(`{"channel":"C0INCIDENT","text":"json","blocks":"[{\"type\":\"divider\"}]"}`)},
			{parts.FormDataContentType(), "", &form},
		} {
			if _, _, got := r.raw(http.MethodPost, "/api/chat.postMessage", test.kind, test.token, test.body); got["ok"] != true {
				t.Errorf("%s: got %v, want ok", test.kind, got)
			}
		}
		if got := strings.Join(r.sees("U0ANA"), "|"); got != "form|form and header|json|json|multipart" {
			t.Errorf("got the texts %q", got)
		}
		if _, _, got := r.raw(http.MethodGet, "/api/auth.test?token="+token, "", "", nil); got["user_id"] != "U0SCALEBOT" || got["team_id"] != "T0PIPELINE" {
			t.Errorf("auth.test: got %v", got)
		}
	})
}

func TestAPIRefusesInSlacksWords(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		bot, app := r.s.BotToken(), r.s.AppToken()
		const form = "application/x-www-form-urlencoded"
		for _, test := range []struct{ method, kind, token, body, want string }{
			{"auth.test", form, "", "", "not_authed"},
			{"auth.test", form, "xoxb-wrong", "", "invalid_auth"},
			{"auth.test", form, app, "", "not_allowed_token_type"},
			{"apps.connections.open", form, bot, "", "not_allowed_token_type"},
			{"no.such", form, bot, "", "unknown_method"},
			{"chat.postMessage", "application/json", bot, "{", "invalid_json"},
			{"chat.postMessage", form, bot, "%zz", "invalid_form_data"},
			{"chat.postMessage", form, bot, "channel=C0NOWHERE&text=x", "channel_not_found"},
			{"files.getUploadURLExternal", "application/json", bot, `{"filename":"a.png","length":3}`, "invalid_arguments"},
			{"conversations.list", form, bot, "cursor=nonsense", "invalid_cursor"},
			{"users.info", form, bot, "user=U0NOBODY", "user_not_found"},
			{"usergroups.users.list", form, bot, "usergroup=S0NONE", "no_such_subteam"},
			{"conversations.join", form, bot, "channel=C0GENERAL", "missing_scope"},
		} {
			status, _, got := r.raw(http.MethodPost, "/api/"+test.method, test.kind, test.token, strings.NewReader(test.body))
			if status != http.StatusOK || got["ok"] != false || got["error"] != test.want {
				t.Errorf("%s %q: got %d %v, want 200 and %s", test.method, test.body, status, got, test.want)
			}
		}
	})
}

// An app that comes with tokens of its own can be let in; the kinds still matter.
func TestAnyTokenOfTheRightKind(t *testing.T) {
	inRoom(t, Config{AnyToken: true}, func(r *room) {
		for _, test := range []struct {
			method, token string
			want          any
		}{
			{"auth.test", "xoxb-mine", nil}, {"auth.test", r.s.BotToken(), nil}, {"apps.connections.open", "xapp-mine", nil},
			{"auth.test", "xapp-mine", "not_allowed_token_type"}, {"apps.connections.open", "xoxb-mine", "not_allowed_token_type"},
			{"auth.test", "xoxp-mine", "invalid_auth"}, {"auth.test", "", "not_authed"},
		} {
			if _, _, got := r.raw(http.MethodPost, "/api/"+test.method, "", test.token, nil); got["error"] != test.want {
				t.Errorf("%s with %q: got %v, want %v", test.method, test.token, got, test.want)
			}
		}
	})
}

func TestMissingScopeNamesIt(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		r.must("fault", object{"scopes": []string{"users:read"}})
		got := r.refused("missing_scope", "chat.postMessage", "channel", "C0INCIDENT", "text", "x")
		if got["needed"] != "chat:write" || got["provided"] != "users:read" {
			t.Errorf("got %v, want what is needed and provided", got)
		}
		r.refused("missing_scope", "conversations.history", "channel", "C0INCIDENT")
		r.refused("missing_scope", "conversations.list")
		r.call("users.info", "user", "U0ANA")
	})
}

// T-slack-429: a method called too often answers 429 with the time to stay away, and
// works again after that time.
func TestRateLimitsAreReal(t *testing.T) {
	inRoom(t, Config{RateFactor: 1}, func(r *room) {
		form := func() (int, http.Header, object) {
			return r.raw(http.MethodPost, "/api/usergroups.list", "application/x-www-form-urlencoded", r.s.BotToken(), nil)
		}
		for i := range tier2 {
			if status, _, got := form(); status != http.StatusOK {
				t.Fatalf("call %d: got %d %v, want a free one", i, status, got)
			}
		}
		status, header, got := form()
		if status != http.StatusTooManyRequests || header.Get("Retry-After") != "3" || got["error"] != "ratelimited" {
			t.Errorf("got %d, Retry-After %q, %v; want 429 and 3 seconds", status, header.Get("Retry-After"), got)
		}
		time.Sleep(3 * time.Second)
		if status, _, got := form(); status != http.StatusOK {
			t.Errorf("after waiting: got %d %v, want it to work", status, got)
		}
	})
}

func TestPostsToOneChannelAreLimited(t *testing.T) {
	inRoom(t, Config{RateFactor: 1}, func(r *room) {
		send := func(channel string) int {
			status, _, _ := r.raw(http.MethodPost, "/api/chat.postMessage", "application/x-www-form-urlencoded", r.s.BotToken(), strings.NewReader("text=x&channel="+channel))
			return status
		}
		for range postBurst {
			if got := send("C0INCIDENT"); got != http.StatusOK {
				t.Fatalf("got %d within the burst, want 200", got)
			}
		}
		if got := send("#incident-kafka"); got != http.StatusTooManyRequests {
			t.Errorf("got %d after the burst, want 429, also by the channel's name", got)
		}
		if got := send("C0GENERAL"); got != http.StatusOK {
			t.Errorf("got %d in another channel, want 200", got)
		}
	})
}

// T-slack-faults: each way a call can go wrong, and how often.
func TestCallsCanBeMadeToFail(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		send := func() (int, http.Header, object, error) {
			req, _ := http.NewRequest(http.MethodPost, base+"/api/chat.postMessage", strings.NewReader("channel=C0INCIDENT&text=x"))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Authorization", "Bearer "+r.s.BotToken())
			res, err := r.client.Do(req)
			if err != nil {
				return 0, nil, nil, err
			}
			defer res.Body.Close()
			if res.StatusCode >= 500 {
				return res.StatusCode, res.Header, nil, nil
			}
			return res.StatusCode, res.Header, decoded(t, res.Body), nil
		}
		count := func() int { return len(r.sees("U0ANA")) }

		r.must("fault", object{"method": "chat.postMessage", "status": 429, "retry_after": 7, "count": 2})
		for range 2 {
			if status, header, _, _ := send(); status != 429 || header.Get("Retry-After") != "7" {
				t.Errorf("got %d and %q, want 429 and 7", status, header.Get("Retry-After"))
			}
		}
		if status, _, _, _ := send(); status != 200 || count() != 1 {
			t.Errorf("got %d and %d messages, want the fault used up", status, count())
		}
		r.must("fault", object{"method": "*", "status": 503})
		if status, _, _, _ := send(); status != 503 || count() != 1 {
			t.Errorf("got %d and %d messages, want 503 and nothing posted", status, count())
		}
		r.must("fault", object{"method": "chat.postMessage", "error": "fatal_error"})
		if _, _, got, _ := send(); got["error"] != "fatal_error" {
			t.Errorf("got %v, want fatal_error", got)
		}
		r.must("fault", object{"method": "chat.postMessage", "cut": "before"})
		if _, _, _, err := send(); err == nil || count() != 1 {
			t.Errorf("got %v and %d messages, want a broken connection and nothing posted", err, count())
		}
		r.must("fault", object{"method": "chat.postMessage", "cut": "after"})
		if _, _, _, err := send(); err == nil || count() != 2 {
			t.Errorf("got %v and %d messages, want a broken connection and the message posted", err, count())
		}
		r.must("fault", object{"method": "chat.postMessage", "hang": 40})
		began := time.Now()
		if _, _, got, _ := send(); got["ok"] != true || time.Since(began) != 40*time.Second {
			t.Errorf("got %v after %v, want ok after 40 s", got, time.Since(began))
		}
		r.must("fault", object{"method": "chat.postMessage", "error": "internal_error", "count": -1})
		send()
		if _, _, got, _ := send(); got["error"] != "internal_error" {
			t.Errorf("got %v, want the fault to last", got)
		}
		r.must("fault", object{"clear": true})
		if _, _, got, _ := send(); got["ok"] != true {
			t.Errorf("got %v after clearing, want ok", got)
		}
	})
}

func TestFaultsThatMakeNoSenseAreRefused(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		for _, body := range []object{
			{"method": "chat.postMessag", "status": 500}, {"method": "chat.postMessage"}, {"status": 500}, {"method": "*", "status": 200},
			{"method": "*", "cut": "between"}, {"method": "*", "error": "x", "retry_after": 3}, {"method": "*", "hang": -1},
			{"deactivate": "U0NOBODY"}, {"archive": "C0NOWHERE"}, {"clock_factor": 0}, {"delete_message": object{"channel": "C0INCIDENT", "ts": "1.0"}},
			{"group": object{"id": "S0NONE", "members": []string{}}}, {"methd": "*"}, {"deactivate": "U0CARL", "archive": "C0NOWHERE"},
		} {
			if got := r.control("fault", body); got["ok"] != false || got["message"] == "" {
				t.Errorf("%v: got %v, want a refusal in words", body, got)
			}
		}
		if got := r.call("users.info", "user", "U0CARL")["user"].(object); got["deleted"] != false {
			t.Errorf("got Carl %v, want nothing turned by a refused request", got)
		}
		for i := 0; i <= maxFaults; i++ {
			got := r.control("fault", object{"method": "*", "status": 500})
			if want := i < maxFaults; got["ok"] != want {
				t.Errorf("fault %d: got %v, want ok %v", i, got, want)
			}
		}
	})
}

// T-secrets: what is recorded holds no token and no ticket.
func TestTrafficTellsAllButTokens(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		r.post("text", "hello")
		r.raw(http.MethodPost, "/api/auth.test", "application/json", r.s.BotToken(), strings.NewReader(fmt.Sprintf(`{"token":%q}`, r.s.BotToken())))
		r.must("slash", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "help"})
		kinds := map[string]bool{}
		for _, line := range r.traffic() {
			kinds[line["kind"].(string)] = true
			text := string(mustJSON(line))
			if strings.Contains(text, r.s.BotToken()) || strings.Contains(text, r.s.AppToken()) || strings.Contains(text, "ticket=") && !strings.Contains(text, "ticket=…") {
				t.Errorf("got a secret in %s", text)
			}
			if line["kind"] == "ack" && line["latency_ms"] == nil {
				t.Errorf("got the ack %v, want its latency", line)
			}
			if line["kind"] == "api" && line["method"] == "chat.postMessage" && line["request"].(object)["text"] != "hello" {
				t.Errorf("got %v, want the arguments", line)
			}
		}
		for _, kind := range []string{"api", "envelope", "ack", "socket"} {
			if !kinds[kind] {
				t.Errorf("got no line of the kind %s", kind)
			}
		}
	})
}

func TestTrafficIsBounded(t *testing.T) {
	tr := newTraffic(New(Config{}).clock)
	for i := range maxLines + 10 {
		tr.note("api", object{"i": i})
	}
	if got := len(tr.all()); got != maxLines {
		t.Errorf("got %d lines, want %d", got, maxLines)
	}
	tr.note("api", object{"method": "x", "big": object{"text": strings.Repeat("x", maxLine)}})
	lines := tr.all()
	if last := lines[len(lines)-1]; len(last) > maxLine || !bytes.Contains(last, []byte("shortened_from_bytes")) {
		t.Errorf("got a line of %d bytes, want it shortened", len(last))
	}
	for range 1_000 {
		tr.note("api", object{"text": strings.Repeat("x", maxLine-200)})
	}
	if tr.bytes > maxTraffic {
		t.Errorf("got %d bytes, want at most %d", tr.bytes, maxTraffic)
	}
}

// A web page from elsewhere, open in the same browser, must not act in the workspace.
func TestForeignPagesCannotAct(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		for origin, want := range map[string]int{"https://evil.test": http.StatusForbidden, base: http.StatusOK, "": http.StatusOK} {
			req, _ := http.NewRequest(http.MethodPost, base+"/emulator/say", strings.NewReader(`{"user":"U0ANA","channel":"C0INCIDENT","text":"x"}`))
			if origin != "" {
				req.Header.Set("Origin", origin)
			}
			res, err := r.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != want {
				t.Errorf("from %q: got %d, want %d", origin, res.StatusCode, want)
			}
		}
	})
}

func TestThePageIsServedWithAPolicy(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		res, err := r.client.Get(base + "/")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if got := res.Header.Get("Content-Security-Policy"); res.StatusCode != http.StatusOK || !strings.Contains(got, "default-src 'self'") {
			t.Errorf("got %d with the policy %q", res.StatusCode, got)
		}
	})
}

// The stream tells pages that something changed, and ends with the server.
func TestEventsStreamChanges(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		res, err := r.client.Get(base + "/emulator/events")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		read := func() string {
			buffer := make([]byte, 100)
			n, err := res.Body.Read(buffer)
			if err != nil {
				return err.Error()
			}
			return string(buffer[:n])
		}
		first := read()
		r.post("text", "x")
		if second := read(); !strings.HasPrefix(second, "data: ") || second == first {
			t.Errorf("got %q and then %q, want another number", first, second)
		}
		r.s.Close()
		if got := read(); strings.HasPrefix(got, "data") {
			t.Errorf("got %q after closing, want the end", got)
		}
	})
}

// FuzzAPIBody: whatever a client sends, every method answers with JSON and the server
// stays whole.
func FuzzAPIBody(f *testing.F) {
	f.Add("chat.postMessage", true, []byte(`{"channel":"C0INCIDENT","text":"x","blocks":[{"type":"section"}],"metadata":{"event_type":"e"}}`))
	f.Add("chat.postMessage", false, []byte(`channel=C0INCIDENT&text=x&attachments=[{"blocks":[null]}]`))
	f.Add("chat.update", true, []byte(`{"channel":"C0INCIDENT","ts":"1.1","blocks":"[]"}`))
	f.Add("views.open", true, []byte(`{"trigger_id":"1.2.3","view":{"type":"modal","blocks":[{"type":"input"}]}}`))
	f.Add("views.publish", true, []byte(`{"user_id":"U0ANA","view":{"type":"home","blocks":[]}}`))
	f.Add("conversations.history", false, []byte(`channel=C0INCIDENT&oldest=x.y&cursor=offset:-1&limit=-5`))
	f.Add("conversations.replies", false, []byte(`channel=C0INCIDENT&ts=1`))
	f.Add("files.completeUploadExternal", false, []byte(`files=[{"id":null}]&channel_id=C0INCIDENT,`))
	f.Fuzz(func(t *testing.T, method string, asJSON bool, body []byte) {
		if strings.ContainsAny(method, "/?#% \x00") || method == "" || method == "." || method == ".." {
			return
		}
		s := New(Config{})
		defer s.Close()
		req, err := http.NewRequest(http.MethodPost, "/api/"+method, bytes.NewReader(body))
		if err != nil {
			return
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if asJSON {
			req.Header.Set("Content-Type", "application/json")
		}
		req.Header.Set("Authorization", "Bearer "+s.BotToken())
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, req)
		if w.Code == http.StatusOK && decoded(t, w.Body)["ok"] == nil {
			t.Errorf("got an answer without ok")
		}
	})
}

// FuzzControlBody: the control endpoints survive any body.
func FuzzControlBody(f *testing.F) {
	f.Add("slash", []byte(`{"user":"U0ANA","channel":"C0INCIDENT","text":"<@U|x> @ana #general https://x.test"}`))
	f.Add("say", []byte(`{"user":"U0ANA","channel":"C0INCIDENT","text":"x","thread_ts":"1.1"}`))
	f.Add("click", []byte(`{"user":"U0ANA","channel":"C0INCIDENT","ts":"1.1","action_id":"a","selected_option":{"value":[1]}}`))
	f.Add("submit", []byte(`{"user":"U0ANA","view_id":"V1","values":{"a":{"b":[null]}}}`))
	f.Add("fault", []byte(`{"method":"*","status":500,"count":-3,"clear":true,"scopes":null,"duplicate_event":9}`))
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		if strings.ContainsAny(path, "/?#% \x00") || path == "" || path == "." || path == ".." {
			return
		}
		s := New(Config{})
		defer s.Close()
		req, err := http.NewRequest(http.MethodPost, "/emulator/"+path, bytes.NewReader(body))
		if err != nil {
			return
		}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, req)
		if w.Code == http.StatusOK && decoded(t, w.Body)["ok"] == nil {
			t.Errorf("got an answer without ok")
		}
	})
}
