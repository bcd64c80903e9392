package slackemu

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// T-slack-people: what becomes of people shows in the directory at once.
func TestPeopleCanBeChanged(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		for _, step := range []struct {
			knob object
			want object
		}{
			{object{"guest": "U0BEN"}, object{"is_restricted": true}},
			{object{"external": "U0BEN"}, object{"team_id": "T0ELSEWHERE"}},
			{object{"deactivate": "U0BEN"}, object{"deleted": true}},
			{object{"reactivate": "U0BEN"}, object{"deleted": false}},
			{object{"member": "U0BEN"}, object{"is_restricted": false, "team_id": "T0PIPELINE"}},
		} {
			r.must("fault", step.knob)
			got := r.call("users.info", "user", "U0BEN")["user"].(object)
			for name, want := range step.want {
				if got[name] != want {
					t.Errorf("%v: got %s %v, want %v", step.knob, name, got[name], want)
				}
			}
		}
		r.must("fault", object{"deactivate": "U0BEN"})
		if got := r.call("usergroups.users.list", "usergroup", "S0ONCALL")["users"].([]any); len(got) != 1 || got[0] != "U0ANA" {
			t.Errorf("got on call %v, want a deactivated member left out", got)
		}
		r.must("fault", object{"force": true})
		r.must("say", object{"user": "U0BEN", "channel": "C0INCIDENT", "text": "still here"})
		r.must("fault", object{"clear": true})
		if got := r.control("say", object{"user": "U0BEN", "channel": "C0INCIDENT", "text": "no more"}); got["error"] != "user_is_deactivated" {
			t.Errorf("got %v, want the force gone", got)
		}
	})
}

func TestChannelsCanBeChangedAndChangedBack(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		flag := func(name string) any {
			return r.call("conversations.info", "channel", "C0INCIDENT")["channel"].(object)[name]
		}
		for _, step := range []struct {
			on, off, flag string
			when          any
		}{
			{"archive", "unarchive", "is_archived", true}, {"share", "unshare", "is_ext_shared", true}, {"remove_bot", "add_bot", "is_member", false},
		} {
			before := flag(step.flag)
			r.must("fault", object{step.on: "C0INCIDENT"})
			if got := flag(step.flag); got != step.when {
				t.Errorf("%s: got %s %v, want %v", step.on, step.flag, got, step.when)
			}
			r.must("fault", object{step.off: "C0INCIDENT"})
			if got := flag(step.flag); got != before {
				t.Errorf("%s: got %s %v, want %v", step.off, step.flag, got, before)
			}
		}
	})
}

// T-slack-deleted: somebody deletes the card. An edit finds nothing, and a reply lands
// outside of any thread.
func TestADeletedMessageIsGone(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		ts := r.post("text", "card")
		r.must("fault", object{"delete_message": object{"channel": "C0INCIDENT", "ts": ts}})
		r.refused("message_not_found", "chat.update", "channel", "C0INCIDENT", "ts", ts, "text", "x")
		r.refused("message_not_found", "chat.delete", "channel", "C0INCIDENT", "ts", ts)
		r.refused("message_not_found", "chat.getPermalink", "channel", "C0INCIDENT", "message_ts", ts)
		r.post("text", "reply", "thread_ts", ts)
		if got := r.call("conversations.history", "channel", "C0INCIDENT")["messages"].([]any); len(got) != 1 || got[0].(object)["text"] != "reply" {
			t.Errorf("got %v, want the reply among the channel's messages", got)
		}
	})
}

func TestEveryMethodLooksAtItsChannel(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		for _, method := range []string{
			"chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete", "chat.getPermalink", "conversations.info", "conversations.members",
			"conversations.history", "conversations.replies", "reactions.add", "pins.add",
		} {
			r.refused("channel_not_found", method, "channel", "C0NOWHERE", "text", "x", "ts", "1.0", "user", "U0ANA", "timestamp", "1.0", "name", "eyes")
		}
	})
}

