package crash

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
)

var restarts = flag.Int("crash.restarts", 4, "how many restarts TestRollingRestarts makes")

const (
	// commandEvery and clickEvery are the pace of the people during the restarts; nobody
	// types in step with anything.
	commandEvery = 100 * time.Millisecond
	clickEvery   = 2 * time.Second
	// readEvery is how often people read what they were answered: the emulator keeps a
	// channel's newest messages only.
	readEvery = time.Second
	// missPerRestart is how many commands may meet a closing socket and have no
	// acknowledgement, per restart.
	missPerRestart = 0.1
	// rest is between one restart and the next.
	rest = 2 * time.Second
)

// TestRollingRestarts stops and starts two replicas in turn, as a rolling update does,
// while people type commands and press buttons all the time. Every command is answered
// exactly once, and every button does once what it says.
//
// Slack cannot be told to stop sending. What it sends in the very moment a socket closes
// is acted on like the rest, but can have no acknowledgement, and Slack tells the person so;
// these few are counted, and missPerRestart bounds them.
func TestRollingRestarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	replicas := []*replica{w.start(), w.start()}
	crowd := newCrowd(w)
	began, slowest := time.Now(), time.Duration(0)
	pace := time.NewTicker(rest)
	defer pace.Stop()
	for i := range *restarts {
		<-pace.C
		stopping := time.Now()
		replicas[i%2].stop(t)
		slowest = max(slowest, time.Since(stopping))
		replicas[i%2] = w.start()
	}
	took := time.Since(began)
	crowd.leave()
	t.Logf("%d restarts in %.0f s, the slowest stop %.1f s: %s", *restarts, took.Seconds(), slowest.Seconds(), crowd)
	crowd.wantAllAnswered()
}

// crowd are people who type and click until they leave.
type crowd struct {
	w    *world
	stop context.CancelFunc
	done sync.WaitGroup

	mu      sync.Mutex
	asked   map[string]string          // who asked, by word.
	answers map[string]map[string]bool // the answers' timestamps, by word.
	clicks  int
	// missed are those that Slack had no acknowledgement for, and told the person so. They
	// have to be answered all the same.
	missed map[string]bool
	lost   []string
}

func newCrowd(w *world) *crowd {
	ctx, stop := context.WithCancel(w.Context())
	c := &crowd{w: w, stop: stop, asked: map[string]string{}, answers: map[string]map[string]bool{}, missed: map[string]bool{}}
	w.Cleanup(func() { stop(); c.done.Wait() })
	c.every(ctx, commandEvery, c.ask)
	c.every(ctx, readEvery, func(int) { c.read() })
	c.every(ctx, clickEvery, c.decide)
	return c
}

// every does something again and again, each time in a goroutine of its own.
func (c *crowd) every(ctx context.Context, pause time.Duration, do func(n int)) {
	c.done.Go(func() {
		for n := 0; ; n++ {
			timer := time.NewTimer(pause/2 + rand.N(pause))
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C:
				c.done.Go(func() { do(n) })
			}
		}
	})
}

// ask types a command whose answer repeats a word that nobody else uses.
func (c *crowd) ask(n int) {
	who, word := []string{ana, ben, carl}[n%3], fmt.Sprintf("qqx%05d", n)
	c.mu.Lock()
	c.asked[word] = who
	c.mu.Unlock()
	if err := c.w.slash(who, general, word); err != nil {
		_ = c.miss(word, err)
	}
}

