package slackemu

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// refusal is an answer with "ok": false.
type refusal struct {
	code string
	more object // further members of the answer
}

func (r refusal) Error() string { return r.code }

func refuse(code string) error { return refusal{code: code} }

// api answers POST and GET /api/<method>.
func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	name, began := r.PathValue("method"), time.Now()
	a, err := readArgs(w, r)
	entry := object{"method": name}
	if err != nil {
		s.reply(w, entry, began, object{"ok": false, "error": badBody(r)})
		return
	}
	entry["request"] = a.forTraffic()
	fault := s.faults.use(name)
	if !s.misbehave(w, r, fault, entry, began) {
		return
	}
	answer, after := s.answer(name, a, r)
	s.writeScopes(w, answer)
	if after > 0 {
		s.tooMany(w, entry, began, after)
		return
	}
	if fault != nil && fault.Cut == "after" {
		s.traffic.note("api", merged(entry, object{"fault": "cut after it was done", "response": answer}))
		panic(http.ErrAbortHandler)
	}
	s.reply(w, entry, began, answer)
}

func badBody(r *http.Request) string {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return "invalid_json"
	}
	return "invalid_form_data"
}

// answer runs a method. If the second result is not zero, the call was rate limited, and the
// caller must wait that many seconds.
func (s *Server) answer(name string, a args, r *http.Request) (object, int) {
	m, known := methods[name]
	if !known {
		return object{"ok": false, "error": "unknown_method", "req_method": name}, 0
	}
	if err := s.allow(m, a, r); err != nil {
		return failed(err), 0
	}
	if after := s.limits.wait(name, m.tier); after > 0 {
		return nil, after
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if after := s.postLimit(name, a); after > 0 {
		return nil, after
	}
	answer, err := m.run(s, &call{args: a, base: s.address(r)})
	if err != nil {
		return failed(err), 0
	}
	answer["ok"] = true
	return answer, 0
}

// postLimit applies the rate limit for posts into one channel. The caller holds the lock.
func (s *Server) postLimit(name string, a args) int {
	if name != "chat.postMessage" {
		return 0
	}
	where, err := s.channelFor(a["channel"])
	if err != nil {
		return 0 // the call itself returns the error
	}
	return s.limits.waitPost(where.ID)
}

func failed(err error) object {
	answer := object{"ok": false, "error": "internal_error"}
	if r, ok := errors.AsType[refusal](err); ok {
		answer["error"] = r.code
		for key, value := range r.more {
			answer[key] = value
		}
	}
	return answer
}

// allow checks the token and its scopes, in Slack's order.
func (s *Server) allow(m method, a args, r *http.Request) error {
	token := a["token"]
	if header, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = strings.TrimSpace(header)
	}
	s.mu.Lock()
	app := s.app
	s.mu.Unlock()
	bot := token == app.BotToken || s.any && strings.HasPrefix(token, "xoxb-")
	appLevel := token == app.AppToken || s.any && strings.HasPrefix(token, "xapp-")
	switch {
	case token == "":
		return refuse("not_authed")
	case !bot && !appLevel:
		return refuse("invalid_auth")
	case appLevel != m.app:
		return refuse("not_allowed_token_type")
	case m.formOnly && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		return refuse("invalid_arguments")
	}
	return needScope(app.Scopes, m.scope)
}

func needScope(scopes []string, scope string) error {
	if scope == "" || slices.Contains(scopes, scope) {
		return nil
	}
	return refusal{"missing_scope", object{"needed": scope, "provided": strings.Join(scopes, ",")}}
}

// writeScopes writes the bot token's scopes into the header in which Slack returns them. The
// answer to an invalid token has no such header.
func (s *Server) writeScopes(w http.ResponseWriter, answer object) {
	switch answer["error"] {
	case "not_authed", "invalid_auth", "not_allowed_token_type", "unknown_method":
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("X-OAuth-Scopes", strings.Join(s.app.Scopes, ","))
}

// reply writes an answer and records it.
func (s *Server) reply(w http.ResponseWriter, entry object, began time.Time, answer object) {
	entry["ok"], entry["response"], entry["latency_ms"] = answer["ok"], withoutSecrets(answer), milliseconds(time.Since(began))
	if code, ok := answer["error"]; ok {
		entry["error"] = code
	}
	s.traffic.note("api", entry)
	writeJSON(w, http.StatusOK, answer)
}

func (s *Server) tooMany(w http.ResponseWriter, entry object, began time.Time, after int) {
	s.traffic.note("api", merged(entry, object{
		"ok": false, "error": "ratelimited", "status": http.StatusTooManyRequests, "retry_after": after, "latency_ms": milliseconds(time.Since(began)),
	}))
	w.Header().Set("Retry-After", strconv.Itoa(after))
	writeJSON(w, http.StatusTooManyRequests, object{"ok": false, "error": "ratelimited"})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(mustJSON(v)) // a caller that has disconnected cannot be told
}

func merged(a, b object) object {
	for key, value := range b {
		a[key] = value
	}
	return a
}

// withoutSecrets is an answer without a socket's ticket, so that it can be recorded.
func withoutSecrets(answer object) object {
	address, ok := answer["url"].(string)
	if before, _, found := strings.Cut(address, "ticket="); ok && found {
		return merged(merged(object{}, answer), object{"url": before + "ticket=…"})
	}
	return answer
}

// forTraffic is the arguments as they are recorded: without the token, and with JSON values
// decoded.
func (a args) forTraffic() object {
	shown := object{}
	for name, value := range a {
		switch {
		case name == "token":
		case len(value) > 0 && (value[0] == '{' || value[0] == '[') && json.Valid([]byte(value)):
			shown[name] = json.RawMessage(value)
		default:
			shown[name] = value
		}
	}
	return shown
}

// misbehave carries out a fault that applies before the call. It reports whether the call should
// continue.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, f *callFault, entry object, began time.Time) bool {
	if f == nil {
		return true
	}
	entry["fault"] = f
	if f.Hang > 0 && !s.pause(r, seconds(f.Hang)) {
		s.traffic.note("api", merged(entry, object{"error": "the caller gave up waiting"}))
		return false
	}
	switch {
	case f.Cut == "before":
		s.traffic.note("api", entry)
		panic(http.ErrAbortHandler)
	case f.Status == http.StatusTooManyRequests:
		s.tooMany(w, entry, began, max(1, f.RetryAfter))
	case f.Status != 0:
		s.traffic.note("api", merged(entry, object{"ok": false, "status": f.Status}))
		http.Error(w, http.StatusText(f.Status), f.Status)
	case f.Error != "":
		s.reply(w, entry, began, object{"ok": false, "error": f.Error})
	default:
		return true
	}
	return false
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
