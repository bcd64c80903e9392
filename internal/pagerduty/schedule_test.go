package pagerduty

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// serve answers every call with a status and a body, and remembers the last request.
func serve(t *testing.T, status int, body string) (*Schedule, *http.Request) {
	t.Helper()
	last := &http.Request{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*last = *r.Clone(r.Context())
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return New("the-token", "P1ABCDE", server.URL), last
}

// who is on call now, once each however many escalation policies name them.
func TestOnCall(t *testing.T) {
	s, last := serve(t, http.StatusOK, `{"oncalls":[
		{"user":{"id":"PANA","name":"Ana","email":"ana@example.com"},"escalation_level":1,"end":"2026-11-24T18:00:00Z"},
		{"user":{"id":"PANA","name":"Ana","email":"ana@example.com"},"escalation_level":2},
		{"user":{"id":"PBEN","summary":"Ben","email":"ben@example.com"}}]}`)
	shifts, err := s.OnCall(t.Context())
	if err != nil || len(shifts) != 2 {
		t.Fatalf("got %+v and %v, want Ana and Ben", shifts, err)
	}
	if got := shifts[0]; got.Email != "ana@example.com" || !got.Until.Equal(time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v, want Ana until 18:00", got)
	}
	if got := shifts[1]; got.Name != "Ben" || !got.Until.IsZero() {
		t.Errorf("got %+v, want Ben without an end", got)
	}
	if got := last.URL.Query()["schedule_ids[]"]; len(got) != 1 || got[0] != "P1ABCDE" {
		t.Errorf("asked for schedules %q, want the one", got)
	}
	if got := last.URL.Query()["include[]"]; len(got) != 1 || got[0] != "users" {
		t.Errorf("asked to include %q, want users, for their addresses", got)
	}
	if got := last.Header.Get("Authorization"); !strings.Contains(got, "the-token") {
		t.Error("the call carries no token")
	}
}

// What cannot be read is an error with a next step, and nobody on call is none.
func TestWhatCannotBeRead(t *testing.T) {
	for _, tt := range []struct {
		status     int
		body, want string
	}{
		{http.StatusUnauthorized, `{"error":{"message":"the-token is wrong","code":2006}}`, "PAGERDUTY_TOKEN"},
		{http.StatusNotFound, `{"error":{"message":"Not Found","code":2100}}`, "PAGERDUTY_SCHEDULE"},
		{http.StatusTooManyRequests, `{}`, "429"},
		{http.StatusInternalServerError, `oops`, "PagerDuty schedule P1ABCDE"},
		{http.StatusOK, `{"oncalls":[{"user":{"id":"PANA","name":"Ana"},"end":"tomorrow"}]}`, "no time"},
		{http.StatusOK, `[`, "PagerDuty schedule P1ABCDE"},
	} {
		s, _ := serve(t, tt.status, tt.body)
		shifts, err := s.OnCall(t.Context())
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "the-token") || len(shifts) != 0 {
			t.Errorf("%d: got %v and %v, want an error with %q and without the token", tt.status, shifts, err, tt.want)
		}
	}
	s, _ := serve(t, http.StatusOK, `{"oncalls":[]}`)
	if shifts, err := s.OnCall(t.Context()); err != nil || len(shifts) != 0 {
		t.Errorf("got %v and %v, want nobody on call", shifts, err)
	}
}
