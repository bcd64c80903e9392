// Package change is what the bot can change: a closed set of kinds, one file for each. A change holds absolute values,
// those before and those wanted, so that making it twice is the same as making it once. It knows how it is named in
// words and in records; what it does to a component is judged by package lever, and it is written by an [engine.Hand].
//
// [engine.Hand]: https://pkg.go.dev/github.com/scalebot/scalebot/internal/engine#Hand
package change
