package slackemu

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const hologram = `[{"type":"actions","elements":[{"type":"hologram"}]}]`

// What other apps and newer clients put into messages is handed on as it is.
func TestForeignMessagesAreHandedOnAsTheyAre(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		ts := r.must("foreign", object{"channel": "C0INCIDENT", "text": "x", "blocks": json.RawMessage(hologram), "metadata": json.RawMessage(`"odd"`)})["ts"]
		got := r.call("conversations.history", "channel", "C0INCIDENT", "include_all_metadata", "true")["messages"].([]any)[0].(object)
		if got["ts"] != ts || got["bot_id"] != otherBot || got["metadata"] != "odd" || !strings.Contains(fmt.Sprint(got["blocks"]), "hologram") {
			t.Errorf("got %v, want the message as it was posted", got)
		}
		r.must("mention", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status", "blocks": json.RawMessage(hologram), "files": json.RawMessage(`[{"size":"12"}]`)})
		event := a.next("events_api")["payload"].(object)["event"].(object)
		if !strings.Contains(fmt.Sprint(event["blocks"], event["files"]), "hologram") || event["attachments"] != nil || event["text"] != "<@U0SCALEBOT> status" {
			t.Errorf("got the event %v, want what was in the message", event)
		}
		if got := r.control("foreign", object{"channel": "C0NOWHERE"}); got["error"] != "channel_not_found" {
			t.Errorf("got %v", got)
		}
	})
}

// A mention that is edited in comes as a mention with the time of the edit; only one's own
// messages can be edited.
func TestAnEditedMentionSaysSo(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		ts := r.must("say", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "hm"})["ts"]
		edit := func(user, text string) object {
			return r.control("edit", object{"user": user, "channel": "C0INCIDENT", "ts": ts, "text": text})
		}
		if got := edit("U0ANA", "hm, well"); got["ok"] != true || got["delivered"] != false {
			t.Errorf("got %v, want an edit that the app does not hear of", got)
		}
		if got := edit("U0ANA", "@scalebot status"); got["delivered"] != true {
			t.Errorf("got %v, want the app to hear of it", got)
		}
		event := a.next("events_api")["payload"].(object)["event"].(object)
		if edited, _ := event["edited"].(object); event["type"] != "app_mention" || event["ts"] != ts || edited["user"] != "U0ANA" || edited["ts"] == ts {
			t.Errorf("got the event %v, want a mention with its edit", event)
		}
		for user, want := range map[string]string{"U0BEN": "cant_update_message", "U0DAN": "user_is_deactivated"} {
			if got := edit(user, "x"); got["error"] != want {
				t.Errorf("%s: got %v, want %s", user, got, want)
			}
		}
		if got := edit("U0ANA", " "); got["error"] != "no_text" {
			t.Errorf("got %v", got)
		}
	})
}

// A response_url refuses with HTTP 404 whatever it refuses, and the code is in the body.
func TestAResponseURLRefusesWith404(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		r.must("slash", slashBy("U0ANA"))
		address := a.next("slash_commands")["payload"].(object)["response_url"].(string)
		for _, step := range []struct{ body, want string }{
			{`{`, "invalid_payload"}, {`{}`, "no_text"}, {`{"text":"x","blocks":[{"type":"x"}]}`, "invalid_blocks"}, {`{"text":"x","blocks":{}}`, "invalid_blocks_format"},
		} {
			res, err := r.client.Post(address, "application/json", strings.NewReader(step.body))
			if err != nil {
				t.Fatal(err)
			}
			got := decoded(t, res.Body)
			_ = res.Body.Close()
			if res.StatusCode != http.StatusNotFound || got["ok"] != false || got["error"] != step.want {
				t.Errorf("%s: got %d %v, want 404 and %s", step.body, res.StatusCode, got, step.want)
			}
		}
	})
}

// The members of a hello can be made any.
func TestAHelloOfAnyShape(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		r.must("fault", object{"hello": object{"num_connections": "", "debug_info": []any{}}})
		if got := r.connect(plainAck).next("hello"); got["num_connections"] != "" || fmt.Sprint(got["debug_info"]) != "[]" || got["type"] != "hello" {
			t.Errorf("got %v", got)
		}
		r.must("fault", object{"clear": true})
		if got := r.connect(plainAck).next("hello"); got["num_connections"] != 2.0 {
			t.Errorf("got %v, want the usual hello", got)
		}
	})
}
