package incidents

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Figures of what follows on a new count: when its pods run, and when an autoscaler takes
// back what it does not want.
const (
	startTime  = 45 * time.Second
	revertTime = 30 * time.Second
)

// Set asks for another count as of now. Pods that can start run a little later, and an
// autoscaler takes the count back.
func (p *Pipeline) Set(n int) {
	p.Wanted, p.runsAt, p.revertsAt = n, p.At.Add(startTime), time.Time{}
	if (p.Owner.Kind == scale.OwnerHPA || p.Owner.Kind == scale.OwnerKEDA) && n != p.Owner.Wants {
		p.revertsAt = p.At.Add(revertTime)
	}
}

// orchestrate lets happen what follows on a new count by now.
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
