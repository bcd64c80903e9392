package inbox

import (
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/slackui/api"
)

const (
	// rememberFor is how long a delivery is remembered; Slack's last retry comes after
	// five minutes, and an hour covers a client that replays.
	rememberFor = time.Hour
	// rememberMost bounds the memory; Slack caps events at 30,000 an hour.
	rememberMost = 32768
)

// dedupe recognises repeated deliveries: Slack delivers at least once, and two sockets may each
// get a copy.
type dedupe struct {
	mu   sync.Mutex
	seen *api.Recent[string, time.Time]
}

func newDedupe() *dedupe { return &dedupe{seen: api.NewRecent[string, time.Time](rememberMost)} }

// first reports whether the key was not seen within rememberFor, and remembers it.
func (d *dedupe) first(key string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok := d.seen.Get(key)
	if ok && time.Since(at) < rememberFor {
		return false
	}
	d.seen.Drop(key)
	d.seen.Put(key, time.Now())
	return true
}

// forget makes the key new again, because the bot refused its delivery and Slack will send it
// again.
func (d *dedupe) forget(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen.Drop(key)
}
