package slackemu

import (
	"slices"
	"time"
)

// warnAhead is how long after the warning a connection is asked to go. Slack warns about
// ten seconds ahead; nobody has to wait that long here.
const warnAhead = 2 * time.Second

// Which connections a disconnect is for.
const (
	linksInTurn = "in_turn"
	linksOne    = "one"
	linksAll    = "all"
)

// disconnect tells connections to go and returns how many. A refresh comes the way Slack
// does it: one connection at a time, with a warning first, so that an app with two of
// them is never without one. "one" refreshes the oldest only; "all" ends all at the same
// moment, which is ruder than Slack. A warning alone ends nothing, and every other reason
// is for all.
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

// replace refreshes connections in turn. The next one is left alone for a while after the
// one before has gone, so that a successor can open: apps may go at the warning already.
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
