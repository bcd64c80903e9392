package people

import (
	"fmt"
	"testing"

	"github.com/scalebot/scalebot/internal/slackui/api/apitest"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// In a direct message with the bot nobody else is there to share it with.
func TestADirectMessageIsNoSharedChannel(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	d := NewDirectory(apitest.Connect(t, f), Roster{})
	if room, err := d.Room(t.Context(), "D0ANA"); err != nil || !room.Member || room.Shared || len(f.Made("conversations.info")) != 0 {
		t.Errorf("got %+v and %v, want a room the bot is in, without asking", room, err)
	}
}

// Only sharing with another company counts, and that as soon as it is pending: sharing
// inside the own organisation is harmless (is_shared counts both).
func TestWhichSharingCounts(t *testing.T) {
	for flags, want := range map[string]bool{
		`"is_shared":true,"is_org_shared":true`: false, `"is_ext_shared":true`: true, `"is_shared":true,"is_pending_ext_shared":true`: true, `"is_ext_shared":null`: false,
	} {
		f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
			if c.Method != "conversations.info" {
				return nil
			}
			return &slackuitest.FakeAnswer{Body: fmt.Sprintf(`{"ok":true,"channel":{"id":"C1","is_member":true,%s}}`, flags)}
		}}
		room, err := NewDirectory(apitest.Connect(t, f), Roster{}).Room(t.Context(), "C1")
		if err != nil || room.Shared != want || !room.Member {
			t.Errorf("%s: got %+v and %v, want shared %v", flags, room, err, want)
		}
	}
}
