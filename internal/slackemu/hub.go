package slackemu

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// Protocol numbers of Socket Mode. Source: docs.slack.dev/apis/events-api/using-socket-mode.
const (
	maxLinks   = 10               // connections of one app.
	ackLimit   = 3 * time.Second  // to acknowledge an envelope.
	pingEvery  = 10 * time.Second // the real interval is not published.
	ticketLife = 30 * time.Second
	maxAck     = 20_480 // bytes; Slack drops larger acknowledgements silently.
	maxTickets = 200
	linkLife   = 18_060 * time.Second
	debugLife  = 360 * time.Second // with debug_reconnects=true in the address.
)

// Reasons why an envelope was not acknowledged, with Slack's names.
var (
	errNoLink  = errors.New("dispatch_failed")
	errTooLate = errors.New("operation_timeout")
)

// hub holds the Socket Mode connections of the app and the envelopes in flight.
type hub struct {
	server *Server

	mu      sync.Mutex // guards everything below; never held across I/O.
	tickets map[string]time.Time
	links   []*link
	pending map[string]*delivery
	late    map[string]time.Time // envelopes that timed out, to tell a late ack from an unknown one
	nextNo  int
	closed  bool
}

func newHub(s *Server) *hub {
	return &hub{server: s, tickets: map[string]time.Time{}, pending: map[string]*delivery{}, late: map[string]time.Time{}}
}

// newTicket makes the single-use key that opens one connection.
func (h *hub) newTicket() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for ticket, expires := range h.tickets {
		if now.After(expires) || len(h.tickets) >= maxTickets {
			delete(h.tickets, ticket)
		}
	}
	ticket := secret()
	h.tickets[ticket] = now.Add(ticketLife)
	return ticket
}

func (h *hub) redeem(ticket string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	expires, ok := h.tickets[ticket]
	delete(h.tickets, ticket)
	return ok && time.Now().Before(expires)
}

// admit makes room for a connection and refuses an eleventh. It returns how many there are.
func (h *hub) admit(l *link) (int, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.links) >= maxLinks {
		return len(h.links), false
	}
	h.nextNo++
	l.no = h.nextNo
	h.links = append(h.links, l)
	return len(h.links), true
}

func (h *hub) leave(l *link) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.links = slices.DeleteFunc(h.links, func(other *link) bool { return other == l })
}

func (h *hub) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, l := range h.links {
		if l.open {
			n++
		}
	}
	return n
}

// opened lets envelopes go to a link after its hello.
func (h *hub) opened(l *link) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l.open = true
}

// avoid sends no more envelopes to a link.
func (h *hub) avoid(l *link) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l.open = false
}

// retire ends a connection as Slack does: it sends no more envelopes there, and then asks the app
// to reconnect.
func (h *hub) retire(l *link, reason string) {
	h.avoid(l)
	l.farewell(reason)
}

func (h *hub) closeAll() {
	h.mu.Lock()
	h.closed = true
	links := slices.Clone(h.links)
	for _, l := range links {
		l.open = false
	}
	h.mu.Unlock()
	for _, l := range links {
		l.close()
	}
}

// drop cuts every connection without a close frame. It returns how many there were.
func (h *hub) drop() int {
	h.mu.Lock()
	links := slices.Clone(h.links)
	h.mu.Unlock()
	for _, l := range links {
		l.close()
	}
	return len(links)
}
