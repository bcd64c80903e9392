package slackemu

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// T-who: who may type a slash command, as Slack sees it.
func TestWhoMayUseSlashCommands(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		r.connect(plainAck).next("hello")
		for user, want := range map[string]any{
			"U0ANA": nil, "U0CARL": nil, "U0GINA": nil, "U0EVE": "not_available", "U0DAN": "user_is_deactivated", "U0SCALEBOT": "user_is_bot", "U0NOBODY": "user_not_found",
		} {
			got := r.control("slash", slashBy(user))
			if got["error"] != want || (want != nil && got["message"] == "") {
				t.Errorf("%s: got %v, want %v", user, got, want)
			}
		}
		for want, body := range map[string]object{
			"not_in_thread":     {"user": "U0ANA", "channel": "C0INCIDENT", "text": "x", "thread_ts": "1.0"},
			"invalid_command":   {"user": "U0ANA", "channel": "C0INCIDENT", "text": "x", "command": "/scael"},
			"channel_not_found": {"user": "U0ANA", "channel": "C0NOWHERE", "text": "x"},
			"msg_too_long":      {"user": "U0ANA", "channel": "C0INCIDENT", "text": strings.Repeat("x", maxTyped+1)},
		} {
			if got := r.control("slash", body); got["error"] != want {
				t.Errorf("%v: got %v, want %s", body["command"], got, want)
			}
		}
		r.must("fault", object{"archive": "C0INCIDENT"})
		if got := r.control("slash", slashBy("U0ANA")); got["error"] != "is_archived" {
			t.Errorf("got %v, want is_archived", got)
		}
	})
}

// T-slash-payload: the members that clients rely on, and should_escape.
func TestSlashPayload(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		r.must("slash", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "  download-worker 9 because @ben & #general <b> https://x.test/a?b=1 see grafana.com <@U0CARL> "})
		p := a.next("slash_commands")["payload"].(object)
		for name, want := range map[string]string{
			"command": "/scale", "user_id": "U0ANA", "user_name": "ana", "channel_id": "C0INCIDENT", "channel_name": "incident-kafka", "team_id": "T0PIPELINE",
			"is_enterprise_install": "false", "api_app_id": "A0SCALEBOT",
			"text": "download-worker 9 because <@U0BEN|ben> &amp; <#C0GENERAL|general> &lt;b&gt; <https://x.test/a?b=1> see <http://grafana.com|grafana.com> <@U0CARL>",
		} {
			if p[name] != want {
				t.Errorf("%s: got %q, want %q", name, p[name], want)
			}
		}
		if !strings.HasPrefix(p["response_url"].(string), base+"/response/") || p["trigger_id"] == "" {
			t.Errorf("got %v, want a response_url and a trigger", p)
		}
	})
}

// An answer for all in the channel also shows the command that was typed.
func TestInChannelAnswersShowTheCommand(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(func(f object) any {
			return object{"envelope_id": f["envelope_id"], "payload": object{"response_type": "in_channel", "text": "for all"}}
		})
		a.next("hello")
		r.must("slash", slashBy("U0ANA"))
		if got := strings.Join(r.sees("U0BEN"), "|"); got != "/scale status|for all" {
			t.Errorf("Ben sees %q, want the command and the answer", got)
		}
	})
}

// T-response_url: five uses, thirty minutes; it changes ephemerals and needs no
// membership and no token.
func TestResponseURL(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		use := func(address, body string) (int, string) {
			t.Helper()
			res, err := r.client.Post(address, "application/json", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			text := make([]byte, 500)
			n, _ := res.Body.Read(text)
			return res.StatusCode, string(text[:n])
		}
		hook := func() string {
			r.must("slash", slashBy("U0ANA"))
			return a.next("slash_commands")["payload"].(object)["response_url"].(string)
		}
		r.must("fault", object{"remove_bot": "C0INCIDENT"})
		first := hook()
		steps := []struct{ body, want string }{
			{`{"text":"one"}`, "(only you) /scale status|(only you) one"},
			{`{"text":"two","replace_original":true}`, "(only you) /scale status|(only you) two"},
			{`{"delete_original":true}`, "(only you) /scale status"},
			{`{"text":"for all","response_type":"in_channel"}`, "/scale status|for all"},
			{`{"text":"last","blocks":null}`, "/scale status|for all|(only you) last"},
		}
		for _, step := range steps {
			if status, body := use(first, step.body); status != http.StatusOK || body != "ok" {
				t.Errorf("%s: got %d %q", step.body, status, body)
			}
			if got := strings.Join(r.sees("U0ANA"), "|"); got != step.want {
				t.Errorf("%s: Ana sees %q, want %q", step.body, got, step.want)
			}
		}
		if status, body := use(first, `{"text":"six"}`); status != http.StatusNotFound || !strings.Contains(body, "used_url") {
			t.Errorf("a sixth use: got %d %q", status, body)
		}
		second := hook()
		for body, want := range map[string]string{`{`: "invalid_payload", `{}`: "no_text", `{"text":"x","blocks":[{"type":"x"}]}`: "invalid_blocks"} {
			if _, got := use(second, body); !strings.Contains(got, want) {
				t.Errorf("%s: got %q, want %s", body, got, want)
			}
		}
		time.Sleep(hookLife + time.Second)
		if status, body := use(second, `{"text":"late"}`); status != http.StatusNotFound || !strings.Contains(body, "expired_url") {
			t.Errorf("after 30 min: got %d %q", status, body)
		}
	})
}

