package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// maxNamed bounds how many people of the on-call list are looked up by name.
const maxNamed = 25

const (
	// sourceTime is the deadline of one on-call source, so that there is time for the next source
	// while a person waits.
	sourceTime = 6 * time.Second
	// StaleDuty is how long the last answer may still be shown, with its age, while no source
	// answers. It is never used for a decision.
	StaleDuty = time.Hour
)

// Source is a place that knows who is on call.
type Source string

// The sources.
const (
	// SourceGroup is the Slack user group, SourceSchedule a schedule outside Slack,
	// SourceList the static list of user ids.
	SourceGroup    Source = "slack"
	SourceSchedule Source = "pagerduty"
	SourceList     Source = "list"
)

// readDuty reads who is on call now.
func (d *Directory) readDuty(ctx context.Context) (scale.OnCall, error) {
	duty := scale.OnCall{At: d.client.Clock.Now()}
	ids, err := d.dutyIDs(ctx, &duty)
	if err != nil {
		return scale.OnCall{}, err
	}
	duty.Members = d.named(ctx, ids)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.duty = seen[scale.OnCall]{duty, time.Now()}
	return duty, nil
}

// dutyIDs asks the sources in order until one names somebody. If a source fails or names nobody,
// the next one is asked. If none names anybody and one of them failed, the on-call people are
// unknown: that is an error, so that nobody may decide.
func (d *Directory) dutyIDs(ctx context.Context, duty *scale.OnCall) ([]string, error) {
	var failures []error
	for _, source := range d.sources() {
		answer := scale.OnCall{At: duty.At, Notes: duty.Notes}
		ids, err := d.ask(ctx, source, &answer)
		*duty = answer
		if err == nil && len(ids) > 0 {
			return ids, nil
		}
		if err != nil {
			failures = append(failures, err)
			duty.Notes = append(duty.Notes, fmt.Sprintf("%s: %s.", d.sourceName(source), err))
			continue
		}
		duty.Notes = append(duty.Notes, d.sourceName(source)+" names nobody.")
	}
	return nil, errors.Join(failures...)
}

// sources are the configured ones. By default that is the user group, or the static list if no
// group is configured.
func (d *Directory) sources() []Source {
	switch {
	case len(d.roster.Sources) > 0:
		return d.roster.Sources
	case d.roster.Group == "":
		return []Source{SourceList}
	}
	return []Source{SourceGroup}
}

func (d *Directory) sourceName(s Source) string {
	switch s {
	case SourceGroup:
		return "user group @" + d.roster.Group
	case SourceSchedule:
		return d.roster.ScheduleName
	case SourceList:
	}
	return "list of people"
}

func (d *Directory) ask(ctx context.Context, source Source, duty *scale.OnCall) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, sourceTime)
	defer cancel()
	switch source {
	case SourceGroup:
		return d.askGroup(ctx, duty)
	case SourceSchedule:
		return d.askSchedule(ctx, duty)
	case SourceList:
		duty.Source = "list of people in the configuration"
		return d.roster.Users, nil
	}
	return nil, fmt.Errorf("there is no source of people %q", source)
}

// named gives the people of a list their names; people beyond maxNamed have only an id.
func (d *Directory) named(ctx context.Context, ids []string) []scale.Person {
	people := make([]scale.Person, len(ids))
	for i, id := range ids {
		people[i] = scale.Person{ID: id, Team: d.client.Self().Team}
		if i < maxNamed {
			people[i].Name = d.nameOf(ctx, id)
		}
	}
	return people
}

// nameOf is somebody's name for display; empty when it cannot be read.
func (d *Directory) nameOf(ctx context.Context, id string) string {
	d.mu.Lock()
	known, ok := d.people.Get(id)
	d.mu.Unlock()
	if ok && known.current() {
		return known.value.Person.Name
	}
	return d.member(ctx, scale.Person{ID: id}).Person.Name
}

// OnCall lists who may decide, at most a minute old. While no source answers, the last
// answer is shown with its age and a warning.
func (d *Directory) OnCall(ctx context.Context) (scale.OnCall, error) {
	d.mu.Lock()
	known := d.duty
	d.mu.Unlock()
	if known.current() {
		return d.aged(known.value), nil
	}
	duty, err := d.readDuty(ctx)
	if err != nil && !known.at.IsZero() && time.Since(known.at) < StaleDuty {
		duty = d.aged(known.value)
		duty.Notes = append(duty.Notes, fmt.Sprintf("This is the last answer: it cannot be read now who is on call, and until it can, nobody may decide (%s).", err))
		return duty, nil
	}
	return d.aged(duty), err
}

// aged returns a copy of the answer with its present age.
func (d *Directory) aged(duty scale.OnCall) scale.OnCall {
	duty.Members = append([]scale.Person(nil), duty.Members...)
	duty.Notes = append([]string(nil), duty.Notes...)
	if !duty.At.IsZero() {
		duty.Age = max(0, d.client.Clock.Since(duty.At))
	}
	return duty
}
