// Package measure turns a snapshot and its past into numbers: rates, trend, window, skew, the
// members of the group told apart, what a worker manages, and how long a backlog lasts.
package measure
