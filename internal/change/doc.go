// Package change is what the bot can change: a closed set of kinds, one file for each. A change
// holds absolute values, those before and those wanted, so that making it twice has the same
// effect as making it once. A change knows its name in sentences and in records. Package lever
// judges its effect on a component, and an [engine.Hand] writes it.
//
// [engine.Hand]: https://pkg.go.dev/github.com/scalebot/scalebot/internal/engine#Hand
package change
