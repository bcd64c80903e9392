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

// maxShifts is one page of the API; a schedule has one person on call, or a few.
const maxShifts = 100

// timeout bounds one call where the caller's deadline is later.
const timeout = 5 * time.Second

// Schedule is one schedule of an account.
type Schedule struct {
	client *pagerduty.Client
	id     string
}

// New reads the schedule with the given id ("P1ABCDE") by an API token that may be
// read-only. An empty address is PagerDuty's own; accounts in Europe have another.
func New(token, id, address string) *Schedule {
	var options []pagerduty.ClientOptions
	if address != "" {
		options = append(options, pagerduty.WithAPIEndpoint(address))
	}
	client := pagerduty.NewClient(token, options...)
	client.HTTPClient = &http.Client{Timeout: timeout}
	return &Schedule{client, id}
}

// Name is what people call it.
func (s *Schedule) Name() string { return "PagerDuty schedule " + s.id }

// OnCall are the shifts of this moment, one for each person. Nobody on call is an empty
// list; what cannot be read is an error, which never contains the token.
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

// plain says what somebody can do about the commonest refusals.
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
