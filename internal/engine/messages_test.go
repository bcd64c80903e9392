package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/scale"
)

func newTestMessages() *messages {
	return newMessages(pace.Clock{}, slog.New(slog.DiscardHandler))
}

// Version 1 of a card was shown, and then something happens to the card. Version 2 is shown at
// the right time, version 1 is not shown again without need, and an earlier post is searched if
// one may exist.
func TestWhatIsKnownOfAMessage(t *testing.T) {
	const id = "download-worker-1"
	failed := func(m *messages, version string, err error) { m.notShown(context.Background(), id, version, err) }
	throttled := &scale.Fault{Kind: scale.FaultThrottled, After: 5 * time.Second}
	rejected := &scale.Fault{Kind: scale.FaultRejected}
	for _, c := range []struct {
		name   string
		after  func(*messages)
		due    [2]bool // versions 1 and 2, at once
		later  [2]bool // the same ten seconds later
		search bool    // whether an earlier post is searched
	}{
		{"nothing was tried", func(*messages) {}, [2]bool{true, true}, [2]bool{true, true}, false},
		{"it was shown", func(m *messages) { m.shown(id, "1") }, [2]bool{false, true}, [2]bool{false, true}, false},
		{"the first attempt failed", func(m *messages) { failed(m, "1", throttled) }, [2]bool{false, false}, [2]bool{true, true}, true},
		{"the next version failed", func(m *messages) { m.shown(id, "1"); failed(m, "2", throttled) }, [2]bool{false, false}, [2]bool{false, true}, true},
		{"the next version was refused", func(m *messages) { m.shown(id, "1"); failed(m, "2", rejected) }, [2]bool{true, false}, [2]bool{true, false}, true},
		{"the caller gave up", func(m *messages) { failed(m, "1", context.Canceled) }, [2]bool{true, true}, [2]bool{true, true}, true},
		{"it was shown after a failure", func(m *messages) { failed(m, "1", throttled); m.shown(id, "1") }, [2]bool{false, true}, [2]bool{false, true}, false},
		{"another has led", func(m *messages) { m.shown(id, "1"); m.distrustAll() }, [2]bool{true, true}, [2]bool{true, true}, true},
		{"another has led, and nothing was tried", func(m *messages) { m.created(id); m.distrustAll() }, [2]bool{true, true}, [2]bool{true, true}, false},
		{"it ended a while ago", func(m *messages) { m.shown(id, "1"); m.repeat(id) }, [2]bool{true, true}, [2]bool{true, true}, true},
		{"it was repeated already", func(m *messages) { m.repeat(id); m.shown(id, "1"); m.repeat(id) }, [2]bool{false, true}, [2]bool{false, true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newTestMessages()
				c.after(m)
				if got := [2]bool{m.due(id, "1"), m.due(id, "2")}; got != c.due {
					t.Errorf("at once: got due %v, want %v", got, c.due)
				}
				if got := m.failed(id); got != c.search {
					t.Errorf("an earlier post is searched: got %v, want %v", got, c.search)
				}
				time.Sleep(10 * time.Second)
				if got := [2]bool{m.due(id, "1"), m.due(id, "2")}; got != c.later {
					t.Errorf("ten seconds later: got due %v, want %v", got, c.later)
				}
			})
		})
	}
}

// A replica may post the card of an operation that it created or tried to show before. Only at
// its first attempt is it certain that there is no card.
func TestWhoMayPostACard(t *testing.T) {
	m := newTestMessages()
	m.created("made here")
	m.notShown(t.Context(), "tried here", "1", errors.New("no answer"))
	m.repeat("ended elsewhere")
	for _, c := range []struct {
		id          string
		mine, first bool
	}{
		{"made here", true, true}, {"made here", true, false}, {"tried here", true, false}, {"ended elsewhere", false, false}, {"unheard of", false, false},
	} {
		if mine, first := m.begin(c.id); mine != c.mine || first != c.first {
			t.Errorf("%s: got mine %v and first %v, want %v and %v", c.id, mine, first, c.mine, c.first)
		}
	}
}

// A version that this process has just stored need not be read again before it is shown, until a
// version was shown, another one was stored, or another replica has led.
func TestWhatWasJustWritten(t *testing.T) {
	for name, after := range map[string]func(*messages){
		"shown":           func(m *messages) { m.shown("a", "0") },
		"not shown":       func(m *messages) { m.notShown(context.Background(), "a", "1", errors.New("no answer")) },
		"stored again":    func(m *messages) { m.written("a", "2") },
		"another has led": func(m *messages) { m.distrustAll() },
	} {
		m := newTestMessages()
		m.written("a", "1")
		if !m.justWritten("a", "1") || m.justWritten("a", "0") || m.justWritten("b", "") {
			t.Errorf("%s: want version 1 of a, and nothing else, as what was just stored", name)
		}
		if after(m); m.justWritten("a", "1") {
			t.Errorf("%s: version 1 still counts as just stored", name)
		}
	}
}

// The memory of messages is bounded. Messages with work left to do are forgotten last.
func TestTheMemoryOfMessagesIsBounded(t *testing.T) {
	m := newTestMessages()
	m.created("to be posted")
	m.compareLater("to be compared", func(context.Context) {})
	for i := range 3 * maxMessages {
		m.shown(fmt.Sprint(i), "1")
	}
	if len(m.of) > maxMessages {
		t.Errorf("got %d messages, want at most %d", len(m.of), maxMessages)
	}
	if mine, first := m.begin("to be posted"); !mine || !first {
		t.Error("it is forgotten that the card of a new operation is not posted yet")
	}
	if m.takeComparison("to be compared") == nil {
		t.Error("a comparison is forgotten")
	}
	for i := range 2 * maxMessages {
		m.created(fmt.Sprint("new ", i))
	}
	if len(m.of) > maxMessages {
		t.Errorf("got %d messages with something left to do, want at most %d", len(m.of), maxMessages)
	}
}
