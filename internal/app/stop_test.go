package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/app"
)

// channel reads what Ana sees where alerts go, and post tells the emulator something.
func channel(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url + "/emulator/messages?channel=C0INCIDENT&user=U0ANA")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func post(t *testing.T, url string, body map[string]any) {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(url, "application/json", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer["ok"] != true {
		t.Fatalf("%s: got %v, %v", url, answer, err)
	}
}

// TestTheLastWordIsSpoken: a question taken just before the stop is answered where it was
// asked. What goes to channels is sent in turn, and that has to go on until nobody answers
// any more (issue 3, graceful stop).
func TestTheLastWordIsSpoken(t *testing.T) {
	s, url := workspace(t)
	a, err := app.New(t.Context(), settings(s, url), emptyCluster())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	deadline, tick := time.NewTimer(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer deadline.Stop()
	defer tick.Stop()
	for s.Connections() < 2 {
		select {
		case <-deadline.C:
			t.Fatal("not connected within 20 s")
		case <-tick.C:
		}
	}
	// The answer needs a second, and the stop comes at once.
	post(t, url+"/emulator/fault", map[string]any{"method": "usergroups.users.list", "hang": 1})
	post(t, url+"/emulator/mention", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "oncall"})
	stop()
	if err := <-ended; err != nil {
		t.Errorf("stopping: %v", err)
	}
	seen := channel(t, url)
	if !strings.Contains(seen, "On call now") || strings.Contains(seen, `"is_ephemeral":true`) {
		t.Errorf("got %s; want the answer, for everybody", seen)
	}
}