func TestMessagesThatAreTooLong(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		long := strings.Repeat("é", 40_001)
		ts := r.post("text", long)
		if got := r.message(ts)["text"].(string); len([]rune(got)) != 40_000 {
			t.Errorf("got %d characters, want a post cut at 40,000", len([]rune(got)))
		}
		r.refused("msg_too_long", "chat.update", "channel", "C0INCIDENT", "ts", ts, "text", long)
		r.refused("msg_too_long", "chat.postEphemeral", "channel", "C0INCIDENT", "user", "U0ANA", "text", long)
	})
}

func TestControlBodiesThatAreNotUnderstood(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		for _, body := range []string{"", "{", "[]", `{"user":7}`, `{"usr":"U0ANA"}`, `{} {}`} {
			status, _, got := r.raw(http.MethodPost, "/emulator/slash", "application/json", "", strings.NewReader(body))
			if status != http.StatusBadRequest || got["ok"] != false || got["message"] == "" {
				t.Errorf("%q: got %d %v, want 400 and a sentence", body, status, got)
			}
		}
		if status, _, got := r.raw(http.MethodGet, "/emulator/messages?channel=C0NOWHERE", "", "", nil); status != http.StatusNotFound || got["error"] != "channel_not_found" {
			t.Errorf("got %d %v, want channel_not_found", status, got)
		}
		for path, body := range map[string]object{
			"invite": {"channel": "C0NOWHERE"}, "home": {"user": "U0DAN"}, "close": {"user": "U0ANA", "view_id": "V0"}, "submit": {"user": "U0NOBODY", "view_id": "V0"},
			"click": {"user": "U0ANA", "view_id": "V0", "action_id": "x"},
		} {
			if got := r.control(path, body); got["ok"] != false || got["message"] == "" {
				t.Errorf("%s: got %v, want a refusal in words", path, got)
			}
		}
	})
}

