// Package diagnose is the runbook's troubleshooting section: each branch with its readings, what
// they mean and what to do, and the advice on tuning.
package diagnose
