// Package review judges after a replica count was changed: the checks of each report, the
// verdict, the next step, and who has set the count back. Package lever calls it.
package review
