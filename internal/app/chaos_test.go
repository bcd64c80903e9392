package app_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/pace"
)

var (
	chaosSeeds = flag.Int("chaos.seeds", 2, "how many seeds TestChaos plays")
	chaosSeed  = flag.Uint64("chaos.seed", 1, "the seed TestChaos begins with; it is played with the whole log when it is the only one")
)

func clockAhead(d time.Duration) pace.Clock { return pace.Clock{}.Ahead(d) }

// TestMain lets the collector rest: memory is not what these tests are short of.
func TestMain(m *testing.M) {
	debug.SetGCPercent(500)
	os.Exit(m.Run())
}

// TestChaos plays many seeds: one to three replicas of the whole bot against a Slack, a
// Kafka and a cluster in memory, with people and faults made up by the seed, in virtual
// time. Every write is held against the invariants at the instant it is carried out, and
// the end against those of the end. docs/chaos.md has
// the rest.
func TestChaos(t *testing.T) {
	sum := &tally{}
	t.Cleanup(func() { t.Log(sum) })
	for seed := *chaosSeed; seed < *chaosSeed+uint64(*chaosSeeds); seed++ {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			t.Parallel()
			play(t, seed, sum)
		})
	}
}

// play plays one seed in a bubble of its own.
func play(t *testing.T, seed uint64, sum *tally) {
	s := newScript(seed)
	synctest.Test(t, func(t *testing.T) {
		w := newChaosWorld(t, s)
		w.play(s)
		w.check()
		w.close()
		sum.add(w)
		if len(w.ledger.violations) > 0 {
			t.Errorf("%s\n%s\n%s\nreplay: go test ./internal/app -run TestChaos -chaos.seeds=1 -chaos.seed=%d",
				strings.Join(w.ledger.violations, "\n"), s, w.diary, seed)
		}
	})
}

// play plays the script, lets the faults end, and waits until everything has to be done.
func (w *chaosWorld) play(s *script) {
	random := rand.New(rand.NewPCG(s.seed, 2))
	for i := range s.replicas {
		r := &replica{world: w, name: fmt.Sprintf("scalebot-%d", i+1), skew: s.skews[i], random: rand.New(rand.NewPCG(s.seed, uint64(i)+3))}
		w.replicas = append(w.replicas, r)
		r.start()
	}
	for _, one := range s.steps {
		time.Sleep(time.Until(w.began.Add(one.at)))
		w.diary.note("— %s", one.what)
		one.do(w)
	}
	time.Sleep(time.Until(w.began.Add(chaosTo + 10*time.Second)))
	w.diary.note("— the faults end")
	for _, r := range w.replicas {
		r.start()
		r.with((*line).heal)
	}
	time.Sleep(time.Minute)
	// One replica stays: the others would cost much and could do nothing.
	stays := random.IntN(len(w.replicas))
	for i, r := range w.replicas {
		if i != stays {
			w.diary.note("— %s goes", r.name)
			r.quit()
		}
	}
	if s.hours {
		time.Sleep(2*time.Hour + 10*time.Minute)
	} else {
		w.settle(16 * time.Minute)
	}
	w.people.Wait()
	w.diary.note("— the end")
	w.replicas[stays].quit()
}

// settle waits until every operation has been final for three minutes, in which nothing
// may happen twice; at most until everything has to be final. Slack may deliver a mention
// for the last time five minutes late, and it begins an operation then.
func (w *chaosWorld) settle(most time.Duration) {
	const step = 30 * time.Second
	end := time.Now().Add(most + 3*time.Minute)
	for calm := time.Duration(0); calm < 3*time.Minute && time.Now().Before(end); calm += step {
		time.Sleep(step)
		if !w.ledger.final() {
			calm = 0
		}
	}
}

// acts lets a person use the emulator, aside: Slack waits for the bot's ack.
func (w *chaosWorld) acts(path string, body map[string]any) {
	w.people.Go(func() {
		answer := w.control(path, body)
		if answer["ok"] != true {
			w.diary.note("%s %v: %v", path, body["user"], answer["error"])
		}
	})
}

// clicks has people press a button at once, each on the newest card that offers it.
func (w *chaosWorld) clicks(action string, users ...string) {
	for _, user := range users {
		seen := w.shown("C0INCIDENT", user)
		for i := len(seen) - 1; i >= 0; i-- {
			if strings.Contains(string(seen[i].Blocks), `"action_id":"`+action+`"`) {
				w.acts("click", map[string]any{"user": user, "channel": "C0INCIDENT", "ts": seen[i].TS, "action_id": action})
				break
			}
		}
	}
}

// floods changes a component's lag, aside.
func (w *chaosWorld) floods(component string, n int64) {
	w.people.Go(func() {
		if err := w.stream.backlog(w.Context(), component, n); err != nil {
			w.ledger.violated("the lag could not be made: %v", err)
		}
	})
}
