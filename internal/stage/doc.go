// Package stage plays the product on one machine: the real bot of package app between
// the Slack emulator and the pretend world of package demo, all on loopback and over
// the real protocols.
package stage
