package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/slackui/api"
)

// BenchmarkAckBurst sends 1,000 slash commands at once over two sockets on the loopback
// interface, and reports how long the acks took: none may take Slack's three seconds.
func BenchmarkAckBurst(b *testing.B) {
	const many = 1000
	far := &burstEnd{sent: make([]atomic.Int64, many), took: make(chan time.Duration, many), ready: make(chan struct{}, 8)}
	server := httptest.NewServer(far)
	far.address = "ws" + server.URL[len("http"):] + "/link"
	l := NewListener(api.NewClient(api.Config{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: server.URL + "/api/"}), ListenerConfig{
		Handlers: Handlers{Call: func(context.Context, commands.Call) commands.Answer { return commands.Nothing{} }},
	})
	ctx, stop := context.WithCancel(context.WithoutCancel(b.Context()))
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	for range defaultSockets {
		<-far.ready
	}
	var all []time.Duration
	round := 0
	for b.Loop() {
		far.burst(round)
		for range many {
			all = append(all, <-far.took)
		}
		round++
	}
	slices.Sort(all)
	worst := all[len(all)-1]
	b.ReportMetric(float64(all[len(all)*99/100])/1e6, "p99-ms")
	b.ReportMetric(float64(worst)/1e6, "worst-ms")
	if worst > 3*time.Second {
		b.Errorf("got an ack after %v, want all within 3 s", worst)
	}
	stop()
	<-ended
	server.CloseClientConnections()
	server.Close()
}

// burstEnd is a far end that times acks.
type burstEnd struct {
	address string
	mu      sync.Mutex
	links   []*websocket.Conn
	// sent is when each envelope went out, in nanoseconds since the epoch.
	sent  []atomic.Int64
	took  chan time.Duration
	ready chan struct{}
}

func (e *burstEnd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/link" {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"ok":true,"url":%q}`, e.address)
		return
	}
	conn, err := (&websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	e.mu.Lock()
	_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello"}`))
	e.links = append(e.links, conn)
	e.mu.Unlock()
	e.ready <- struct{}{}
	for {
		var ack struct {
			ID string `json:"envelope_id"`
		}
		_, data, err := conn.ReadMessage()
		if err != nil || json.Unmarshal(data, &ack) != nil {
			return
		}
		at, n := time.Now(), 0
		if _, err := fmt.Sscanf(ack.ID, "e%d", &n); err != nil {
			return
		}
		e.took <- at.Sub(time.Unix(0, e.sent[n].Load()))
	}
}

func (e *burstEnd) burst(round int) {
	for i := range e.sent {
		e.sent[i].Store(time.Now().UnixNano())
		frame := fmt.Sprintf(`{"type":"slash_commands","envelope_id":"e%d","payload":{"command":"/scale","text":"status","user_id":"U0ANA","channel_id":"C1","trigger_id":"t%d.%d"}}`, i, round, i)
		_ = e.links[i%len(e.links)].WriteMessage(websocket.TextMessage, []byte(frame))
	}
}
