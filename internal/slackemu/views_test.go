package slackemu

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

// form is a modal with one text field.
func form(title, more string) string {
	return `{"type":"modal","title":{"type":"plain_text","text":"` + title + `"},"submit":{"type":"plain_text","text":"Go"}` + more + `,
		"blocks":[{"type":"input","block_id":"why","optional":true,"label":{"type":"plain_text","text":"Why"},"element":{"type":"plain_text_input","action_id":"text","initial_value":"because"}},
		{"type":"actions","elements":[{"type":"button","action_id":"next","value":"n","text":{"type":"plain_text","text":"Next"}}]}]}`
}

// modalRoom is a room with a connected app and a way to get a trigger.
func modalRoom(t *testing.T, reply func(object) any, test func(r *room, a *app, trigger func() string)) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(reply)
		a.next("hello")
		test(r, a, func() string {
			r.must("slash", slashBy("U0ANA"))
			return a.next("slash_commands")["payload"].(object)["trigger_id"].(string)
		})
	})
}

func TestViewsStackAndKeepTheirHash(t *testing.T) {
	modalRoom(t, plainAck, func(r *room, a *app, trigger func() string) {
		first := r.call("views.open", "trigger_id", trigger(), "view", form("One", `,"external_id":"e1"`))["view"].(object)
		r.refused("duplicate_external_id", "views.push", "trigger_id", trigger(), "view", form("Two", `,"external_id":"e1"`))
		second := r.call("views.push", "trigger_id", trigger(), "view", form("Two", ""))["view"].(object)
		if second["root_view_id"] != first["id"] || second["previous_view_id"] != first["id"] {
			t.Errorf("got %v, want it on top of the first", second)
		}
		r.call("views.push", "trigger_id", trigger(), "view", form("Three", ""))
		r.refused("push_limit_reached", "views.push", "trigger_id", trigger(), "view", form("Four", ""))

		r.refused("hash_conflict", "views.update", "external_id", "e1", "hash", "old", "view", form("One", ""))
		updated := r.call("views.update", "external_id", "e1", "hash", first["hash"].(string), "view", form("Changed", `,"external_id":"e1"`))["view"].(object)
		if updated["id"] != first["id"] || updated["hash"] == first["hash"] || updated["title"].(object)["text"] != "Changed" {
			t.Errorf("got %v, want the same view with another hash", updated)
		}
		r.refused("not_found", "views.update", "view_id", "V0NONE", "view", form("x", ""))
		r.refused("view_too_large", "views.update", "external_id", "e1", "view", form("x", `,"private_metadata":"`+strings.Repeat("x", 250_000)+`"`))
		got := r.refused("invalid_arguments", "views.update", "external_id", "e1", "view", form(strings.Repeat("x", 25), ""))
		if m := got["response_metadata"].(object)["messages"].([]any)[0]; m != "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]" {
			t.Errorf("got %v, want the title named", m)
		}

		r.must("click", object{"user": "U0ANA", "view_id": first["id"], "action_id": "next"})
		p := a.next("interactive")["payload"].(object)
		if p["container"].(object)["view_id"] != first["id"] || p["actions"].([]any)[0].(object)["value"] != "n" {
			t.Errorf("got %v, want a click in the view", p)
		}
		if got := r.control("submit", object{"user": "U0BEN", "view_id": first["id"]}); got["error"] != "view_not_found" {
			t.Errorf("Ben submits Ana's view: got %v", got)
		}
	})
}

// What the app answers to a submission decides what is open afterwards.
func TestSubmissionsObeyTheAnswer(t *testing.T) {
	var ack any
	reply := func(f object) any {
		if f["payload"].(object)["type"] == "view_submission" {
			return object{"envelope_id": f["envelope_id"], "payload": ack}
		}
		return plainAck(f)
	}
	modalRoom(t, reply, func(r *room, a *app, trigger func() string) {
		for _, test := range []struct {
			name  string
			ack   any
			open  int
			error any
		}{
			{"nothing closes it", nil, 0, nil},
			{"clear", object{"response_action": "clear"}, 0, nil},
			{"update", object{"response_action": "update", "view": rawJSON(form("Next", ""))}, 1, nil},
			{"push", object{"response_action": "push", "view": rawJSON(form("Next", ""))}, 2, nil},
			{"errors", object{"response_action": "errors", "errors": object{"why": "no"}}, 1, "invalid_input"},
			{"errors about nothing", object{"response_action": "errors", "errors": object{}}, 1, "invalid_ack"},
			{"errors elsewhere", object{"response_action": "errors", "errors": object{"who": "no"}}, 1, "invalid_ack"},
			{"bad view", object{"response_action": "update", "view": object{}}, 1, "invalid_ack"},
			{"unknown", object{"response_action": "dance"}, 1, "invalid_ack"},
			{"not an object", "yes", 1, "invalid_ack"},
		} {
			view := r.call("views.open", "trigger_id", trigger(), "view", form("One", ""))["view"].(object)
			ack = test.ack
			got := r.control("submit", object{"user": "U0ANA", "view_id": view["id"]})
			if open := len(r.get("/emulator/state")["views"].([]any)); open != test.open || got["error"] != test.error {
				t.Errorf("%s: got %v with %d views open, want %v and %d", test.name, got, open, test.error, test.open)
			}
			sent := a.next("interactive")["payload"].(object)["view"].(object)
			if value := sent["state"].(object)["values"].(object)["why"].(object)["text"].(object)["value"]; value != "because" {
				t.Errorf("%s: got the value %v, want what the field began with", test.name, value)
			}
		}
	})
}

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

