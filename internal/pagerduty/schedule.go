package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/PagerDuty/go-pagerduty"

	"github.com/scalebot/scalebot/internal/scale"
)

// maxShifts is one page of the API; a schedule has one or a few people on call.
const maxShifts = 100

// timeout is the deadline of one call if the caller's deadline is later.
const timeout = 5 * time.Second

// Schedule is one schedule of an account.
type Schedule struct {
	client *pagerduty.Client
	id     string
}

// New returns the schedule with the given id ("P1ABCDE"). The API token may be read-only. An
// empty address means PagerDuty's own; accounts in Europe have another.
func New(token, id, address string) *Schedule {
	var options []pagerduty.ClientOptions
	if address != "" {
		options = append(options, pagerduty.WithAPIEndpoint(address))
	}
	client := pagerduty.NewClient(token, options...)
	client.HTTPClient = &http.Client{Timeout: timeout}
	return &Schedule{client, id}
}

// Name is what people call the schedule.
func (s *Schedule) Name() string { return "PagerDuty schedule " + s.id }

// OnCall returns the present shifts, one for each person. If nobody is on call the list is empty.
// If the schedule cannot be read, it returns an error, which never contains the token.
func (s *Schedule) OnCall(ctx context.Context) ([]scale.Shift, error) {
	answer, err := s.client.ListOnCallsWithContext(ctx, pagerduty.ListOnCallOptions{
		ScheduleIDs: []string{s.id}, Includes: []string{"users"}, Earliest: true, Limit: maxShifts,
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", s.Name(), plain(err))
	}
	var shifts []scale.Shift
	known := map[string]bool{}
	for _, on := range answer.OnCalls {
		if on.User.ID == "" || known[on.User.ID] {
			continue
		}
		known[on.User.ID] = true
		shift := scale.Shift{Name: on.User.Name, Email: on.User.Email}
		if shift.Name == "" {
			shift.Name = on.User.Summary
		}
		if on.End != "" {
			if shift.Until, err = time.Parse(time.RFC3339, on.End); err != nil {
				return nil, fmt.Errorf("reading %s: the end of %s's shift is no time: %w", s.Name(), shift.Name, err)
			}
		}
		shifts = append(shifts, shift)
	}
	return shifts, nil
}

// plain says what somebody can do about the most common errors.
func plain(err error) error {
	var refused pagerduty.APIError
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("PagerDuty refused the token (HTTP %d); check PAGERDUTY_TOKEN", refused.StatusCode)
	case http.StatusNotFound, http.StatusBadRequest:
		return fmt.Errorf("PagerDuty knows no such schedule (HTTP %d); check PAGERDUTY_SCHEDULE", refused.StatusCode)
	case http.StatusTooManyRequests:
		return errors.New("PagerDuty limits the rate of calls (HTTP 429)")
	}
	return fmt.Errorf("PagerDuty answered HTTP %d", refused.StatusCode)
}