// T-click: a click needs the button to be there, for that person.
func TestClicksNeedTheButton(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		ts := r.post("text", "card", "blocks", aButton)
		private := r.call("chat.postEphemeral", "channel", "C0INCIDENT", "user", "U0ANA", "text", "psst", "blocks", aButton)["message_ts"]
		click := func(user string, ts any, action string) object {
			return r.control("click", object{"user": user, "channel": "C0INCIDENT", "ts": ts, "action_id": action})
		}
		for _, test := range []struct {
			user   string
			ts     any
			action string
			want   any
		}{
			{"U0ANA", ts, "approve", nil}, {"U0EVE", ts, "approve", nil}, {"U0GINA", ts, "approve", nil}, {"U0ANA", private, "approve", nil},
			{"U0BEN", private, "approve", "message_not_found"}, {"U0ANA", "1.0", "approve", "message_not_found"},
			{"U0ANA", ts, "decline", "no_such_action"}, {"U0DAN", ts, "approve", "user_is_deactivated"},
		} {
			if got := click(test.user, test.ts, test.action); got["error"] != test.want {
				t.Errorf("%s on %v %s: got %v, want %v", test.user, test.ts, test.action, got, test.want)
			}
		}
		p := a.next("interactive")["payload"].(object)
		action, container := p["actions"].([]any)[0].(object), p["container"].(object)
		if action["value"] != "op-1" || action["type"] != "button" || action["block_id"] == "" || action["action_ts"] == "" {
			t.Errorf("got the action %v", action)
		}
		if container["message_ts"] != ts || container["is_ephemeral"] != false || p["user"].(object)["team_id"] != "T0PIPELINE" || p["message"].(object)["text"] != "card" {
			t.Errorf("got the payload %v", p)
		}
		if eve := a.next("interactive")["payload"].(object); eve["user"].(object)["team_id"] != "T0ELSEWHERE" {
			t.Errorf("got %v, want Eve's own team", eve["user"])
		}
		a.next("interactive")
		if p := a.next("interactive")["payload"].(object); p["message"] != nil || p["container"].(object)["is_ephemeral"] != true {
			t.Errorf("got %v, want an ephemeral's click without the message", p)
		}
		forced := r.must("click", object{"user": "U0DAN", "channel": "C0INCIDENT", "ts": ts, "action_id": "approve", "force": true})
		if forced["envelope_id"] == "" {
			t.Errorf("got %v, want Dan forced through", forced)
		}
		r.call("chat.update", "channel", "C0INCIDENT", "ts", ts, "text", "done")
		if got := click("U0ANA", ts, "approve"); got["error"] != "no_such_action" {
			t.Errorf("got %v, want no button after the update", got)
		}
	})
}

// A click nobody answers is what Slack marks with a triangle.
func TestClicksFailWithoutAnAck(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		ts := r.post("text", "card", "blocks", aButton)
		click := object{"user": "U0ANA", "channel": "C0INCIDENT", "ts": ts, "action_id": "approve"}
		if got := r.control("click", click); got["error"] != "dispatch_failed" {
			t.Errorf("got %v", got)
		}
		r.connect(nil).next("hello")
		if got := r.control("click", click); got["error"] != "operation_timeout" {
			t.Errorf("got %v", got)
		}
	})
}

// Menus bring the option that was chosen, wherever the element is in the message.
func TestMenusBringTheirOption(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		const menus = `[
			{"type":"section","text":{"type":"mrkdwn","text":"x"},"accessory":{"type":"overflow","action_id":"snooze","options":[
				{"text":{"type":"plain_text","text":"30 min"},"value":"30m"},{"text":{"type":"plain_text","text":"2 h"},"value":"2h"}]}},
			{"type":"container","title":{"type":"plain_text","text":"More"},"child_blocks":[{"type":"actions","elements":[
				{"type":"multi_static_select","action_id":"many","option_groups":[{"label":{"type":"plain_text","text":"g"},"options":[
					{"text":{"type":"plain_text","text":"A"},"value":"a"},{"text":{"type":"plain_text","text":"B"},"value":"b"}]}]},
				{"type":"users_select","action_id":"who"}]}]}]`
		ts := r.post("text", "card", "blocks", menus)
		attached := r.post("text", "card", "attachments", `[{"color":"#a30200","blocks":`+aButton+`}]`)
		choose := func(body object) object {
			body["user"], body["channel"] = "U0ANA", "C0INCIDENT"
			if body["ts"] == nil {
				body["ts"] = ts
			}
			if got := r.control("click", body); got["ok"] != true {
				return got
			}
			return a.next("interactive")["payload"].(object)["actions"].([]any)[0].(object)
		}
		for _, given := range []object{{"selected_option": object{"value": "2h"}}, {"value": "2h"}, {"selected_option": "2h"}} {
			given["action_id"] = "snooze"
			got := choose(given)
			option, _ := got["selected_option"].(object)
			if option["value"] != "2h" || option["text"].(object)["text"] != "2 h" {
				t.Errorf("got %v, want the whole option", got)
			}
		}
		if got := choose(object{"action_id": "snooze", "value": "9h"}); got["error"] != "invalid_action" {
			t.Errorf("got %v, want no such option", got)
		}
		if got := choose(object{"action_id": "many", "value": []string{"a", "b"}}); len(got["selected_options"].([]any)) != 2 {
			t.Errorf("got %v, want both options", got)
		}
		if got := choose(object{"action_id": "who", "value": "U0BEN"}); got["selected_user"] != "U0BEN" {
			t.Errorf("got %v, want Ben", got)
		}
		if got := choose(object{"ts": attached, "action_id": "approve"}); got["value"] != "op-1" {
			t.Errorf("got %v, want the button of the attachment", got)
		}
	})
}

