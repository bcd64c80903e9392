package inbox

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// filled is a submitted adjust form.
func filled(t *testing.T, count, origin string) interaction {
	t.Helper()
	body := fmt.Sprintf(`{"type":"view_submission","trigger_id":"t1","user":{"id":"U1"},"view":{"callback_id":"adjust","private_metadata":%q,
		"blocks":[{"type":"input","block_id":"count","element":{"type":"hologram"}}],
		"state":{"values":{"count":{"count":{"type":"number_input","value":%s}},"hologram":[1]}}}}`, origin, count)
	var in interaction
	if err := api.Glean([]byte(body), &in); err != nil {
		t.Fatal(err)
	}
	return in
}

func TestTheCountOfTheFormIsChecked(t *testing.T) {
	l := NewListener(api.NewClient(api.Config{}), ListenerConfig{})
	const origin = `{"operation":"download-worker-17","channel":"C1","ts":"1.1"}`
	for count, good := range map[string]bool{
		`"0"`: true, `"9"`: true, `" 9 "`: true, `"1000"`: true, `9`: true,
		`""`: false, `"-1"`: false, `"1001"`: false, `"2.5"`: false, `"nine"`: false, `"99999999999999999999"`: false,
		`null`: false, `9.5`: false, `{"count":9}`: false, `["9"]`: false, `true`: false,
	} {
		d := l.submitted(filled(t, count, origin))
		if (d.job != nil) != good || (d.reply == nil) != good {
			t.Errorf("count %q: got job %v, reply %v, want good %v", count, d.job != nil, d.reply, good)
		}
	}
	if d := l.submitted(filled(t, `"9"`, "{")); d.job != nil || d.reply == nil {
		t.Error("a damaged form was taken")
	}
}

func TestTheFormFitsSlack(t *testing.T) {
	click := commands.Click{Target: "download-worker-17", Channel: "C0INCIDENT", TS: "1.1"}
	for name, op := range map[string]ledger.Operation{"known": slackuitest.Operation(ledger.Proposed), "unknown": {}} {
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
