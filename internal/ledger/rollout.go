package ledger

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Rollout holds what was seen while a change took effect; every zero time means
// "not yet".
type Rollout struct {
	// WrittenAt is when the API server accepted the write, and Wrote the scale's
	// resource version afterwards.
	WrittenAt time.Time `json:"writtenAt,omitzero"`
	Wrote     string    `json:"wrote,omitempty"`
	// FirstReadyAt is when the first new pod was ready, ReadyAt when all were.
	FirstReadyAt time.Time `json:"firstReadyAt,omitzero"`
	ReadyAt      time.Time `json:"readyAt,omitzero"`
	// RebalanceAt is when the group was first seen moving, StableAt when every ready
	// pod was a member and the group stable (T-36).
	RebalanceAt time.Time `json:"rebalanceAt,omitzero"`
	StableAt    time.Time `json:"stableAt,omitzero"`
	// BlindSince is since when the group cannot be read without a break; zero while it can.
	BlindSince time.Time `json:"blindSince,omitzero"`
	// Troubles are sentences about pods that do not start, newest state.
	Troubles []string `json:"troubles,omitempty"`
	// Now is the last reading while settling, for the live card.
	Now Progress `json:"now,omitzero"`
	// RevertChecks counts the checks after the write that found it intact, and
	// RevertedBy names who undid it (T-01); RevertedAt is when that was seen, for nobody
	// records when it was done.
	RevertChecks int       `json:"revertChecks,omitempty"`
	RevertedBy   string    `json:"revertedBy,omitempty"`
	RevertedAt   time.Time `json:"revertedAt,omitzero"`
	RevertedTo   int       `json:"revertedTo,omitempty"`
	// RolledBackBy is the operation that set the old count again after this one had failed.
	RolledBackBy string `json:"rolledBackBy,omitempty"`
	// OvertakenBy is a later operation that has set the count after this one had failed, and
	// is no roll back of it.
	OvertakenBy string `json:"overtakenBy,omitempty"`
}

// RolloutFrom is a rollout whose write was accepted at the given time and made the given
// version; nothing else was seen of it yet.
func RolloutFrom(at time.Time, version string) Rollout {
	return Rollout{WrittenAt: at, Wrote: version, Now: Progress{Replicas: -1, Members: -1, Lag: -1, ErrorShare: -1}}
}

// Reverted says who has undone the change and what there is now: "kubectl set the count back
// to 6".
func (r Rollout) Reverted() string {
	return fmt.Sprintf("%s set the count back to %d", r.RevertedBy, r.RevertedTo)
}

// Progress is one reading of a running change.
type Progress struct {
	At    time.Time `json:"at,omitzero"`
	Ready int       `json:"ready"`
	// Replicas is the desired count seen, Members the group's members, both -1 when
	// unknown.
	Replicas int `json:"replicas"`
	Members  int `json:"members"`
	// Lag is the total now, -1 when unknown; Spark the last few, oldest first.
	Lag        int64            `json:"lag"`
	Spark      []int64          `json:"spark,omitempty"`
	State      scale.GroupState `json:"state,omitempty"`
	Rebalanced time.Duration    `json:"rebalanced,omitempty"`
	// ErrorShare is the failing share, negative when unknown.
	ErrorShare float64 `json:"errorShare"`
	// Unstarted is how many of the wanted pods never ran and will not by themselves: no room,
	// no image or no quota.
	Unstarted int `json:"unstarted,omitempty"`
}
