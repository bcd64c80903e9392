package people

import (
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api/apitest"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// known is a directory in a workspace where U1 is as the given fields say.
func known(t *testing.T, enterprise, fields string) *Directory {
	t.Helper()
	f := &slackuitest.FakeSlack{Users: map[string]string{"U1": `{"id":"U1","name":"una",` + fields + `}`}}
	f.Rule = func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method != "auth.test" || enterprise == "" {
			return nil
		}
		return &slackuitest.FakeAnswer{Body: `{"ok":true,"team_id":"T1","user_id":"UBOT","user":"scalebot","bot_id":"B1","enterprise_id":"` + enterprise + `"}`}
	}
	return NewDirectory(apitest.Connect(t, f), Roster{Users: []string{"U1"}})
}

// Which flags of a Slack user keep them from everything, whatever list they are on, and which
// do not.
func TestWhichPeopleAreBarred(t *testing.T) {
	for _, tt := range []struct{ name, enterprise, fields, code string }{
		{"a member", "", `"team_id":"T1"`, ""},
		{"missing and null fields", "", `"team_id":"T1","is_bot":null,"profile":null,"enterprise_user":null,"deleted":null`, ""},
		{"who has authorised the app", "", `"team_id":"T1","is_app_user":true`, ""},
		{"another company", "", `"team_id":"T2"`, CodeExternal},
		{"another company, which is_stranger does not tell", "", `"team_id":"T2","is_stranger":false`, CodeExternal},
		{"no team at all", "", `"is_stranger":false`, CodeExternal},
		{"a guest of several channels", "", `"team_id":"T1","is_restricted":true`, CodeGuest},
		{"a guest of one channel", "", `"team_id":"T1","is_restricted":true,"is_ultra_restricted":true`, CodeGuest},
		{"somebody invited", "", `"team_id":"T1","is_invited_user":true`, CodeGuest},
		{"deactivated", "", `"team_id":"T1","deleted":true`, CodeDeactivated},
		{"a bot", "", `"team_id":"T1","is_bot":true`, CodeBot},
		{"a workflow", "", `"team_id":"T1","is_workflow_bot":true`, CodeBot},
		{"a connector", "", `"team_id":"T1","is_connector_bot":true`, CodeBot},
		{"Grid: another workspace of ours", "E1", `"team_id":"T2","enterprise_user":{"id":"W1","enterprise_id":"E1"}`, ""},
		{"Grid: another organisation", "E1", `"team_id":"T1","enterprise_user":{"id":"W1","enterprise_id":"E2"}`, CodeExternal},
		{"Grid: theirs, not ours", "", `"team_id":"T2","enterprise_user":{"id":"W1","enterprise_id":"E2"}`, CodeExternal},
	} {
		for _, right := range []scale.Right{scale.RightAsk, scale.RightDecide} {
			got := known(t, tt.enterprise, tt.fields).Grant(t.Context(), scale.Person{ID: "U1"}, right)
			if got.Code != tt.code || got.Allowed != (tt.code == "") {
				t.Errorf("%s, %s: got %+v, want code %q", tt.name, right, got, tt.code)
			}
		}
	}
}

// On Grid one human may have several accounts: who they are in the organisation travels
// with the answer, so that the desk can tell two people from one.
func TestTheOrganisationsIDIsPartOfAPerson(t *testing.T) {
	got := known(t, "E1", `"team_id":"T1","enterprise_user":{"id":"W7","enterprise_id":"E1"}`).Grant(t.Context(), scale.Person{ID: "U1"}, scale.RightDecide)
	if got.Person.Grid != "W7" || !got.Person.Is(scale.Person{ID: "U2", Grid: "W7"}) || got.Person.Is(scale.Person{ID: "U2", Grid: "W8"}) {
		t.Errorf("got %+v, want the id of the organisation", got.Person)
	}
}
