package judge

import (
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Judgement is one component judged at the moment of a snapshot: every rule of the policy
// and what follows from them. It is made once and serves whoever looks at
// that moment: for the recommendation, for the rules that cannot be judged, and for the
// episodes. The past that it was made of must not change as long as it is used.
type Judgement struct {
	view     View
	up, down []scale.Finding
	// advice is without its options, which nothing follows from; see [Judgement.Advice].
	advice ledger.Recommendation
}

// Judge applies every rule of the policy to what was seen. past is the component's history,
// oldest first, at least the longest window of the rules where it exists; the judgement is
// made for the moment s.At.
func Judge(c scale.Component, p scale.Policy, s scale.Snapshot, past []scale.Point) Judgement {
	j := Judgement{view: NewView(c, p, s, past)}
	j.up, j.down = j.view.UpFindings(), j.view.downFindings()
	j.advice = j.view.recommend(j.up, j.down)
	return j
}

// Knowing is the same judgement by somebody who knows the last scale-up as well.
func (j Judgement) Knowing(tried *scale.Tried) Judgement {
	j.view.Now.Tried = tried
	j.advice = j.view.recommend(j.up, j.down)
	return j
}

// AsksForMore reports whether more workers are recommended: only then it matters what the
// last scale-up did.
func (j Judgement) AsksForMore() bool { return j.advice.Action == scale.ScaleUp }

// Advice is the recommendation, with the counts that it compares.
func (j Judgement) Advice() ledger.Recommendation {
	r := j.advice
	r.Options = j.view.options()
	return r
}

// Sight tells which scale-up rules lack their data.
func (j Judgement) Sight() ledger.Sight { return SightOf(j.up) }