// miss notes what had no acknowledgement; anything else that failed is lost, and false.
func (c *crowd) miss(what string, err error) bool {
	if !strings.Contains(err.Error(), "operation_timeout") {
		c.lose("%s: %v", what, err)
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.missed[what] = true
	return true
}

func (c *crowd) lose(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost = append(c.lost, fmt.Sprintf("%s "+format, append([]any{time.Now().UTC().Format("15:04:05.000")}, args...)...))
}

var unique = regexp.MustCompile(`qqx\d{5}`)

// read notes which answers people see.
func (c *crowd) read() {
	for _, who := range []string{ana, ben, carl} {
		for _, m := range c.w.messages(general, who) {
			word := unique.FindString(m.Text)
			if word == "" || !m.Private || strings.HasPrefix(m.Text, "/scale") {
				continue
			}
			c.mu.Lock()
			if c.answers[word] == nil {
				c.answers[word] = map[string]bool{}
			}
			c.answers[word][m.TS] = true
			c.mu.Unlock()
		}
	}
}

// decide asks for a change, waits for its card, declines it, and waits until that is
// stored and seen.
func (c *crowd) decide(n int) {
	reason := fmt.Sprintf("wish%05d", n)
	if err := c.w.slash([]string{ana, ben, carl}[n%3], incident, "event-ingester 4 because "+reason); err != nil && !c.miss(reason, err) {
		return
	}
	find := func() []message {
		var found []message
		for _, m := range c.w.messages(incident, ana) {
			if m.top() && m.says(reason) {
				found = append(found, m)
			}
		}
		return found
	}
	if !c.eventually(func() bool { return len(find()) == 1 }) {
		c.lose("wish %s has %d cards", reason, len(find()))
		return
	}
	card := find()[0]
	id := regexp.MustCompile(`event-ingester-\d+`).FindString(string(card.Blocks))
	if err := c.w.press(ben, card, "decline"); err != nil && c.w.operation(id).State() != ledger.Replaced && !c.miss("click on "+id, err) {
		return
	}
	right := func() bool {
		cards := find()
		// A newer wish may have replaced it first.
		return len(cards) == 1 && cards[0].says("nothing was changed") && c.w.operation(id).State().Final()
	}
	if !c.eventually(right) {
		c.lose("click on %s: the operation is %s and has %d cards", id, c.w.operation(id).State(), len(find()))
	}
	ends := 0
	for _, e := range c.w.operation(id).Events {
		if e.State == ledger.Declined || e.State == ledger.Replaced {
			ends++
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.clicks++; ends != 1 {
		c.lost = append(c.lost, fmt.Sprintf("%s ended %d times", id, ends))
	}
}

// eventually waits as long as it may take until a card is shown again by another replica.
func (c *crowd) eventually(so func() bool) bool {
	deadline, tick := time.NewTimer(takeover), time.NewTicker(4*glance)
	defer deadline.Stop()
	defer tick.Stop()
	for !so() {
		select {
		case <-deadline.C:
			return so()
		case <-tick.C:
		}
	}
	return true
}

// leave ends the asking and waits until what was asked is answered.
func (c *crowd) leave() {
	c.stop()
	c.done.Wait()
	c.eventually(func() bool { c.read(); missing, _ := c.count(); return missing == 0 })
}

// count is how many commands have no answer, and how many more than one.
func (c *crowd) count() (missing, double int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for word := range c.asked {
		switch n := len(c.answers[word]); {
		case n == 0:
			missing++
		case n > 1:
			double++
		}
	}
	return missing, double
}

func (c *crowd) String() string {
	missing, double := c.count()
	return fmt.Sprintf("%d commands, %d not acknowledged, %d not answered, %d answered twice; %d clicks; %d lost",
		len(c.asked), len(c.missed), missing, double, c.clicks, len(c.lost))
}

func (c *crowd) wantAllAnswered() {
	c.w.Helper()
	if missing, double := c.count(); missing > 0 || double > 0 || len(c.asked) == 0 || c.clicks == 0 {
		c.w.Errorf("%s; want every command answered exactly once", c)
	}
	if most := 1 + int(missPerRestart*float64(*restarts)); len(c.missed) > most {
		c.w.Errorf("%d had no acknowledgement, want at most %d", len(c.missed), most)
	}
	for _, l := range c.lost {
		c.w.Errorf("lost: %s", l)
	}
}
