package inbox

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/people"
)

func (r *room) grant(user string, right scale.Right) scale.Grant {
	return r.people.Grant(r.Context(), scale.Person{ID: user}, right)
}

// TestWhoMayDecide is R-141: people on call and nobody else.
func TestWhoMayDecide(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		for _, tt := range []struct{ user, ask, decide string }{
			{"U0ANA", "", ""}, {"U0BEN", "", ""}, {"U0CARL", "", scale.RefusedNotOnCall},
			{"U0GINA", people.CodeGuest, people.CodeGuest}, {"U0EVE", people.CodeExternal, people.CodeExternal}, {"U0DAN", people.CodeDeactivated, people.CodeDeactivated},
			{"U0SCALEBOT", people.CodeBot, people.CodeBot}, {"USLACKBOT", people.CodeBot, people.CodeBot}, {"U0NOBODY", people.CodeUnknown, people.CodeUnknown}, {"", people.CodeUnknown, people.CodeUnknown},
		} {
			for right, code := range map[scale.Right]string{scale.RightAsk: tt.ask, scale.RightDecide: tt.decide} {
				got := r.grant(tt.user, right)
				if got.Code != code || got.Allowed != (code == "") || (code != "" && got.Why == "") {
					r.Errorf("%s, %s: got %+v, want code %q", tt.user, right, got, code)
				}
			}
		}
	})
}

func TestARefusalNamesTheRoleAndWhoHasIt(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		got := r.grant("U0CARL", scale.RightDecide)
		if got.Role != "member of @kafka-oncall" || strings.Join(got.Holders, ",") != "ana,ben" || got.Source != "user group @kafka-oncall" {
			r.Errorf("got role %q held by %q from %q", got.Role, got.Holders, got.Source)
		}
		if got.Person.Name != "carl" || got.Person.Team != "T0PIPELINE" {
			r.Errorf("got person %+v, want name and team of the moment", got.Person)
		}
	})
}

// TestDecidingIsReadAtTheClick: a change of the group or of a person counts at once.
func TestDecidingIsReadAtTheClick(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		if got := r.grant("U0ANA", scale.RightDecide); !got.Allowed {
			r.Fatalf("got %+v", got)
		}
		r.must("fault", map[string]any{"group": map[string]any{"id": "S0ONCALL", "members": []string{"U0CARL", "U0ANA"}}})
		if got := r.grant("U0CARL", scale.RightDecide); !got.Allowed {
			r.Errorf("got %+v, want Carl on call now", got)
		}
		r.must("fault", map[string]any{"external": "U0ANA"})
		if got := r.grant("U0ANA", scale.RightDecide); got.Allowed || got.Code != people.CodeExternal {
			r.Errorf("got %+v, want Ana refused at once", got)
		}
		r.must("fault", map[string]any{"deactivate": "U0CARL"})
		if got := r.grant("U0CARL", scale.RightDecide); got.Code != people.CodeDeactivated {
			r.Errorf("got %+v, want Carl refused at once", got)
		}
	})
}

// TestWhatCannotBeReadIsRefused: fail closed.
func TestWhatCannotBeReadIsRefused(t *testing.T) {
	for _, method := range []string{"users.info", "usergroups.list", "usergroups.users.list"} {
		inRoom(t, ListenerConfig{}, func(r *room) {
			r.must("fault", map[string]any{"method": method, "status": 500, "count": -1})
			if got := r.grant("U0ANA", scale.RightDecide); got.Allowed || got.Code != people.CodeUnknown {
				r.Errorf("%s: got %+v, want a refusal", method, got)
			}
		})
	}
}

func TestAWorkspaceWithoutUserGroupsUsesTheList(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.must("fault", map[string]any{"no_usergroups": true})
		r.people = people.NewDirectory(r.client, people.Roster{Group: "kafka-oncall", Users: []string{"U0CARL"}})
		if got := r.grant("U0CARL", scale.RightDecide); !got.Allowed {
			r.Errorf("got %+v, want Carl allowed by the list", got)
		}
		if got := r.grant("U0ANA", scale.RightDecide); got.Code != scale.RefusedNotOnCall {
			r.Errorf("got %+v, want Ana refused", got)
		}
	})
}

func TestTheGroupIsFoundByHandleOrID(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		for group, want := range map[string]string{"@kafka-oncall": "", "kafka-oncall": "", "S0ONCALL": "", "other": people.CodeUnknown, "": scale.RefusedNotOnCall} {
			r.people = people.NewDirectory(r.client, people.Roster{Group: group})
			if got := r.grant("U0ANA", scale.RightDecide); got.Code != want {
				r.Errorf("group %q: got %+v, want code %q", group, got, want)
			}
		}
	})
}

func TestWhoIsOnCallIsAtMostAMinuteOld(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		names := func() string {
			duty, err := r.people.OnCall(r.Context())
			if err != nil {
				r.Fatal(err)
			}
			var all []string
			for _, p := range duty.Members {
				all = append(all, p.Name)
			}
			return strings.Join(all, ", ")
		}
		if got := names(); got != "ana, ben" {
			r.Errorf("got %q on call", got)
		}
		r.must("fault", map[string]any{"group": map[string]any{"id": "S0ONCALL", "members": []string{"U0CARL"}}})
		time.Sleep(61 * time.Second)
		if got := names(); got != "carl" {
			r.Errorf("got %q on call after a minute, want Carl", got)
		}
	})
}

func TestRoomsAreTold(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		check := func(want people.Room) {
			r.Helper()
			got, err := r.people.Room(r.Context(), "C0INCIDENT")
			if err != nil || got != want {
				r.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		}
		r.must("fault", map[string]any{"remove_bot": "C0INCIDENT"})
		check(people.Room{})
		// An invitation counts at once, because absence is not remembered.
		r.must("fault", map[string]any{"add_bot": "C0INCIDENT"})
		check(people.Room{Member: true})
		r.must("fault", map[string]any{"share": "C0INCIDENT"})
		time.Sleep(61 * time.Second)
		check(people.Room{Member: true, Shared: true})
	})
}
