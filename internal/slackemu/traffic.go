package slackemu

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/pace"
)

// Bounds of the recording.
const (
	maxLines   = 5_000
	maxTraffic = 16 << 20 // bytes.
	maxLine    = 32 << 10 // bytes; a longer line is cut
)

// traffic records every API call, envelope and acknowledgement as lines of JSON. It never
// contains a token.
type traffic struct {
	clock pace.Clock

	mu    sync.Mutex
	seq   int
	lines [][]byte
	bytes int
}

func newTraffic(clock pace.Clock) *traffic { return &traffic{clock: clock} }

// note records one entry, from the app unless the entry says otherwise. kind is "api",
// "envelope", "ack", "socket", "response_url", "upload" or "fault".
func (t *traffic) note(kind string, entry object) {
	line := object{"kind": kind, "direction": "in", "at": t.clock.Now().UTC().Format(time.RFC3339Nano)}
	for key, value := range entry {
		line[key] = value
	}
	t.mu.Lock()
	t.seq++
	line["n"] = t.seq
	t.mu.Unlock()
	data, err := json.Marshal(line)
	if err != nil || len(data) > maxLine {
		data = shortened(line, len(data))
	}
	t.append(data)
}

// shortened is a line without the parts that made it too long.
func shortened(line object, size int) []byte {
	short := object{"shortened_from_bytes": size}
	for key, value := range line {
		switch value.(type) {
		case string, int, bool, float64:
			short[key] = value
		}
	}
	return mustJSON(short)
}

func (t *traffic) append(data []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, data)
	t.bytes += len(data)
	for len(t.lines) > maxLines || t.bytes > maxTraffic {
		t.bytes -= len(t.lines[0])
		t.lines[0] = nil
		t.lines = t.lines[1:]
	}
}

func (t *traffic) all() [][]byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([][]byte(nil), t.lines...)
}

// showTraffic answers with the recording, oldest first, one JSON object per line.
func (s *Server) showTraffic(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	for _, line := range s.traffic.all() {
		if _, err := w.Write(append(line[:len(line):len(line)], '\n')); err != nil {
			return
		}
	}
}
