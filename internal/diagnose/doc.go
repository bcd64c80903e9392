// Package diagnose is the runbook's troubleshooting section: its branches, each with what was
// seen, what it means and what to do, and the advice on tuning.
package diagnose
