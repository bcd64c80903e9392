package diagnose

import (
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/scale"
)

// view is a judged case with the troubleshooting branches as its methods.
type view struct{ judge.View }

func newView(c scale.Component, p scale.Policy, s scale.Snapshot, past []scale.Point) view {
	return view{judge.NewView(c, p, s, past)}
}
