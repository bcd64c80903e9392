package slackemu

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/pace"
)

const aButton = `[{"type":"actions","elements":[{"type":"button","action_id":"approve","value":"op-1","text":{"type":"plain_text","text":"Approve"}}]}]`

// message finds a message by its timestamp.
func (r *room) message(ts string) object {
	r.Helper()
	for _, m := range r.messages("U0ANA") {
		if m["ts"] == ts {
			return m
		}
	}
	return nil
}

func TestPostingNeedsSomethingToSayAndAPlaceForIt(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		r.refused("no_text", "chat.postMessage", "channel", "C0INCIDENT")
		r.refused("no_text", "chat.postMessage", "channel", "C0INCIDENT", "blocks", "[]")
		r.refused("invalid_blocks_format", "chat.postMessage", "channel", "C0INCIDENT", "blocks", "{}")
		r.refused("markdown_text_conflict", "chat.postMessage", "channel", "C0INCIDENT", "text", "x", "markdown_text", "y")
		r.refused("invalid_metadata_format", "chat.postMessage", "channel", "C0INCIDENT", "text", "x", "metadata", "[")
		r.refused("metadata_too_large", "chat.postMessage", "channel", "C0INCIDENT", "text", "x", "metadata", `{"event_type":"e","event_payload":{"x":"`+strings.Repeat("y", maxMetadata)+`"}}`)
		r.must("fault", object{"remove_bot": "C0GENERAL", "archive": "C0INCIDENT"})
		r.refused("not_in_channel", "chat.postMessage", "channel", "C0GENERAL", "text", "x")
		r.refused("is_archived", "chat.postMessage", "channel", "C0INCIDENT", "text", "x")
		if got := r.call("chat.postMessage", "channel", "U0ANA", "text", "hi")["channel"]; got != "D0ANA" {
			t.Errorf("posting to a person: got the channel %v, want their direct message", got)
		}
	})
}

// Slack's error shape for blocks, with a JSON pointer, as clients parse it.
func TestBadBlocksAreRefusedWithPointers(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		long := `[{"type":"section","text":{"type":"mrkdwn","text":"` + strings.Repeat("x", 3001) + `"}}]`
		got := r.refused("invalid_blocks", "chat.postMessage", "channel", "C0INCIDENT", "text", "x", "blocks", long)
		const want = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
		if got["errors"].([]any)[0] != want || got["response_metadata"].(object)["messages"].([]any)[0] != "[ERROR] "+want {
			t.Errorf("got %v, want %q in both places", got, want)
		}
		if n := len(r.sees("U0ANA")); n != 0 {
			t.Errorf("got %d messages, want none", n)
		}
		r.refused("invalid_blocks", "blocks.validate", "blocks", long)
		r.call("blocks.validate", "blocks", aButton)
		r.refused("too_many_attachments", "chat.postMessage", "channel", "C0INCIDENT", "attachments", "["+strings.Repeat("{},", 100)+"{}]")

		const chart = `[{"type":"data_visualization","title":"Lag","chart":{"type":"line","series":[{"name":"lag","data":[{"label":"1","value":1}]}],"axis_config":{"categories":["1"]}}}]`
		r.post("text", "x", "blocks", chart)
		r.must("fault", object{"refuse_blocks": []string{"data_visualization"}})
		got = r.refused("invalid_blocks", "chat.postMessage", "channel", "C0INCIDENT", "text", "x", "blocks", chart)
		if first := got["errors"].([]any)[0]; first != "unsupported type: data_visualization [json-pointer:/blocks/0/type]" {
			t.Errorf("got %v, want the refused block named", first)
		}
	})
}

