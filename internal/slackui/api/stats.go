package api

import (
	"maps"
	"sync"
	"time"
)

// Failure names a kind of failed Web API call.
type Failure struct {
	// Method is Slack's, such as "chat.update"; Kind a scale.FaultKind.
	Method, Kind string
}

// Stats are counts since the start, for the bot's own metrics.
type Stats struct {
	// Failures counts failed Web API calls.
	Failures map[Failure]uint64
	// Envelopes counts what came over the sockets by type; Duplicates those seen
	// before; Overflow those refused because the bot was busy; Malformed those that
	// could not be read.
	Envelopes                       map[string]uint64
	Duplicates, Overflow, Malformed uint64
	// Connects counts socket connections made, the first included; LostAcks acks that
	// could not be written.
	Connects, LostAcks uint64
	// Acks counts acknowledged envelopes, AckTotal the time from receiving an
	// envelope to queueing its ack, AckWorst the longest.
	Acks               uint64
	AckTotal, AckWorst time.Duration
	// Open is how many sockets are past their hello now.
	Open int
	// Posts, Edits and Coalesced count messages posted, edits sent, and edits that a
	// newer one replaced before they were sent.
	Posts, Edits, Coalesced uint64
}

// counters holds Stats behind a mutex. It calls nothing while it holds the mutex.
type counters struct {
	mu sync.Mutex
	s  Stats
}

func (c *counters) Add(change func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.s)
}

func (c *counters) Failed(method, kind string) {
	c.Add(func(s *Stats) {
		if s.Failures == nil {
			s.Failures = map[Failure]uint64{}
		}
		s.Failures[Failure{method, kind}]++
	})
}

// kindsMost bounds the types of envelopes that are counted separately, because Slack chooses
// the names.
const kindsMost = 32

func (c *counters) Received(kind string) {
	c.Add(func(s *Stats) {
		if s.Envelopes == nil {
			s.Envelopes = map[string]uint64{}
		}
		if _, known := s.Envelopes[kind]; !known && len(s.Envelopes) >= kindsMost {
			kind = "other"
		}
		s.Envelopes[kind]++
	})
}

func (c *counters) Acked(took time.Duration) {
	c.Add(func(s *Stats) {
		s.Acks++
		s.AckTotal += took
		s.AckWorst = max(s.AckWorst, took)
	})
}

// Stats returns the counts so far.
func (c *Client) Stats() Stats {
	c.Count.mu.Lock()
	defer c.Count.mu.Unlock()
	s := c.Count.s
	s.Failures, s.Envelopes = maps.Clone(s.Failures), maps.Clone(s.Envelopes)
	return s
}
