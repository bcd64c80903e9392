// Package review holds judgement after a change: whether it has settled, whether the world has
// drifted from what was approved, the checks of each report, the verdict and the next step.
package review