// Slack's servers fetch pictures; an address inside a cluster they cannot reach.
func TestPicturesMustBeReachableForSlack(t *testing.T) {
	for address, want := range map[string]bool{
		"https://example.com/a.png": true, "https://8.8.8.8/a.png": true, "http://grafana.monitoring.svc/a.png": false, "http://10.0.0.7/a.png": false,
		"http://localhost/a.png": false, "http://127.0.0.1/a.png": false, "ftp://example.com/a.png": false, "https://grafana/a.png": false, "::": false,
	} {
		if got := fetchable(address); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
	inRoom(t, Config{}, func(r *room) {
		got := r.refused("invalid_blocks", "chat.postMessage", "channel", "C0INCIDENT", "text", "x", "blocks", `[{"type":"image","alt_text":"a","image_url":"http://10.0.0.7/a.png"}]`)
		if first := got["errors"].([]any)[0].(string); !strings.HasPrefix(first, "downloading image failed") {
			t.Errorf("got %q", first)
		}
	})
}

// T-slack-update: text without blocks takes the blocks away; metadata alone leaves them.
func TestUpdateChangesOnlyWhatItMentions(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		ts := r.post("text", "one", "blocks", aButton, "metadata", `{"event_type":"op","event_payload":{"operation":"op-1"}}`)
		r.call("chat.update", "channel", "C0INCIDENT", "ts", ts, "metadata", `{"event_type":"op","event_payload":{"operation":"op-2"}}`)
		m := r.message(ts)
		if m["text"] != "one" || m["blocks"] == nil || m["metadata"].(object)["event_payload"].(object)["operation"] != "op-2" {
			t.Errorf("got %v, want only the metadata changed", m)
		}
		r.call("chat.update", "channel", "C0INCIDENT", "ts", ts, "text", "two", "blocks", aButton)
		if m := r.message(ts); m["text"] != "two" || m["blocks"] == nil {
			t.Errorf("got %v, want new text and blocks", m)
		}
		r.call("chat.update", "channel", "C0INCIDENT", "ts", ts, "text", "three")
		m = r.message(ts)
		if m["text"] != "three" || m["blocks"] != nil || m["edited"] == nil || m["metadata"] == nil {
			t.Errorf("got %v, want text only, marked as edited, metadata kept", m)
		}
		r.refused("no_text", "chat.update", "channel", "C0INCIDENT", "ts", ts)
		r.refused("message_not_found", "chat.update", "channel", "C0INCIDENT", "ts", "1.000001", "text", "x")
		said := r.must("say", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "mine"})["ts"].(string)
		r.refused("cant_update_message", "chat.update", "channel", "C0INCIDENT", "ts", said, "text", "x")
		r.refused("cant_delete_message", "chat.delete", "channel", "C0INCIDENT", "ts", said)
		private := r.call("chat.postEphemeral", "channel", "C0INCIDENT", "user", "U0ANA", "text", "psst")["message_ts"].(string)
		r.refused("message_not_found", "chat.update", "channel", "C0INCIDENT", "ts", private, "text", "x")
	})
}

func TestThreadsCountTheirReplies(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		parent := r.post("text", "parent")
		one := r.post("text", "one", "thread_ts", parent)
		two := r.must("say", object{"user": "U0BEN", "channel": "C0INCIDENT", "thread_ts": one, "text": "two"})["ts"].(string)
		m := r.message(parent)
		if m["reply_count"] != 2.0 || m["latest_reply"] != two || m["thread_ts"] != parent || m["reply_users_count"] != 2.0 {
			t.Errorf("got the parent %v, want two replies by two", m)
		}
		if m := r.message(two); m["thread_ts"] != parent || m["parent_user_id"] != "U0SCALEBOT" {
			t.Errorf("got the reply to a reply %v, want it in the same thread", m)
		}
		history := r.call("conversations.history", "channel", "C0INCIDENT")["messages"].([]any)
		if len(history) != 1 || history[0].(object)["text"] != "parent" {
			t.Errorf("got the history %v, want the parent only", history)
		}
		replies := r.call("conversations.replies", "channel", "C0INCIDENT", "ts", parent, "limit", "2")
		if got := replies["messages"].([]any); len(got) != 2 || replies["has_more"] != true {
			t.Errorf("got %v, want parent and first reply, and more", replies)
		}
		next := replies["response_metadata"].(object)["next_cursor"].(string)
		rest := r.call("conversations.replies", "channel", "C0INCIDENT", "ts", parent, "limit", "2", "cursor", next)["messages"].([]any)
		if len(rest) != 1 || rest[0].(object)["text"] != "two" {
			t.Errorf("got the second page %v", rest)
		}
		r.call("chat.delete", "channel", "C0INCIDENT", "ts", one)
		if m := r.message(parent); m["reply_count"] != 1.0 {
			t.Errorf("got %v after deleting a reply, want one left", m)
		}
		r.call("chat.delete", "channel", "C0INCIDENT", "ts", parent)
		if m := r.message(parent); m["subtype"] != "tombstone" {
			t.Errorf("got %v, want a tombstone where replies remain", m)
		}
		r.refused("thread_not_found", "conversations.replies", "channel", "C0INCIDENT", "ts", "1.000001")
		lone := r.post("text", "lost", "thread_ts", "1.000001")
		if m := r.message(lone); m["thread_ts"] != nil {
			t.Errorf("got %v, want a reply to nothing outside of threads", m)
		}
	})
}

