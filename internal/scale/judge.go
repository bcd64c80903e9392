package scale

// Judgement is one component judged at the moment of a snapshot: every rule of the policy
// and what follows from them. It is made once and serves whoever looks at
// that moment: for the recommendation, for the rules that cannot be judged, and for the
// episodes. The past that it was made of must not change as long as it is used.
type Judgement struct {
	view     view
	up, down []Finding
	// advice is without its options, which nothing follows from; see [Judgement.Advice].
	advice Recommendation
}

// Judge applies every rule of the policy to what was seen. past is the component's history,
// oldest first, at least the longest window of the rules where it exists; the judgement is
// made for the moment s.At.
func Judge(c Component, p Policy, s Snapshot, past []Point) Judgement {
	j := Judgement{view: look(c, p, s, past)}
	j.up, j.down = j.view.upFindings(), j.view.downFindings()
	j.advice = j.view.recommend(j.up, j.down)
	return j
}

// Knowing is the same judgement by somebody who knows the last scale-up as well.
func (j Judgement) Knowing(tried *Tried) Judgement {
	j.view.s.Tried = tried
	j.advice = j.view.recommend(j.up, j.down)
	return j
}

// AsksForMore reports whether more workers are recommended: only then it matters what the
// last scale-up did.
func (j Judgement) AsksForMore() bool { return j.advice.Action == ScaleUp }

// Advice is the recommendation, with the counts that it compares.
func (j Judgement) Advice() Recommendation {
	r := j.advice
	r.Options = j.view.options()
	return r
}

// Sight tells which scale-up rules lack their data.
func (j Judgement) Sight() Sight { return SightOf(j.up) }
