package measure

import (
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// Every class can be switched off by itself in the runbook file, and nothing else goes with
// it; a class that this version does not know wants two people.
func TestEachRiskClassIsPolicy(t *testing.T) {
	for class, off := range map[scale.RiskClass]func(*scale.TwoPeople){
		scale.RiskBelowRecommended: func(p *scale.TwoPeople) { p.BelowRecommended = false },
		scale.RiskAboveRecommended: func(p *scale.TwoPeople) { p.AboveRecommended = false },
		scale.RiskLarge:            func(p *scale.TwoPeople) { p.LargeChange = false },
		scale.RiskDownUnderLoad:    func(p *scale.TwoPeople) { p.DownUnderLoad = false },
		scale.RiskBelowMinimum:     func(p *scale.TwoPeople) { p.OverrideMinimum = false },
		scale.RiskPartitions:       func(p *scale.TwoPeople) { p.Partitions = false },
		scale.RiskAgain:            func(p *scale.TwoPeople) { p.AfterIneffective = false },
	} {
		policy := measuretest.EveryClass
		if !policy.Asks(class) {
			t.Errorf("%s: switched on, it asks for nobody", class)
		}
		if off(&policy); policy.Asks(class) {
			t.Errorf("%s: switched off, it still asks for two", class)
		}
		if kept := policy.Of([]scale.Risk{{Class: class}, {Class: "new"}}); len(kept) != 1 || kept[0].Class != "new" {
			t.Errorf("%s: got %v kept, want only what is not known", class, kept)
		}
	}
}
