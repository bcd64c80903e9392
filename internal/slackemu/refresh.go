package slackemu

import (
	"slices"
	"time"
)

// warnAhead is how long after the warning a connection gets the request to disconnect. Slack
// warns about ten seconds ahead; here it is less, to save time.
const warnAhead = 2 * time.Second

// Which connections a disconnect is for.
const (
	linksInTurn = "in_turn"
	linksOne    = "one"
	linksAll    = "all"
)

// disconnect asks connections to disconnect and returns how many. A refresh comes as from Slack:
// one connection at a time, with a warning first, so that an app with two connections always has
// one. "one" refreshes only the oldest. "all" ends all at the same moment, which Slack does not
// do. A warning alone ends nothing. Every other reason applies to all connections.
func (s *Server) disconnect(reason, which string) int {
	links := s.hub.inUse()
	switch {
	case reason == "warning":
		for _, l := range links {
			l.send(frame{data: mustJSON(disconnect(reason))})
		}
	case reason != "refresh_requested" || which == linksAll:
		for _, l := range links {
			s.hub.retire(l, reason)
		}
	default:
		if which == linksOne {
			links = links[:min(1, len(links))]
		}
		s.start(func() { replace(links) })
	}
	return len(links)
}

// replace refreshes connections in turn. It waits between one connection and the next, so that a
// successor can open: apps may disconnect already at the warning.
func replace(links []*link) {
	for i, l := range links {
		if i > 0 {
			l.wait(warnAhead)
		}
		l.send(frame{data: mustJSON(disconnect("warning"))})
		l.wait(warnAhead)
		l.hub.retire(l, "refresh_requested")
		l.wait(graceOfLink)
	}
}

// wait returns after some time, or as soon as the link is closed.
func (l *link) wait(limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.done:
	}
}

// inUse are the connections that envelopes go to, oldest first.
func (h *hub) inUse() []*link {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(h.links), func(l *link) bool { return !l.open })
}
