// Package lever holds what the engine needs to know about a change. Each kind of change has one
// lever. It proposes the change, says how far it has been applied, whether the component has
// drifted from what was approved, when the rollout has settled, what a report says, whether
// somebody has undone the change, and how to undo it. The package is pure. The engine calls [Of]
// and never asks for the kind. The files of a kind begin with its name.
package lever
