package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/scalebot/scalebot/test/e2e/world"
)

// fleet are the replicas of the bot that live; started counts all that ever did, for their names.
var (
	fleet   []*world.Bot
	started int
)

// pair makes sure that two replicas live and one of them leads, and returns them.
func pair(t testing.TB) (leader, other *world.Bot) {
	t.Helper()
	fleet = slices.DeleteFunc(fleet, gone)
	for len(fleet) < 2 {
		started++
		bot, err := real.StartBot(t.Context(), fmt.Sprintf("bot-%d", started))
		if err != nil {
			t.Fatal(err)
		}
		fleet = append(fleet, bot)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, bot := range fleet {
				t.Logf("the log of process %d ends:\n%s", bot.Pid(), bot.Tail(40))
			}
		}
	})
	until(t, soon, "a leader", func(ctx context.Context) error {
		for i, bot := range fleet {
			if leading, err := bot.Metric(ctx, "scalebot_leading"); err == nil && leading == 1 {
				leader, other = bot, fleet[1-i]
				return nil
			}
		}
		return errors.New("nobody leads")
	})
	return leader, other
}

func gone(bot *world.Bot) bool {
	select {
	case <-bot.Gone():
		return true
	default:
		return false
	}
}
