// Package review holds judgement after a replica count was changed: the checks of each report,
// the verdict, the next step, and who has set the count back. Package lever asks it.
package review
