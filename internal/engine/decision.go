package engine

import (
	"context"
	"sync"

	"github.com/scalebot/scalebot/internal/scale"
)

// decision is what the directory has answered about people for one order. An order that proposes
// and approves asks several times whether the same person may; Slack is asked once. It is carried
// by the order's context and ends with the order: the next click reads afresh who is on call, so
// that whoever has left the list cannot decide any more.
type decision struct {
	mu     sync.Mutex
	grants map[question]scale.Grant
}

// question is one question to the directory: whether somebody has a right. What else is known of
// the person is no part of it.
type question struct {
	person string
	right  scale.Right
}

type decisionKey struct{}

// deciding begins a decision, unless the context is that of one.
func deciding(ctx context.Context) context.Context {
	if _, under := ctx.Value(decisionKey{}).(*decision); under {
		return ctx
	}
	return context.WithValue(ctx, decisionKey{}, &decision{grants: map[question]scale.Grant{}})
}

// grant asks the directory whether a person has a right, once in a decision. Who may decide may
// also ask.
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