// T-mention: the app hears only of messages that name it, in channels it is in.
func TestMentions(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		say := func(path, text string) object {
			return r.must(path, object{"user": "U0BEN", "channel": "C0INCIDENT", "text": text})
		}
		if got := say("say", "good morning @ana"); got["delivered"] != false || got["envelope_id"] != nil {
			t.Errorf("got %v, want the app left alone", got)
		}
		for _, text := range []string{"status", "@scalebot status", "<@U0SCALEBOT> status"} {
			answer := say("mention", text)
			inner := a.next("events_api")["payload"].(object)["event"].(object)
			if inner["text"] != "<@U0SCALEBOT> status" || inner["user"] != "U0BEN" || inner["ts"] != answer["ts"] || inner["thread_ts"] != nil {
				t.Errorf("%q: got the event %v", text, inner)
			}
		}
		root := say("say", "hey @scalebot")["ts"]
		a.next("events_api")
		r.must("say", object{"user": "U0BEN", "channel": "C0INCIDENT", "thread_ts": root, "text": "@scalebot why"})
		if inner := a.next("events_api")["payload"].(object)["event"].(object); inner["thread_ts"] != root {
			t.Errorf("got %v, want the thread", inner)
		}
		if got := strings.Join(r.sees("U0ANA"), "|"); !strings.HasPrefix(got, "good morning <@U0ANA>|") {
			t.Errorf("Ana sees %q", got)
		}
		for want, body := range map[string]object{
			"no_text":             {"user": "U0ANA", "channel": "C0INCIDENT", "text": "  "},
			"thread_not_found":    {"user": "U0ANA", "channel": "C0INCIDENT", "text": "x", "thread_ts": "1.0"},
			"user_is_deactivated": {"user": "U0DAN", "channel": "C0INCIDENT", "text": "x"},
		} {
			if got := r.control("say", body); got["error"] != want {
				t.Errorf("got %v, want %s", got, want)
			}
		}
		r.must("fault", object{"remove_bot": "C0INCIDENT"})
		say("mention", "status")
		synctest.Wait()
		if seen := r.sees("U0BEN"); !strings.Contains(seen[len(seen)-1], "not in this channel") || len(a.frames) != 0 {
			t.Errorf("got %q and %d frames, want Ben told and the app not", seen, len(a.frames))
		}
	})
}

// What changes in the workspace is told to an app that subscribed to it.
func TestTheAppHearsOfChanges(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		for _, test := range []struct {
			path, want string
			body       object
		}{
			{"fault", "user_change", object{"deactivate": "U0CARL"}},
			{"fault", "subteam_members_changed", object{"group": object{"id": "S0ONCALL", "members": []string{"U0ANA"}}}},
			{"fault", "channel_shared", object{"share": "C0INCIDENT"}},
			{"home", "app_home_opened", object{"user": "U0ANA"}},
		} {
			r.must(test.path, test.body)
			if inner := a.next("events_api")["payload"].(object)["event"].(object); inner["type"] != test.want {
				t.Errorf("got %v, want %s", inner, test.want)
			}
		}
		r.must("fault", object{"remove_bot": "C0INCIDENT"})
		r.refused("not_in_channel", "chat.postMessage", "channel", "C0INCIDENT", "text", "x")
		r.must("invite", object{"channel": "C0INCIDENT"})
		if inner := a.next("events_api")["payload"].(object)["event"].(object); inner["type"] != "member_joined_channel" || inner["user"] != "U0SCALEBOT" {
			t.Errorf("got %v, want the bot's arrival", inner)
		}
		r.post("text", "back")
		if got := r.call("usergroups.users.list", "usergroup", "S0ONCALL")["users"].([]any); len(got) != 1 {
			t.Errorf("got on call %v, want Ana alone", got)
		}
	})
}
