package slackemu

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"
)

// envelope is a frame from Slack to the app.
type envelope struct {
	Type         string `json:"type"`
	EnvelopeID   string `json:"envelope_id"`
	Accepts      bool   `json:"accepts_response_payload"`
	RetryAttempt *int   `json:"retry_attempt,omitempty"`
	RetryReason  string `json:"retry_reason,omitempty"`
	Payload      object `json:"payload"`
}

// eventEnvelope is an envelope that always contains the retry fields.
type eventEnvelope struct {
	envelope
	RetryReason string `json:"retry_reason"`
}

// delivery is an envelope that waits for its acknowledgement.
type delivery struct {
	link *link
	sent time.Time // when it was sent, or queued while it is not sent; guarded by hub.mu
	ack  chan json.RawMessage
}

// deliver sends an envelope to any open connection and waits for the acknowledgement. It returns
// the payload of the ack, or errNoLink or errTooLate.
func (h *hub) deliver(ctx context.Context, id string, message any) (json.RawMessage, error) {
	data, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	d, ok := h.begin(id, data)
	if !ok {
		h.end(id, false)
		return nil, errNoLink
	}
	timer := time.NewTimer(ackLimit)
	defer timer.Stop()
	select {
	case payload := <-d.ack:
		h.end(id, false)
		return payload, nil
	case <-timer.C:
	case <-ctx.Done():
	}
	h.end(id, true)
	return nil, errTooLate
}

// begin picks the connection for an envelope and queues it there. The choice is random, as with
// Slack.
func (h *hub) begin(id string, data []byte) (*delivery, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var open []*link
	for _, l := range h.links {
		if l.open {
			open = append(open, l)
		}
	}
	if len(open) == 0 {
		return nil, false
	}
	d := &delivery{link: open[rand.IntN(len(open))], sent: time.Now(), ack: make(chan json.RawMessage, 1)}
	h.pending[id] = d
	return d, d.link.send(frame{data: data, waiting: d})
}

// leaves notes when an envelope is sent. The time until its acknowledgement is measured from
// there, so that a delay in the emulator's own queue does not count against the app.
func (h *hub) leaves(d *delivery, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d.sent = at
}

func (h *hub) end(id string, late bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d, ok := h.pending[id]; ok && late {
		h.forgetLate()
		h.late[id] = d.sent
	}
	delete(h.pending, id)
}

// forgetLate bounds how many envelopes that nobody waits for are remembered.
func (h *hub) forgetLate() {
	for id, sent := range h.late {
		if time.Since(sent) > 10*time.Minute || len(h.late) > 1_000 {
			delete(h.late, id)
		}
	}
}

// acked handles an acknowledgement that arrived over a link at the given time.
func (h *hub) acked(from *link, id string, payload json.RawMessage, at time.Time) (latency time.Duration, note string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if sent, ok := h.late[id]; ok {
		return at.Sub(sent), "came after 3 s"
	}
	d, ok := h.pending[id]
	if !ok {
		return 0, "no such envelope is waiting"
	}
	select {
	case d.ack <- payload:
	default:
		return at.Sub(d.sent), "came a second time"
	}
	if d.link != from {
		note = "came over another connection"
	}
	return at.Sub(d.sent), note
}
