package cards

import (
	"slices"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// answering says which change is under way or waits for approval. Once people have decided on
// it, it is the episode's Operation as well.
func answering(e ledger.Episode) string {
	name := "*" + Words(e.Answering, MaxName) + "*"
	switch {
	case e.Answering == "":
		return ""
	case e.Answering == e.Operation:
		return "🔧 " + name + " answers this; its own card shows how far it is."
	}
	return "⏳ " + name + " is proposed and waits for approval on its own card."
}

// quietNow reports whether no rule fires any longer that asks for more workers.
func quietNow(e ledger.Episode) bool {
	return e.Kind == ledger.EpisodeAlert && e.Blind.IsZero() && !slices.ContainsFunc(e.Advice.Findings, func(f scale.Finding) bool {
		return f.Outcome == scale.Fires && !judge.ScaleDownRule(f.Rule)
	})
}

// catchingUp reports whether the lag falls and no more urgent rule fires.
func catchingUp(e ledger.Episode) bool {
	return e.Kind == ledger.EpisodeAlert && e.Urgency <= scale.UrgencyInfo && e.Trend == scale.Falling && e.Blind.IsZero()
}
