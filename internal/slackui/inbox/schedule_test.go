package inbox

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/people"
)

// people of a schedule are found by their address; a source that fails leaves the
// answer to the next one and says so; when all fail, nobody may decide.
func TestTheSourcesAreAskedInOrder(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		var shifts []scale.Shift
		var broken error
		ask := func(sources ...people.Source) {
			r.people = people.NewDirectory(r.client, people.Roster{
				Group: "kafka-oncall", Users: []string{"U0CARL"}, Sources: sources, ScheduleName: "PagerDuty schedule P1",
				Schedule: func(context.Context) ([]scale.Shift, error) { return shifts, broken },
			})
		}
		may := func(who string, want bool) {
			r.Helper()
			if got := r.grant(who, scale.RightDecide); got.Allowed != want {
				r.Errorf("%s: got %+v, want allowed %v", who, got, want)
			}
		}
		shifts = []scale.Shift{{Name: "Ben", Email: "Ben@pipeline.example"}, {Name: "Zoe", Email: "zoe@pipeline.example"}}
		ask(people.SourceSchedule, people.SourceGroup)
		may("U0BEN", true)
		may("U0ANA", false)
		duty, err := r.people.OnCall(r.Context())
		if err != nil || duty.Source != "PagerDuty schedule P1" || !strings.Contains(strings.Join(duty.Notes, " "), "Zoe is on call, but has no account") {
			r.Errorf("got %+v and %v, want the schedule, and Zoe told", duty, err)
		}
		broken = errors.New("HTTP 503")
		ask(people.SourceSchedule, people.SourceGroup)
		may("U0ANA", true)
		if duty, _ = r.people.OnCall(r.Context()); !strings.Contains(strings.Join(duty.Notes, " "), "HTTP 503") {
			r.Errorf("got notes %q, want why the schedule did not answer", duty.Notes)
		}
		ask(people.SourceSchedule)
		may("U0BEN", false)
		ask(people.SourceSchedule, people.SourceList)
		may("U0CARL", true)
		may("U0ANA", false)
	})
}