// T-outbox: an app finds its own messages again by their metadata.
func TestMetadataComesBackWhenAskedFor(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		r.post("text", "before")
		time.Sleep(time.Minute)
		from := r.post("text", "card", "metadata", `{"event_type":"op","event_payload":{"operation":"op-1","step":"card"}}`)
		read := func(args ...string) []any {
			return r.call("conversations.history", append([]string{"channel", "C0INCIDENT"}, args...)...)["messages"].([]any)
		}
		if got := read("oldest", from)[:]; len(got) != 0 {
			t.Errorf("got %v, want nothing after the last message", got)
		}
		with := read("oldest", from, "inclusive", "true", "include_all_metadata", "true")
		if len(with) != 1 || with[0].(object)["metadata"].(object)["event_payload"].(object)["operation"] != "op-1" {
			t.Errorf("got %v, want the card with its metadata", with)
		}
		if without := read(); len(without) != 2 || without[0].(object)["metadata"] != nil || without[0].(object)["text"] != "card" {
			t.Errorf("got %v, want both, newest first, without metadata", without)
		}
		if got := read("latest", from); len(got) != 1 || got[0].(object)["text"] != "before" {
			t.Errorf("got %v, want only what was before", got)
		}
	})
}

func TestEphemeralsAreForOnePersonAndNotInHistory(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		r.call("chat.postEphemeral", "channel", "C0INCIDENT", "user", "U0ANA", "text", "psst")
		if got := r.sees("U0ANA"); len(got) != 1 || got[0] != "(only you) psst" {
			t.Errorf("Ana sees %q", got)
		}
		if got := r.sees("U0BEN"); len(got) != 0 {
			t.Errorf("Ben sees %q, want nothing", got)
		}
		if got := r.call("conversations.history", "channel", "C0INCIDENT")["messages"].([]any); len(got) != 0 {
			t.Errorf("got the history %v, want nothing", got)
		}
		r.refused("user_not_in_channel", "chat.postEphemeral", "channel", "C0INCIDENT", "user", "U0NOBODY", "text", "x")
		r.refused("user_not_in_channel", "chat.postEphemeral", "channel", "C0INCIDENT", "user", "U0DAN", "text", "x")
	})
}

func TestTimestampsFollowTheClockAndNeverRepeat(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		r.s.clock = pace.New(60) // made here, because a clock begins where it is made.
		began := time.Now()
		first, second := r.post("text", "x"), r.post("text", "y")
		if first == second || micros(second) <= micros(first) {
			t.Errorf("got %s and then %s, want the second later", first, second)
		}
		time.Sleep(time.Minute)
		third := r.post("text", "z")
		if got := time.UnixMicro(micros(third)).Sub(began).Round(time.Second); got != time.Hour {
			t.Errorf("got a message %v after the beginning, want an hour at speed 60", got)
		}
	})
}

func TestReactionsAndPinsHappenOnce(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		ts := r.post("text", "x")
		r.call("reactions.add", "channel", "C0INCIDENT", "timestamp", ts, "name", "eyes")
		r.refused("already_reacted", "reactions.add", "channel", "C0INCIDENT", "timestamp", ts, "name", "eyes")
		r.call("pins.add", "channel", "C0INCIDENT", "timestamp", ts)
		r.refused("already_pinned", "pins.add", "channel", "C0INCIDENT", "timestamp", ts)
		r.refused("message_not_found", "reactions.add", "channel", "C0INCIDENT", "timestamp", "1.0", "name", "eyes")
		link := r.call("chat.getPermalink", "channel", "C0INCIDENT", "message_ts", ts)["permalink"]
		if want := base + "/archives/C0INCIDENT/p" + strings.Replace(ts, ".", "", 1); link != want {
			t.Errorf("got %v, want %s", link, want)
		}
	})
}

func TestBlocksGetIdsWhenStored(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		ts := r.post("text", "x", "blocks", `[{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Go"}}]},{"type":"divider","block_id":"mine"}]`)
		data, _ := json.Marshal(r.message(ts)["blocks"])
		var blocks []struct {
			BlockID  string `json:"block_id"`
			Elements []struct {
				ActionID string `json:"action_id"`
			} `json:"elements"`
		}
		if json.Unmarshal(data, &blocks) != nil || blocks[0].BlockID == "" || blocks[0].Elements[0].ActionID == "" || blocks[1].BlockID != "mine" {
			t.Errorf("got %s, want ids where there were none", data)
		}
	})
}

func TestAChannelForgetsItsOldestMessages(t *testing.T) {
	c := &conversation{Channel: Channel{ID: "C1"}}
	for range maxMessages + 5 {
		c.add(time.Unix(0, 0), &post{})
	}
	if len(c.posts) != maxMessages || c.posts[0].TS != "0.000006" {
		t.Errorf("got %d messages from %s, want %d from the sixth", len(c.posts), c.posts[0].TS, maxMessages)
	}
}

