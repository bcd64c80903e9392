package inbox

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api/apitest"
	"github.com/scalebot/scalebot/internal/slackui/people"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// Who somebody is, which channel it is and who is on call is read from what the bot asks
// for; what else Slack tells may be of any shape. What the bot asks for may not.
func TestPeopleAndRoomsAreReadByWhatMatters(t *testing.T) {
	good := map[string]string{
		"users.info":            `{"ok":true,"user":{"id":"U0ANA","team_id":"T1","name":"ana","deleted":null,"tz_offset":-25200.5,"updated":"now","color":7,"enterprise_user":null,"profile":{"display_name":"Ana","fields":[],"status_expiration":"0","status_emoji_display_info":{}}}}`,
		"conversations.info":    `{"ok":true,"channel":{"id":"C1","is_member":true,"is_ext_shared":false,"created":"x","topic":"x","latest":{"blocks":[{"type":"actions","elements":[{"type":"hologram"}]}]},"properties":[]}}`,
		"usergroups.list":       `{"ok":true,"usergroups":[null,"x",{"id":7,"handle":["kafka-oncall"]},{"id":"S0ONCALL","handle":"kafka-oncall","user_count":"3","prefs":[],"date_create":"now"}]}`,
		"usergroups.users.list": `{"ok":true,"users":["U0ANA"],"response_metadata":[]}`,
	}
	bad := map[string][]string{
		"users.info": {
			`{}`, `{"ok":true}`, `{"ok":true,"user":null}`, `{"ok":true,"user":[]}`, `{"ok":true,"user":{"team_id":"T1"}}`, `<html></html>`,
			`{"ok":true,"user":{"id":"U0ANA","team_id":"T1","is_restricted":"true"}}`, `{"ok":true,"user":{"id":"U0ANA","team_id":"T1","deleted":1}}`,
			`{"ok":true,"user":{"id":"U0ANA","team_id":["T1"]}}`, `{"ok":true,"user":{"id":"U0ANA","team_id":"T1","enterprise_user":"E1"}}`,
		},
		"conversations.info": {
			`{}`, `{"ok":true}`, `{"ok":true,"channel":null}`, `{"ok":true,"channel":{"id":"C1","is_member":true,"is_ext_shared":"true"}}`,
			`{"ok":true,"channel":{"id":"C1","is_member":true,"is_pending_ext_shared":["E1"]}}`, `<html></html>`,
		},
		"usergroups.list":       {`{}`, `{"ok":true}`, `{"ok":true,"usergroups":null}`, `{"ok":true,"usergroups":[]}`, `{"ok":true,"usergroups":{}}`, `<html></html>`},
		"usergroups.users.list": {`{}`, `{"ok":true}`, `{"ok":true,"users":null}`, `{"ok":true,"users":[]}`, `{"ok":true,"users":"U0ANA"}`, `{"ok":true,"users":[{"id":"U0ANA"}]}`, `<html></html>`},
	}
	ask := func(method, body string) (scale.Grant, *scale.Refusal) {
		f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
			if c.Method == method {
				return &slackuitest.FakeAnswer{Body: body}
			}
			if answer, ok := good[c.Method]; ok {
				return &slackuitest.FakeAnswer{Body: answer}
			}
			return nil
		}}
		c := apitest.Connect(t, f)
		d := people.NewDirectory(c, people.Roster{Group: "kafka-oncall"})
		_, refusal := NewListener(c, ListenerConfig{Directory: d}).door(t.Context(), "C1")
		return d.Grant(t.Context(), scale.Person{ID: "U0ANA"}, scale.RightDecide), refusal
	}
	if grant, refusal := ask("", ""); !grant.Allowed || grant.Person.Name != "Ana" || refusal != nil {
		t.Errorf("got %+v and %+v, want Ana allowed and the channel open", grant, refusal)
	}
	for method, bodies := range bad {
		for _, body := range bodies {
			if grant, refusal := ask(method, body); grant.Allowed && refusal == nil || !strings.Contains(grant.Why+refusalWhy(refusal), " ") {
				t.Errorf("%s %s: got %+v and %+v, want a refusal that says why", method, body, grant, refusal)
			}
		}
	}
}

func refusalWhy(r *scale.Refusal) string {
	if r == nil {
		return ""
	}
	return r.Why
}
