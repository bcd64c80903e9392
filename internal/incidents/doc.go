// Package incidents plays a pipeline through the incidents of the runbook, reading by reading
// and without a clock of its own, for tests of everything that is said about them.
package incidents
