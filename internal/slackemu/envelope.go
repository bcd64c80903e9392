package slackemu

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// sent is the result of sending an envelope.
type sent struct {
	id  string
	ack json.RawMessage // the payload of the acknowledgement, or nil.
	err error           // errNoLink or errTooLate.
}

// dispatch sends an envelope and waits up to 3 s for its acknowledgement. The caller must not
// hold the lock.
func (s *Server) dispatch(ctx context.Context, kind string, accepts bool, payload object) sent {
	e := envelope{Type: kind, EnvelopeID: newUUID(), Accepts: accepts, Payload: payload}
	return s.transmit(ctx, e, e)
}

func (s *Server) transmit(ctx context.Context, e envelope, frame any) sent {
	began := time.Now()
	entry := object{"direction": "out", "envelope_id": e.EnvelopeID, "type": e.Type, "name": e.name(), "payload": e.Payload}
	if e.RetryAttempt != nil {
		entry["retry_attempt"] = *e.RetryAttempt
	}
	ack, err := s.hub.deliver(ctx, e.EnvelopeID, frame)
	entry["latency_ms"], entry["ok"] = milliseconds(time.Since(began)), err == nil
	if err != nil {
		entry["error"] = err.Error()
	}
	s.traffic.note("envelope", entry)
	s.changed()
	if kind := string(ack); kind == "null" || kind == "{}" {
		ack = nil
	}
	return sent{id: e.EnvelopeID, ack: ack, err: err}
}

// name says in a few words what an envelope is about.
func (e envelope) name() string {
	switch inner, _ := e.Payload["event"].(object); {
	case inner != nil:
		return e.Type + " " + asString(inner["type"])
	case e.Type == "interactive":
		return e.Type + " " + asString(e.Payload["type"])
	default:
		return e.Type
	}
}

// newUUID has the form Slack's envelope ids have.
func newUUID() string {
	x := secret()
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

// words is what people read when the app was not reached.
func (r sent) words(what string) string {
	if errors.Is(r.err, errNoLink) {
		return what + " failed because the app is not connected."
	}
	return what + " failed because the app did not answer within 3 seconds."
}

// eventRetries is how long Slack waits before each of the three repetitions of an event.
// Source: docs.slack.dev/apis/events-api.
var eventRetries = []time.Duration{0, time.Minute, 5 * time.Minute}

// event wraps an inner event for delivery. The caller holds the lock.
func (s *Server) event(inner object) object {
	s.ids++
	now := s.clock.Now()
	shared := false
	if id, ok := inner["channel"].(string); ok && s.channels[id] != nil {
		shared = s.channels[id].Shared
	}
	return object{
		"token": "emulator", "team_id": s.team.ID, "context_team_id": s.team.ID, "context_enterprise_id": nil, "api_app_id": s.app.ID,
		"event": inner, "type": "event_callback", "event_id": s.nextID("Ev"), "event_time": now.Unix(), "is_ext_shared_channel": shared,
		"authorizations": []object{{
			"enterprise_id": nil, "team_id": s.team.ID, "user_id": s.app.BotUser, "is_bot": true, "is_enterprise_install": false,
		}},
	}
}

// emit sends an event that the app subscribed to, in the background. The caller holds the lock.
func (s *Server) emit(inner object) {
	kind, _ := inner["type"].(string)
	if !slices.Contains(s.app.Events, kind) {
		return
	}
	payload := s.event(inner)
	s.start(func() {
		if first := s.sendEvent(s.ctx, payload, 0); first.err != nil {
			s.retryEvent(payload)
		}
	})
}

// sendEvent delivers an event once, or twice if that fault is set.
func (s *Server) sendEvent(ctx context.Context, payload object, attempt int) sent {
	e := envelope{Type: "events_api", EnvelopeID: newUUID(), RetryAttempt: &attempt, Payload: payload}
	reason := ""
	if attempt > 0 {
		reason = "timeout"
	}
	first := s.transmit(ctx, e, eventEnvelope{envelope: e, RetryReason: reason})
	if s.faults.double() {
		e.EnvelopeID = newUUID()
		s.transmit(ctx, e, eventEnvelope{envelope: e, RetryReason: reason})
	}
	return first
}

// maxRetrying bounds how many events wait to be repeated. Further events are lost, which Slack
// allows itself too.
const maxRetrying = 500

// retryEvent repeats an event that was not acknowledged: same event_id, new envelope.
func (s *Server) retryEvent(payload object) {
	if !s.countRetry(1) {
		return
	}
	defer s.countRetry(-1)
	for i, wait := range eventRetries {
		timer := time.NewTimer(time.Duration(float64(wait) / s.faults.clockFactor()))
		select {
		case <-timer.C:
		case <-s.ctx.Done():
			timer.Stop()
			return
		}
		if s.sendEvent(s.ctx, payload, i+1).err == nil {
			return
		}
	}
}

// countRetry changes the number of waiting events. It returns false if the number may not grow.
func (s *Server) countRetry(by int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if by > 0 && s.retrying >= maxRetrying {
		return false
	}
	s.retrying += by
	return true
}