// T-escape: what people type and what the app gets. Names nobody has stay text, and
// Slack's own forms stay as they are.
func TestTypedTextIsEscaped(t *testing.T) {
	s := New(Config{})
	for typed, want := range map[string]string{
		"download-worker 9":           "download-worker 9",
		"a < b && c > d":              "a &lt; b &amp;&amp; c &gt; d",
		"@ana and @nobody":            "<@U0ANA|ana> and @nobody",
		"@kafka-oncall":               "<!subteam^S0ONCALL|@kafka-oncall>",
		"#general #nowhere":           "<#C0GENERAL|general> #nowhere",
		"<@U0BEN> <!here> <#C0X|x>":   "<@U0BEN> <!here> <#C0X|x>",
		"<script>":                    "&lt;script&gt;",
		"https://x.test/a?b&c":        "<https://x.test/a?b&amp;c>",
		"see kafka.io/docs now":       "see <http://kafka.io/docs|kafka.io/docs> now",
		"<https://x.test|y> mail@ana": "<https://x.test|y> mail@ana",
		"(@ana), @ben @carl":          "(<@U0ANA|ana>), <@U0BEN|ben> <@U0CARL|carl>",
		"xact.downloads.pending":      "xact.downloads.pending",
		"":                            "",
	} {
		if got := s.escape(typed, true); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

// T-input: every element puts its answer where Slack puts it.
func TestAnswersOfElements(t *testing.T) {
	choice := func(value string) object {
		return object{"text": object{"type": "plain_text", "text": value}, "value": value}
	}
	both := []any{choice("a"), choice("b")}
	for _, test := range []struct {
		element object
		given   given
		name    string
		want    string
	}{
		{object{"type": "static_select", "options": both}, "b", "selected_option", `{"text":{"text":"b","type":"plain_text"},"value":"b"}`},
		{object{"type": "radio_buttons", "options": both}, choice("a"), "selected_option", `{"text":{"text":"a","type":"plain_text"},"value":"a"}`},
		{object{"type": "static_select", "options": both}, "", "selected_option", `null`},
		{object{"type": "external_select"}, "z", "selected_option", `{"text":{"text":"z","type":"plain_text"},"value":"z"}`},
		{object{"type": "checkboxes", "options": both}, []any{"a"}, "selected_options", `[{"text":{"text":"a","type":"plain_text"},"value":"a"}]`},
		{object{"type": "checkboxes", "options": both}, nil, "selected_options", `[]`},
		{object{"type": "multi_static_select", "options": both}, "b", "selected_options", `[{"text":{"text":"b","type":"plain_text"},"value":"b"}]`},
		{object{"type": "number_input"}, 9.0, "value", `"9"`},
		{object{"type": "number_input"}, object{"type": "number_input", "value": "7"}, "value", `"7"`},
		{object{"type": "plain_text_input"}, "words", "value", `"words"`},
		{object{"type": "plain_text_input"}, true, "value", `"true"`},
		{object{"type": "datepicker"}, "2026-11-24", "selected_date", `"2026-11-24"`},
		{object{"type": "users_select"}, object{"selected_user": "U0ANA"}, "selected_user", `"U0ANA"`},
		{object{"type": "multi_users_select"}, []any{"U0ANA"}, "selected_users", `["U0ANA"]`},
		{object{"type": "button", "value": "op-1"}, "ignored", "value", `"op-1"`},
	} {
		got, err := answered(test.element, test.given)
		if err != nil || string(mustJSON(got[test.name])) != test.want {
			t.Errorf("%v given %v: got %s %v, want %s", test.element["type"], test.given, mustJSON(got), err, test.want)
		}
	}
	for _, test := range []struct {
		element object
		given   given
	}{
		{object{"type": "static_select", "options": both}, "c"},
		{object{"type": "checkboxes", "options": both}, []any{"a", "c"}},
		{object{"type": "number_input", "is_decimal_allowed": false}, "1.5"},
		{object{"type": "number_input", "min_value": "3"}, "2"},
		{object{"type": "plain_text_input", "min_length": 3.0}, "ab"},
		{object{"type": "plain_text_input", "max_length": 3.0}, "abcd"},
	} {
		if got, err := answered(test.element, test.given); err == nil {
			t.Errorf("%v given %v: got %v, want a complaint", test.element, test.given, got)
		}
	}
}

func TestWindowsOfHistory(t *testing.T) {
	for _, test := range []struct {
		w    window
		ts   string
		want bool
	}{
		{window{}, "5.000000", true},
		{window{oldest: "5"}, "5.000000", false}, {window{oldest: "5", inclusive: true}, "5.000000", true}, {window{oldest: "5"}, "5.000001", true},
		{window{latest: "5.000000"}, "5.000000", false}, {window{latest: "5", inclusive: true}, "5.000000", true}, {window{latest: "5"}, "4.999999", true},
		{window{oldest: "10"}, "9.999999", false}, {window{oldest: "1.5"}, "1.499999", false}, {window{oldest: "1.5"}, "1.500001", true},
	} {
		if got := test.w.holds(test.ts); got != test.want {
			t.Errorf("%+v holds %s: got %v, want %v", test.w, test.ts, got, test.want)
		}
	}
}

func TestStoresForgetTheOldest(t *testing.T) {
	k := newStore[int](3)
	for i, key := range []string{"a", "b", "c", "b", "d"} {
		k.put(key, i)
	}
	var got []string
	for key := range k.each {
		got = append(got, key)
	}
	if strings.Join(got, "") != "bcd" || len(k.byKey) != 3 {
		t.Errorf("got %q, want the three newest", got)
	}
	k.drop("c")
	k.drop("nothing")
	if _, ok := k.get("c"); ok || len(k.order) != 2 {
		t.Errorf("got %v after dropping c", k.order)
	}
	if v, ok := k.get("b"); !ok || v != 3 {
		t.Errorf("got %v, want the newer value of b", v)
	}
}

// What nobody waits for any more is remembered only for a while.
func TestLateEnvelopesAreForgotten(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		h := r.s.hub
		for range 1_100 {
			id := secret()
			h.pending[id] = &delivery{sent: time.Now()}
			h.end(id, true)
		}
		if got := len(h.late); got > 1_001 {
			t.Errorf("got %d, want at most about a thousand", got)
		}
		time.Sleep(11 * time.Minute)
		h.pending["x"] = &delivery{sent: time.Now()}
		h.end("x", true)
		if got := len(h.late); got != 1 {
			t.Errorf("got %d after eleven minutes, want the last one", got)
		}
		for range 3 * maxTickets {
			h.newTicket()
		}
		if got := len(h.tickets); got > maxTickets {
			t.Errorf("got %d tickets, want at most %d", got, maxTickets)
		}
	})
}
