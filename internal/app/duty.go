package app

import (
	"slices"

	"github.com/scalebot/scalebot/internal/pagerduty"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/slackui/people"
)

// roster says where to read who is on call. The runbook names the group and the people; the
// environment sets the order of the sources, and the schedule.
func (c Config) roster(book *runbook.Book) people.Roster {
	r := people.Roster{Group: book.Access.OnCallGroup, Users: book.Access.OnCallUsers}
	for _, source := range c.OnCallSources {
		r.Sources = append(r.Sources, people.Source(source))
	}
	if c.PagerDutySchedule != "" {
		schedule := pagerduty.New(c.PagerDutyToken.Reveal(), c.PagerDutySchedule, c.PagerDutyURL)
		r.Schedule, r.ScheduleName = schedule.OnCall, schedule.Name()
	}
	return r
}

// checkDuty finds on-call sources that cannot work.
func (c Config) checkDuty(wrong func(string, ...any)) {
	for i, source := range c.OnCallSources {
		switch people.Source(source) {
		case people.SourceGroup, people.SourceSchedule, people.SourceList:
		default:
			wrong("ONCALL_SOURCES names %q; it may name %s, %s and %s", source, people.SourceGroup, people.SourceSchedule, people.SourceList)
		}
		if slices.Contains(c.OnCallSources[:i], source) {
			wrong("ONCALL_SOURCES names %q twice", source)
		}
	}
	asked := slices.Contains(c.OnCallSources, string(people.SourceSchedule))
	if asked && (c.PagerDutyToken.IsZero() || c.PagerDutySchedule == "") {
		wrong("ONCALL_SOURCES names %s, but PAGERDUTY_TOKEN or PAGERDUTY_SCHEDULE is not set", people.SourceSchedule)
	}
	if !asked && c.PagerDutySchedule != "" {
		wrong("PAGERDUTY_SCHEDULE is set, but ONCALL_SOURCES does not name %s, so it would never be asked", people.SourceSchedule)
	}
	if c.PagerDutyURL != "" && !isHTTP(c.PagerDutyURL) {
		wrong("PAGERDUTY_URL is %q; it must be an http(s) address", c.PagerDutyURL)
	}
}
