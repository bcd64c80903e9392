// Package measure turns a snapshot and its history into numbers: rates, trend, window, skew,
// which members of the group belong to the component, what one worker manages, and how long a
// backlog lasts.
package measure
