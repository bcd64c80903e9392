package engine

import (
	"context"
	"sync"

	"github.com/scalebot/scalebot/internal/scale"
)

// decision caches what the directory answered about people during one order. An order that
// proposes and approves checks the same person several times; Slack is asked once. The order's
// context carries the cache, so it ends with the order. The next click reads the on-call list
// again, so that somebody who has left the list cannot decide any more.
type decision struct {
	mu     sync.Mutex
	grants map[question]scale.Grant
}

// question is the key of one cached answer: whether a person has a right. The person's name and
// team are not part of the key.
type question struct {
	person string
	right  scale.Right
}

type decisionKey struct{}

// deciding adds a new decision to the context, unless the context has one already.
func deciding(ctx context.Context) context.Context {
	if _, under := ctx.Value(decisionKey{}).(*decision); under {
		return ctx
	}
	return context.WithValue(ctx, decisionKey{}, &decision{grants: map[question]scale.Grant{}})
}

// grant asks the directory whether a person has a right, once per decision. Somebody who may
// decide may also ask.
func (a *access) grant(ctx context.Context, who scale.Person, right scale.Right) scale.Grant {
	asked, under := ctx.Value(decisionKey{}).(*decision)
	if !under {
		return a.directory.Grant(ctx, who, right)
	}
	if known, ok := asked.known(question{who.ID, right}); ok {
		return known
	}
	answer := a.directory.Grant(ctx, who, right)
	asked.mu.Lock()
	defer asked.mu.Unlock()
	asked.grants[question{who.ID, right}] = answer
	return answer
}

func (d *decision) known(q question) (scale.Grant, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known, ok := d.grants[q]; ok {
		return known, true
	}
	decides := d.grants[question{q.person, scale.RightDecide}]
	return decides, decides.Allowed
}