func TestTheDirectoryTellsWhoIsWho(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		for id, want := range map[string]object{
			"U0ANA": {"deleted": false, "is_restricted": false, "team_id": "T0PIPELINE"}, "U0GINA": {"is_restricted": true},
			"U0EVE": {"team_id": "T0ELSEWHERE", "is_stranger": false}, "U0DAN": {"deleted": true}, "U0SCALEBOT": {"is_bot": true},
		} {
			got := r.call("users.info", "user", id)["user"].(object)
			for name, value := range want {
				if got[name] != value {
					t.Errorf("%s: got %s %v, want %v", id, name, got[name], value)
				}
			}
		}
		if got := r.call("usergroups.users.list", "usergroup", "S0ONCALL")["users"].([]any); len(got) != 2 || got[0] != "U0ANA" {
			t.Errorf("got on call %v", got)
		}
		groups := r.call("usergroups.list", "include_users", "true")["usergroups"].([]any)
		if g := groups[0].(object); g["handle"] != "kafka-oncall" || len(g["users"].([]any)) != 2 {
			t.Errorf("got the groups %v", groups)
		}
		if got := r.call("users.list", "limit", "2"); len(got["members"].([]any)) != 2 || got["response_metadata"].(object)["next_cursor"] == "" {
			t.Errorf("got %v, want the first page of users", got)
		}
		members := r.call("conversations.members", "channel", "C0INCIDENT")["members"].([]any)
		if len(members) != 6 {
			t.Errorf("got the members %v, want all but Dan, with Eve of another company", members)
		}
		if got := r.call("conversations.list")["channels"].([]any); len(got) != 2 || got[0].(object)["name"] != "incident-kafka" {
			t.Errorf("got the channels %v", got)
		}
		r.must("fault", object{"no_usergroups": true, "share": "C0INCIDENT"})
		r.refused("plan_upgrade_required", "usergroups.list")
		r.refused("plan_upgrade_required", "usergroups.users.list", "usergroup", "S0ONCALL")
		if got := r.call("conversations.info", "channel", "C0INCIDENT")["channel"].(object); got["is_ext_shared"] != true || got["is_member"] != true {
			t.Errorf("got %v, want it shared", got)
		}
	})
}

// Private channels exist only for those in them, and have scopes of their own.
func TestPrivateChannelsAreHidden(t *testing.T) {
	world := DefaultWorld()
	world.Channels = append(world.Channels,
		Channel{ID: "C0SECRET", Name: "secret", Private: true, Members: []string{"U0ANA"}},
		Channel{ID: "C0WAR", Name: "war-room", Private: true, Members: []string{"U0ANA", "U0SCALEBOT"}})
	inRoom(t, Config{World: world}, func(r *room) {
		r.refused("channel_not_found", "conversations.info", "channel", "C0SECRET")
		r.refused("channel_not_found", "chat.postMessage", "channel", "C0SECRET", "text", "x")
		r.call("conversations.info", "channel", "C0WAR")
		if got := r.call("conversations.list", "types", "private_channel")["channels"].([]any); len(got) != 1 {
			t.Errorf("got %v, want only the one the bot is in", got)
		}
		r.must("fault", object{"scopes": []string{"channels:read", "channels:history"}})
		r.refused("missing_scope", "conversations.history", "channel", "C0WAR")
		r.call("conversations.history", "channel", "C0INCIDENT")
	})
}

func TestTheBotJoinsAndOpensConversations(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		r.must("fault", object{"remove_bot": "C0GENERAL", "scopes": append(DefaultWorld().App.Scopes, "channels:join")})
		r.refused("not_in_channel", "conversations.history", "channel", "C0GENERAL")
		r.call("conversations.join", "channel", "C0GENERAL")
		r.call("chat.postMessage", "channel", "general", "text", "hello")
		if got := r.call("conversations.open", "users", "U0BEN")["channel"].(object)["id"]; got != "D0BEN" {
			t.Errorf("got %v, want Ben's direct message", got)
		}
		r.refused("user_not_found", "conversations.open", "users", "U0NOBODY")
		r.refused("user_disabled", "conversations.open", "users", "U0DAN")
		r.must("fault", object{"archive": "C0GENERAL"})
		r.refused("is_archived", "conversations.join", "channel", "C0GENERAL")
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		ctx, cancel := context.WithCancel(r.Context())
		ended := make(chan error)
		go func() { ended <- r.s.Run(ctx) }()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("got %v, want a clean end", err)
		}
		for range a.frames { // ends when the socket does.
		}
	})
}
