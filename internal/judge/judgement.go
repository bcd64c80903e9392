package judge

import (
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Judgement is one component judged at the moment of a snapshot: every rule of the policy (R-001
// to R-048) and what follows from them. It is computed once and shared by all who need that
// moment: the recommendation, the note about rules that cannot be judged, and the episodes. The
// history it was computed from must not change while it is in use.
type Judgement struct {
	view     View
	up, down []scale.Finding
	// advice leaves out its options, on which nothing else depends; see [Judgement.Advice].
	advice ledger.Recommendation
}

// Judge applies every rule of the policy to a snapshot. past is the component's history, oldest
// first, back to the longest window of the rules where it exists. The judgement is made for the
// moment s.At.
func Judge(c scale.Component, p scale.Policy, s scale.Snapshot, past []scale.Point) Judgement {
	j := Judgement{view: NewView(c, p, s, past)}
	j.up, j.down = j.view.UpFindings(), j.view.downFindings()
	j.advice = j.view.recommend(j.up, j.down)
	return j
}

// Knowing is the same judgement with the last scale-up taken into account.
func (j Judgement) Knowing(tried *scale.Tried) Judgement {
	j.view.Now.Tried = tried
	j.advice = j.view.recommend(j.up, j.down)
	return j
}

// AsksForMore reports whether more workers are recommended. Only then does the result of the last
// scale-up matter.
func (j Judgement) AsksForMore() bool { return j.advice.Action == scale.ScaleUp }

// Advice is the recommendation, with the counts it compares.
func (j Judgement) Advice() ledger.Recommendation {
	r := j.advice
	r.Options = j.view.options()
	return r
}

// Sight says which scale-up rules lack their data.
func (j Judgement) Sight() ledger.Sight { return SightOf(j.up) }
