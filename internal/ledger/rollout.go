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
	// RebalanceAt is when the group was first seen rebalancing, StableAt when every ready pod was
	// a member and the group stable (T-36).
	RebalanceAt time.Time `json:"rebalanceAt,omitzero"`
	StableAt    time.Time `json:"stableAt,omitzero"`
	// BlindSince is since when the group has been unreadable without a break; zero while it can
	// be read.
	BlindSince time.Time `json:"blindSince,omitzero"`
	// Troubles are sentences about pods that do not start, as last read.
	Troubles []string `json:"troubles,omitempty"`
	// Now is the last reading while settling, for the live card.
	Now Progress `json:"now,omitzero"`
	// RevertChecks counts the checks after the write that found the count unchanged. RevertedBy
	// names who undid the change (T-01), and RevertedAt is when the bot saw that: the time of the
	// undoing itself is recorded nowhere.
	RevertChecks int       `json:"revertChecks,omitempty"`
	RevertedBy   string    `json:"revertedBy,omitempty"`
	RevertedAt   time.Time `json:"revertedAt,omitzero"`
	RevertedTo   int       `json:"revertedTo,omitempty"`
	// RolledBackBy is the operation that restored the old count after this one had failed.
	RolledBackBy string `json:"rolledBackBy,omitempty"`
	// OvertakenBy is a later operation that set another count after this one had failed, without
	// being its rollback.
	OvertakenBy string `json:"overtakenBy,omitempty"`
}

// RolloutFrom is a rollout whose write was accepted at the given time and produced the given
// resource version. Nothing else is known of it yet.
func RolloutFrom(at time.Time, version string) Rollout {
	return Rollout{WrittenAt: at, Wrote: version, Now: Progress{Replicas: -1, Members: -1, Lag: -1, ErrorShare: -1}}
}

// Reverted says who undid the change and what the count is now: "kubectl set the count back to
// 6".
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
	// Unstarted is how many of the wanted pods never ran and will not run by themselves: no room,
	// no image or no quota.
	Unstarted int `json:"unstarted,omitempty"`
}
