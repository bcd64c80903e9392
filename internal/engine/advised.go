package engine

import (
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/scale"
)

// advisedFor is how long a recommended count is held against a lower count that is only just
// enough.
const advisedFor = 10 * time.Minute

// advised remembers the last recommendation for each component, so that an alert does not
// alternate between two counts.
type advised struct {
	mu    sync.Mutex
	newly map[string]recommended
}

type recommended struct {
	from, to int
	at       time.Time
}

// recall returns the count that was recommended recently for the present number of workers, or 0
// when there is none.
func (a *advised) recall(now scale.Snapshot) int {
	replicas, known := now.Replicas()
	a.mu.Lock()
	defer a.mu.Unlock()
	last := a.newly[now.Component]
	if !known || last.from != replicas || now.At.Sub(last.at) > advisedFor {
		return 0
	}
	return last.to
}

// note remembers a recommendation to scale up. It holds one entry per component.
func (a *advised) note(now scale.Snapshot, judged judge.Judgement) {
	advice := judged.Advice()
	if advice.Action != scale.ScaleUp {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.newly == nil {
		a.newly = map[string]recommended{}
	}
	a.newly[now.Component] = recommended{advice.From, advice.To, now.At}
}
