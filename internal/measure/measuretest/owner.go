package measuretest

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// ByUse is after which time an HPA that scales by utilisation has undone a scale-up: the
// scale-down stabilization window and the delay of the metrics. byUseUp is the delay alone.
const (
	ByUse   = 5*time.Minute + 30*time.Second
	byUseUp = 30 * time.Second
)

// RunbookHPA scales by utilisation, as the runbook's own HPA does.
func RunbookHPA() scale.Owner {
	return scale.Owner{
		Kind: scale.OwnerHPA, Name: "h", Min: 4, Max: 12, Wants: 6, Within: 15 * time.Second,
		Higher: scale.Undo{After: ByUse, Window: 5 * time.Minute}, Lower: scale.Undo{After: byUseUp},
	}
}

// RunbookKEDA scales by an average value, as KEDA's Kafka trigger does.
func RunbookKEDA() scale.Owner {
	return scale.Owner{Kind: scale.OwnerKEDA, Name: "so", Min: 4, Max: 12, Within: 15 * time.Second, Higher: scale.Undo{Window: 5 * time.Minute}}
}

// With is an owner with an edit applied.
func With(o scale.Owner, change func(*scale.Owner)) scale.Owner {
	change(&o)
	return o
}
