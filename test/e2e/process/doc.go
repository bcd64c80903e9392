// Package process runs the programs of the end-to-end tests. What it starts dies with the process that started it, however that one ends:
// nothing is left behind by a test that panics or is killed.
package process
