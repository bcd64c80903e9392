package inbox

import (
	"sync"
	"testing"
	"time"
)

// Commands that keep coming during a stop are taken: the sockets close when nobody types,
// and not in the middle of it (issue 3, rolling update).
func TestTheSocketsCloseWhenNobodyTypes(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.stop()
		stopped := time.Now()
		var people sync.WaitGroup
		for range 16 {
			people.Go(func() { r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "help"}) })
			time.Sleep(quietTime / 2)
		}
		people.Wait()
		if err := <-r.ended; err != nil {
			t.Errorf("the listener ended with %v", err)
		}
		r.ended <- nil // for the end of the room.
		if got := len(r.heard()); got != 16 {
			t.Errorf("%d of 16 commands were taken", got)
		}
		if took := time.Since(stopped); took > 16*quietTime/2+quietTime {
			t.Errorf("stopping took %v, want that it ends soon after the last command", took)
		}
	})
}

// Somebody who never stops typing does not keep the bot from stopping.
func TestTheSocketsCloseInTheEnd(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.stop()
		stopped, over := time.Now(), make(chan time.Duration, 1)
		go func() {
			if err := <-r.ended; err != nil {
				t.Errorf("the listener ended with %v", err)
			}
			over <- time.Since(stopped)
			r.ended <- nil // for the end of the room.
		}()
		for len(over) == 0 {
			r.does("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "help"})
			time.Sleep(quietTime / 2)
		}
		if took := <-over; took > quietMost+lastWords+2*quietTime {
			t.Errorf("stopping took %v, want at most %v", took, quietMost+lastWords)
		}
	})
}
