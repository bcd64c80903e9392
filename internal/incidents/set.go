package incidents

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// How long a new count takes to have effects: when its pods run, and when an autoscaler reverts a
// count that it does not want.
const (
	startTime  = 45 * time.Second
	revertTime = 30 * time.Second
)

// Set requests another count as of now. Pods that can start will run a little later, and an
// autoscaler may revert the count.
func (p *Pipeline) Set(n int) {
	p.Wanted, p.runsAt, p.revertsAt = n, p.At.Add(startTime), time.Time{}
	if (p.Owner.Kind == scale.OwnerHPA || p.Owner.Kind == scale.OwnerKEDA) && n != p.Owner.Wants {
		p.revertsAt = p.At.Add(revertTime)
	}
}

// orchestrate applies the effects of a new count that are due by now.
func (p *Pipeline) orchestrate() {
	if !p.revertsAt.IsZero() && !p.At.Before(p.revertsAt) {
		p.Set(p.Owner.Wants)
	}
	if p.runsAt.IsZero() || p.At.Before(p.runsAt) {
		return
	}
	p.runsAt = time.Time{}
	if p.Running != p.Wanted && (p.refused == "" || p.Wanted < p.Running) {
		p.Running, p.moved = p.Wanted, p.At
	}
}