func TestClosingIsToldWhenAskedFor(t *testing.T) {
	modalRoom(t, plainAck, func(r *room, a *app, trigger func() string) {
		for more, want := range map[string]int{"": 0, `,"notify_on_close":true`: 1} {
			view := r.call("views.open", "trigger_id", trigger(), "view", form("One", more))["view"].(object)
			r.must("close", object{"user": "U0ANA", "view_id": view["id"]})
			if len(a.frames) != want {
				t.Errorf("%q: got %d frames, want %d", more, len(a.frames), want)
			}
			if want > 0 && a.next("interactive")["payload"].(object)["type"] != "view_closed" {
				t.Errorf("want view_closed")
			}
		}
	})
}

func TestHomeTabsArePublished(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		const home = `{"type":"home","blocks":[{"type":"divider"}]}`
		first := r.call("views.publish", "user_id", "U0ANA", "view", home)["view"].(object)
		second := r.call("views.publish", "user_id", "U0ANA", "hash", first["hash"].(string), "view", home)["view"].(object)
		if first["id"] != second["id"] {
			t.Errorf("got %v and %v, want one home tab", first["id"], second["id"])
		}
		r.refused("hash_conflict", "views.publish", "user_id", "U0ANA", "hash", first["hash"].(string), "view", home)
		r.refused("user_not_found", "views.publish", "user_id", "U0NOBODY", "view", home)
		r.refused("invalid_arguments", "views.publish", "user_id", "U0ANA", "view", form("x", ""))
		if got := r.must("home", object{"user": "U0ANA"})["view"].(object); got["id"] != first["id"] {
			t.Errorf("got %v, want the published view", got)
		}
	})
}

// T-upload: the three steps of an upload, and the file in the thread afterwards.
func TestUploadsAreSharedAndServed(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		parent := r.post("text", "report")
		picture := []byte("\x89PNG fake")
		step := r.call("files.getUploadURLExternal", "filename", "lag.png", "length", "9", "alt_txt", "lag over an hour")
		id, address := step["file_id"].(string), step["upload_url"].(string)
		if !strings.HasPrefix(address, base+"/") {
			t.Errorf("got %s, want the API's own host, which clients insist on", address)
		}
		files := `[{"id":"` + id + `","title":"Lag"}]`
		r.refused("file_not_found", "files.completeUploadExternal", "files", files)
		send := func(data []byte) int {
			res, err := r.client.Post(address, "application/octet-stream", bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			return res.StatusCode
		}
		if got := send(picture[:3]); got != http.StatusBadRequest {
			t.Errorf("too short: got %d, want 400", got)
		}
		if got := send(picture); got != http.StatusOK {
			t.Errorf("got %d, want 200", got)
		}
		image := `[{"type":"image","alt_text":"a","slack_file":{"id":"` + id + `"}}]`
		r.refused("invalid_blocks", "chat.postMessage", "channel", "C0INCIDENT", "text", "x", "blocks", image)
		r.refused("channel_not_found", "files.completeUploadExternal", "files", files, "channel_id", "C0NOWHERE")
		r.call("files.completeUploadExternal", "files", files, "channel_id", "C0INCIDENT", "thread_ts", parent, "initial_comment", "the chart")
		r.refused("file_not_found", "files.completeUploadExternal", "files", files)
		r.call("chat.postMessage", "channel", "C0INCIDENT", "text", "x", "blocks", image)

		reply := r.messages("U0ANA")[1]
		file := reply["files"].([]any)[0].(object)
		if reply["thread_ts"] != parent || reply["text"] != "the chart" || file["title"] != "Lag" || file["alt_txt"] != "lag over an hour" {
			t.Errorf("got %v, want the file in the thread", reply)
		}
		for _, address := range []string{file["url_private"].(string), base + "/emulator/file/" + id} {
			res, err := r.client.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 100)
			n, _ := res.Body.Read(got)
			res.Body.Close()
			if string(got[:n]) != string(picture) || res.Header.Get("Content-Type") != "image/png" {
				t.Errorf("%s: got %q of %s", address, got[:n], res.Header.Get("Content-Type"))
			}
		}
		r.refused("file_upload_size_restricted", "files.getUploadURLExternal", "filename", "a.png", "length", "99999999")
		r.refused("invalid_arguments", "files.getUploadURLExternal", "filename", "a.png", "length", "x")
	})
}

func TestFilesABrowserMightRunAreBytes(t *testing.T) {
	for name, want := range map[string]string{"a.png": "image/png", "a.html": "application/octet-stream", "a.svg": "application/octet-stream", "a": "application/octet-stream"} {
		if got := (&upload{name: name}).kind(); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
