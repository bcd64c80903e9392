package slackemu

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// link is one Socket Mode connection. One goroutine reads and one writes, because the
// websocket library allows one writer at a time.
type link struct {
	hub  *hub
	conn *websocket.Conn
	out  chan frame // to send; a link that does not drain it is closed.
	done chan struct{}
	once sync.Once
	life time.Duration // after which Slack wants the app to reconnect.
	no   int
	open bool // whether envelopes may go here; guarded by hub.mu.
}

// frame is a frame to send over a link, with the delivery that waits for its acknowledgement, if
// any. The last frame answers the app's close frame.
type frame struct {
	data    []byte
	waiting *delivery
	last    bool
}

const (
	linkQueue   = 4_096 // a burst of commands fits; a link that is further behind is dead.
	writeLimit  = 5 * time.Second
	frameLimit  = 1 << 20 // bytes the app may send in one frame.
	graceOfLink = 10 * time.Second
)

// socket is the address that apps.connections.open gives out.
func (s *Server) socket(w http.ResponseWriter, r *http.Request) {
	if s.faults.refusing() {
		http.Error(w, "connections are refused", http.StatusServiceUnavailable)
		return
	}
	if !s.hub.redeem(r.URL.Query().Get("ticket")) {
		http.Error(w, "this ticket is unknown, used or expired", http.StatusForbidden)
		return
	}
	if !s.enter() {
		http.Error(w, "the workspace is closing", http.StatusServiceUnavailable)
		return
	}
	defer s.work.Done()
	upgrader := websocket.Upgrader{
		ReadBufferSize: 32 << 10, WriteBufferSize: 32 << 10, HandshakeTimeout: writeLimit,
		// Apps send Slack's own name as the origin; the ticket is what admits them.
		CheckOrigin: func(*http.Request) bool { return true },
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.log.WarnContext(r.Context(), "upgrading a socket", "error", err)
		return
	}
	l := &link{hub: s.hub, conn: conn, out: make(chan frame, linkQueue), done: make(chan struct{}), life: linkLife}
	if r.URL.Query().Get("debug_reconnects") == "true" {
		l.life = debugLife
	}
	s.serve(l)
}

// serve runs a connection to its end.
func (s *Server) serve(l *link) {
	defer l.close()
	conn := l.conn
	conn.SetReadLimit(frameLimit)
	conn.SetCloseHandler(l.goodbye)
	n, ok := s.hub.admit(l)
	if !ok {
		l.write(frame{data: mustJSON(disconnect("too_many_websockets"))})
		return
	}
	defer s.hub.leave(l)
	s.traffic.note("socket", object{"connection": l.no, "event": "connected", "num_connections": n})
	defer s.traffic.note("socket", object{"connection": l.no, "event": "closed"})
	var writer sync.WaitGroup
	writer.Go(l.writeAll)
	defer writer.Wait()
	defer l.close()
	if l.send(frame{data: mustJSON(s.hello(l, n))}) {
		s.hub.opened(l)
		s.changed()
		if s.readAll(l) {
			writer.Wait()
		}
	}
	s.changed()
}

func (s *Server) hello(l *link, n int) object {
	greeting := object{
		"type": "hello", "num_connections": n, "connection_info": object{"app_id": s.app.ID},
		"debug_info": object{
			"host": "applink-emulator", "started": time.Now().UTC().Format("2006-01-02 15:04:05.000"),
			"build_number": 1, "approximate_connection_time": int(l.life.Seconds()),
		},
	}
	return merged(greeting, s.faults.greeting())
}

func disconnect(reason string) object {
	return object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "applink-emulator"}}
}

// goodbye handles the app's close frame: no new envelope goes to this link, and frames already
// queued are sent before the answer.
func (l *link) goodbye(code int, _ string) error {
	l.hub.avoid(l)
	l.send(frame{data: websocket.FormatCloseMessage(code, ""), last: true})
	return nil
}

// readAll reads acknowledgements until the connection ends, and reports whether the app sent a
// close frame. Reading also answers the app's pings.
func (s *Server) readAll(l *link) bool {
	for {
		_, data, err := l.conn.ReadMessage()
		if err != nil {
			return websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway, websocket.CloseNoStatusReceived)
		}
		s.handleAck(l, data, time.Now())
	}
}

func (s *Server) handleAck(l *link, data []byte, at time.Time) {
	var ack struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	entry := object{"connection": l.no, "bytes": len(data)}
	switch err := json.Unmarshal(data, &ack); {
	case err != nil:
		entry["error"] = "not JSON; ignored"
	case len(data) >= maxAck:
		entry["envelope_id"], entry["error"] = ack.EnvelopeID, "20,480 bytes or more; dropped silently, as Slack does"
	default:
		latency, note := s.hub.acked(l, ack.EnvelopeID, ack.Payload, at)
		entry["envelope_id"], entry["latency_ms"], entry["payload"] = ack.EnvelopeID, milliseconds(latency), ack.Payload
		if note != "" {
			entry["note"] = note
		}
	}
	s.traffic.note("ack", entry)
}

// send queues a frame and reports whether the link accepted it.
func (l *link) send(f frame) bool {
	select {
	case <-l.done:
		return false
	default:
	}
	select {
	case l.out <- f:
		return true
	default:
		l.close() // it has not read for a long time.
		return false
	}
}

// writeAll sends frames and pings until the link is closed.
func (l *link) writeAll() {
	defer l.close()
	pings := time.NewTicker(pingEvery)
	defer pings.Stop()
	old := time.NewTimer(l.life)
	defer old.Stop()
	for ok := l.ping(); ok; {
		select {
		case f := <-l.out:
			ok = l.write(f) && !f.last
		case <-pings.C:
			ok = l.ping()
		case <-old.C:
			l.hub.retire(l, "refresh_requested")
		case <-l.done:
			return
		}
	}
}

func (l *link) write(f frame) bool {
	now := time.Now()
	if f.waiting != nil {
		l.hub.leaves(f.waiting, now)
	}
	if f.last {
		return l.conn.WriteControl(websocket.CloseMessage, f.data, now.Add(writeLimit)) == nil
	}
	_ = l.conn.SetWriteDeadline(now.Add(writeLimit))
	return l.conn.WriteMessage(websocket.TextMessage, f.data) == nil
}

func (l *link) ping() bool {
	if l.hub.server.faults.silent() {
		return true
	}
	deadline := time.Now().Add(writeLimit)
	return l.conn.WriteControl(websocket.PingMessage, []byte("Ping from applink-emulator"), deadline) == nil
}

// farewell asks the app to reconnect, and closes the link if the app does not.
func (l *link) farewell(reason string) {
	l.send(frame{data: mustJSON(disconnect(reason))})
	l.hub.server.start(func() {
		timer := time.NewTimer(graceOfLink)
		defer timer.Stop()
		select {
		case <-timer.C:
			l.close()
		case <-l.done:
		}
	})
}

func (l *link) close() {
	l.once.Do(func() {
		close(l.done)
		_ = l.conn.Close()
	})
}

// mustJSON marshals values of this package, which cannot fail.
func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic("marshalling our own object: " + err.Error())
	}
	return data
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
