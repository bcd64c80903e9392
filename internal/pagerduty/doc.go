// Package pagerduty reads who is on call from a PagerDuty schedule. It only reads, and it
// only knows names and email addresses: who that is in Slack, and whether that account
// may decide, is found out there.
package pagerduty
