package people

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
)

const (
	// maxShifts bounds how many people of a schedule are looked up in Slack.
	maxShifts = 50
	// emailTime is how long the bot remembers which account has an address. Whether that account
	// may decide is still read at each click.
	emailTime = 10 * time.Minute
)

// askSchedule reads the schedule outside Slack and finds its people in Slack by their email
// addresses. People who are not found are left out and reported. A failed lookup is an error only
// when it leaves nobody.
func (d *Directory) askSchedule(ctx context.Context, duty *scale.OnCall) ([]string, error) {
	if d.roster.Schedule == nil {
		return nil, errors.New("no schedule is configured")
	}
	shifts, err := d.roster.Schedule(ctx)
	if err != nil {
		return nil, err
	}
	duty.Source = d.roster.ScheduleName
	var ids []string
	var failures []error
	for _, s := range shifts[:min(len(shifts), maxShifts)] {
		id, err := d.byEmail(ctx, s.Email)
		switch {
		case err != nil:
			failures = append(failures, err)
			duty.Notes = append(duty.Notes, fmt.Sprintf("%s is on call, but could not be looked up in Slack: %s.", s.Name, err))
		case id == "":
			duty.Notes = append(duty.Notes, s.Name+" is on call, but has no account with that address in Slack.")
		default:
			ids = append(ids, id)
			duty.Until = earlier(duty.Until, s.Until)
		}
	}
	if len(ids) > 0 {
		return ids, nil
	}
	return nil, errors.Join(failures...)
}

// earlier is the earlier of two times; a zero time is ignored.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// byEmail finds somebody's Slack id; empty when nobody here has the address.
func (d *Directory) byEmail(ctx context.Context, email string) (string, error) {
	if email = strings.ToLower(strings.TrimSpace(email)); email == "" {
		return "", nil
	}
	d.mu.Lock()
	known, ok := d.emails.Get(email)
	d.mu.Unlock()
	if ok && time.Since(known.at) < emailTime {
		return known.value, nil
	}
	var user api.Profile
	err := d.client.Read(ctx, "users.lookupByEmail", "finding somebody by email", func(ctx context.Context) (err error) {
		user, err = d.client.Person(ctx, "users.lookupByEmail", url.Values{"email": {email}})
		return err
	})
	switch {
	case api.SlackCode(err) == "users_not_found":
		// This is not cached: a missing person may be invited at any moment.
		return "", nil
	case err != nil:
		return "", err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.emails.Put(email, seen[string]{user.ID, time.Now()})
	return user.ID, nil
}
