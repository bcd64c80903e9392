package demo

import (
	"math"
	"math/rand/v2"
	"time"
)

// noise makes each component's traffic wander by a few percent around its rate, slowly
// as real traffic does: a first-order autoregressive walk.
type noise struct {
	random *rand.Rand
	level  map[string]float64
}

const (
	// noiseSpread is the standard deviation of the walk; noiseMemory how long it
	// takes to forget most of where it was.
	noiseSpread = 0.03
	noiseMemory = time.Minute
)

func newNoise(random *rand.Rand) *noise {
	return &noise{random: random, level: map[string]float64{}}
}

// step lets a span of time pass and returns the factor for every component.
func (n *noise) step(span time.Duration) map[string]float64 {
	left := math.Exp(-span.Seconds() / noiseMemory.Seconds())
	factors := map[string]float64{}
	for _, c := range pipeline {
		shock := noiseSpread * math.Sqrt(1-left*left) * n.random.NormFloat64()
		n.level[c.name] = left*n.level[c.name] + shock
		factors[c.name] = math.Max(0, 1+n.level[c.name])
	}
	return factors
}
