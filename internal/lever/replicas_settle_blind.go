package lever

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// followBlindly settles a change whose group cannot be read. It waits for the longest time of a
// rebalance after all pods were ready, and then judges by the pods and by whether the group makes
// progress. A group may stay unreadable for good: one forbidden topic hides it, or the broker
// does not describe groups of its type. A group that becomes readable again is judged as any
// other.
func (s *settling) followBlindly() {
	if s.now.Group.Known() {
		s.r.BlindSince = time.Time{}
		return
	}
	if s.r.BlindSince.IsZero() {
		s.r.BlindSince = s.now.At
	}
	from := s.r.ReadyAt
	if s.r.BlindSince.After(from) {
		from = s.r.BlindSince
	}
	switch {
	case s.r.ReadyAt.IsZero(), !s.getsOn(), s.now.At.Sub(from) < s.p.Rollout.RebalanceLate:
		s.r.StableAt = time.Time{}
	case s.r.StableAt.IsZero():
		s.r.StableAt = s.now.At
	}
}

// getsOn reports whether the group commits, or has nothing left to read.
func (s *settling) getsOn() bool {
	lag, known := s.now.Lag.Get()
	if !known || !lag.Complete() && lag.Unseen == "" {
		return false
	}
	rates, measured := s.now.Rates.Get()
	return lag.Total == 0 || measured && rates.Consumption > 0
}

// blindTrouble says which part of the outcome is not known.
func (s *settling) blindTrouble() string {
	text := "whether the pods consume is unknown: " + s.now.Group.Why()
	if !s.getsOn() {
		return text
	}
	if rates, measured := s.now.Rates.Get(); measured && rates.Consumption > 0 {
		return fmt.Sprintf("which pods consume is unknown: %s; the group as a whole handles %s", s.now.Group.Why(), scale.PerSecond(rates.Consumption))
	}
	return fmt.Sprintf("which pods consume is unknown: %s; nothing is left to do", s.now.Group.Why())
}
