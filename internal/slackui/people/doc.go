// Package people answers who may decide: the directory of Slack's people, who is on call by a
// user group, a channel or a schedule, and what kind of channel somebody writes in.
package people
