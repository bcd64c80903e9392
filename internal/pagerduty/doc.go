// Package pagerduty reads who is on call from a PagerDuty schedule. It only reads, and it returns
// only names and email addresses. The caller finds the matching Slack account and checks whether
// it may decide.
package pagerduty
