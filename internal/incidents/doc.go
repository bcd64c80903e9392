// Package incidents simulates a pipeline during the runbook's incidents, reading by reading and
// without a clock of its own. Tests use it to check everything that the bot says about an
// incident.
package incidents
