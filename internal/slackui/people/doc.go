// Package people answers who somebody is and who may decide. It reads people from Slack, the
// on-call list from a user group, a static list or a schedule, and what kind of channel somebody
// writes in.
package people
