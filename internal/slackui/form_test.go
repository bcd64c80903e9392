package slackui

import (
	"encoding/json"
	"testing"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/scale"
)

// filled is a submitted adjust form.
func filled(count, origin string) slack.InteractionCallback {
	return slack.InteractionCallback{
		Type: slack.InteractionTypeViewSubmission, TriggerID: "t1",
		View: slack.View{CallbackID: formCallback, PrivateMetadata: origin, State: &slack.ViewState{Values: map[string]map[string]slack.BlockAction{
			blockCount: {blockCount: {Value: count}},
		}}},
	}
}

func TestTheCountOfTheFormIsChecked(t *testing.T) {
	l := NewListener(NewClient(Config{}), ListenerConfig{})
	const origin = `{"operation":"download-worker-17","channel":"C1","ts":"1.1"}`
	for count, good := range map[string]bool{
		"0": true, "9": true, " 9 ": true, "1000": true,
		"": false, "-1": false, "1001": false, "2.5": false, "nine": false, "99999999999999999999": false,
	} {
		d := l.submitted(filled(count, origin))
		if (d.job != nil) != good || (d.reply == nil) != good {
			t.Errorf("count %q: got job %v, reply %v, want good %v", count, d.job != nil, d.reply, good)
		}
	}
	if d := l.submitted(filled("9", "{")); d.job != nil || d.reply == nil {
		t.Error("a damaged form was taken")
	}
}

func TestTheFormFitsSlack(t *testing.T) {
	click := commands.Click{Target: "download-worker-17", Channel: "C0INCIDENT", TS: "1.1"}
	for name, op := range map[string]scale.Operation{"known": operation(scale.Proposed), "unknown": {}} {
		view, err := formView(click, op)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(view)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range blockkit.CheckView(data) {
			t.Errorf("%s: Slack would refuse %s: %s", name, p.Pointer, p.Message)
		}
	}
}
