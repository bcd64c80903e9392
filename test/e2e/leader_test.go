package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/scalebot/scalebot/test/e2e/world"
)

// attempts is how often an operation may overtake the one who wants to kill the leader in time.
const attempts = 4

// TestTheLeaderIsKilled kills the leader twice in the life of one operation: between approval and effect, and between effect and report. The
// other replica takes over each time, and everything happens once.
func TestTheLeaderIsKilled(t *testing.T) {
	byHand(t, "event-ingester", 3)
	var card message
	var id string
	to := 4
	for try := 1; ; try++ {
		leader, _ := pair(t)
		card = ask(t, carl, fmt.Sprintf("event-ingester %d", to))
		id = operation(t, card, "event-ingester")
		before := generation(t, "event-ingester")
		seen := when(t, id, "approved", func() { kill(leader) })
		click(t, ben, card, "approve")
		states := <-seen
		<-leader.Gone()
		after := generation(t, "event-ingester")
		if before == after && stateOf(t, id) != "settling" {
			t.Logf("killed with the operation at %v and nothing written", states)
			break
		}
		if try == attempts {
			t.Fatalf("the leader was faster than the kill %d times", try)
		}
		to = 7 - to // The other one of 3 and 4.
		becomes(t, id, "watching")
	}
	began := time.Now()
	before := generation(t, "event-ingester")
	scaled(t, "event-ingester", to)
	t.Logf("the other replica took over and had it done %v after the kill", time.Since(began).Round(time.Second))
	becomes(t, id, "watching")
	if after := generation(t, "event-ingester"); after != before+1 {
		t.Errorf("the Deployment was changed %d times, want once", after-before)
	}

	leader, _ := pair(t)
	kill(leader)
	<-leader.Gone()
	pair(t)
	see(t, 2*soon, "the report of the new leader", inThread(card.ts), saying("*60 s after scaling"))
	all := messages(t, carl)
	if n := len(only(all, saying("*60 s after scaling"), inThread(card.ts))); n != 1 {
		t.Errorf("got %d reports after 60 s, want one", n)
	}
	if n := len(only(all, inChannel, saying("· "+id))); n != 1 {
		t.Errorf("got %d cards, want one", n)
	}
	if after := generation(t, "event-ingester"); after != before+1 {
		t.Errorf("the Deployment was changed %d times in all, want once", after-before)
	}
}

func kill(bot *world.Bot) { _ = bot.Signal(syscall.SIGKILL) }

// generation counts how often the wanted state of a Deployment was changed.
func generation(t *testing.T, deployment string) int {
	t.Helper()
	n, err := strconv.Atoi(kubectl(t, "get", "deployment", deployment, "-o", "jsonpath={.metadata.generation}"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A leader that is asked to end hands over at once, and does not make people wait until its lease runs out.
func TestTheLeaderIsAskedToEnd(t *testing.T) {
	leader, other := pair(t)
	began := time.Now()
	if err := leader.Stop(30 * time.Second); err != nil {
		t.Fatal(err)
	}
	left := time.Now()
	fleet = slices.DeleteFunc(fleet, gone)
	until(t, soon, "the other one to lead", func(ctx context.Context) error {
		leading, err := other.Metric(ctx, "scalebot_leading")
		if err == nil && leading != 1 {
			err = errors.New("it does not lead")
		}
		return err
	})
	took := time.Since(left)
	t.Logf("ended within %v, and the other one led %v later", left.Sub(began).Round(time.Millisecond), took.Round(time.Millisecond))
	if took > 6*time.Second {
		t.Errorf("the other one led after %v, want a handover and not an expiry of 15 s", took)
	}
}
