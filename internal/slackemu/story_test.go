package slackemu

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

// TestSlackGoPlaysTheWholeStory is the main job through the library the bot uses: a
// slash command, its ack, a card, a click, an edit, a thread, a modal, a mention.
func TestSlackGoPlaysTheWholeStory(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		bot := newGoBot(r)
		defer bot.stop()

		slash := r.must("slash", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "download-worker 9 because lag > 10,000"})
		synctest.Wait()
		if got := slash["ack"].(object)["text"]; got != "working on it" {
			t.Errorf("got the ack %v, want the text the bot answered", got)
		}
		if got, want := bot.slashes[0].Text, "download-worker 9 because lag &gt; 10,000"; got != want {
			t.Errorf("got the text %q, want %q", got, want)
		}
		got := r.sees("U0ANA")
		slices.Sort(got) // the ack and the card travel on their own ways.
		want := "(only you) /scale download-worker 9 because lag &gt; 10,000\n(only you) working on it\nScale download-worker to 9?"
		if got := strings.Join(got, "\n"); got != want {
			t.Errorf("Ana sees\n%s\nwant\n%s", got, want)
		}
		if got := r.sees("U0BEN"); len(got) != 1 {
			t.Errorf("Ben sees %q, want the card only", got)
		}

		r.must("click", object{"user": "U0BEN", "channel": "C0INCIDENT", "ts": bot.card, "action_id": "approve"})
		synctest.Wait()
		card := r.messages("U0BEN")[0]
		if card["text"] != "Approved by <@U0BEN>" || card["blocks"] != nil || card["reply_count"] != 1.0 {
			t.Errorf("got the card %v, want it approved, without buttons, with one reply", card)
		}

		r.must("mention", object{"user": "U0CARL", "channel": "C0INCIDENT", "thread_ts": bot.card, "text": "status"})
		synctest.Wait()
		last := r.messages("U0CARL")[len(r.messages("U0CARL"))-1]
		if last["text"] != "you said <@U0SCALEBOT> status" || last["thread_ts"] != bot.card {
			t.Errorf("got %v, want the answer in the thread", last)
		}
	})
}

// goBot is a minimal bot on slack-go.
type goBot struct {
	*room
	api     *slack.Client
	socket  *socketmode.Client
	stop    func()
	slashes []slack.SlashCommand
	card    string
}

func newGoBot(r *room) *goBot {
	b := &goBot{room: r}
	b.api = slack.New(r.s.BotToken(), slack.OptionAppLevelToken(r.s.AppToken()), slack.OptionAPIURL(base+"/api/"), slack.OptionHTTPClient(r.client))
	b.socket = socketmode.New(b.api, socketmode.OptionDialer(r.dialer))
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = b.socket.RunContext(ctx) })
	running.Go(func() { b.loop(ctx) })
	b.stop = func() { cancel(); running.Wait() }
	synctest.Wait()
	if r.s.Connections() != 1 {
		r.Fatalf("got %d connections, want one", r.s.Connections())
	}
	return b
}

func (b *goBot) loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-b.socket.Events:
			b.handle(ctx, e)
		}
	}
}

func (b *goBot) handle(ctx context.Context, e socketmode.Event) {
	switch data := e.Data.(type) {
	case *slack.ConnectionErrorEvent:
		b.Errorf("connecting: %v", data.ErrorObj)
	case slack.SlashCommand:
		b.slashes = append(b.slashes, data)
		_ = b.socket.AckCtx(ctx, e.Request.EnvelopeID, object{"text": "working on it"})
		approve := slack.NewButtonBlockElement("approve", "op-1", slack.NewTextBlockObject("plain_text", "Approve", false, false))
		_, ts, err := b.api.PostMessageContext(ctx, data.ChannelID, slack.MsgOptionText("Scale download-worker to 9?", false),
			slack.MsgOptionBlocks(slack.NewActionBlock("", approve)))
		if err != nil {
			b.Errorf("posting the card: %v", err)
		}
		b.card = ts
	case slack.InteractionCallback:
		_ = b.socket.AckCtx(ctx, e.Request.EnvelopeID, nil)
		if action := data.ActionCallback.BlockActions[0]; action.Value != "op-1" || data.Container.MessageTs != b.card {
			b.Errorf("got the action %+v in %+v, want the value of the button on the card", action, data.Container)
		}
		if _, _, _, err := b.api.UpdateMessageContext(ctx, data.Channel.ID, b.card, slack.MsgOptionText("Approved by <@"+data.User.ID+">", false)); err != nil {
			b.Errorf("editing the card: %v", err)
		}
		if _, _, err := b.api.PostMessageContext(ctx, data.Channel.ID, slack.MsgOptionText("scaling", false), slack.MsgOptionTS(b.card)); err != nil {
			b.Errorf("replying: %v", err)
		}
	case slackevents.EventsAPIEvent:
		_ = b.socket.AckCtx(ctx, e.Request.EnvelopeID, nil)
		if mention, ok := data.InnerEvent.Data.(*slackevents.AppMentionEvent); ok {
			_, _, err := b.api.PostMessageContext(ctx, mention.Channel, slack.MsgOptionText("you said "+mention.Text, false), slack.MsgOptionTS(mention.ThreadTimeStamp))
			if err != nil {
				b.Errorf("answering: %v", err)
			}
		}
	}
}

// TestModalsRoundTrip: a click opens a modal, its values come back, errors keep it open.
func TestModalsRoundTrip(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		wrong := true
		a := r.connect(func(f object) any {
			payload := f["payload"].(object)
			if payload["type"] == "view_submission" && wrong {
				return object{"envelope_id": f["envelope_id"], "payload": object{"response_action": "errors", "errors": object{"count": "too many"}}}
			}
			return plainAck(f)
		})
		a.next("hello")
		ts := r.post("text", "card", "blocks", `[{"type":"actions","elements":[{"type":"button","action_id":"adjust","value":"op","text":{"type":"plain_text","text":"Adjust"}}]}]`)
		r.must("click", object{"user": "U0ANA", "channel": "C0INCIDENT", "ts": ts, "action_id": "adjust"})
		trigger := a.next("interactive")["payload"].(object)["trigger_id"].(string)
		const modal = `{"type":"modal","callback_id":"adjust","private_metadata":"op","title":{"type":"plain_text","text":"Adjust"},"submit":{"type":"plain_text","text":"Go"},
			"blocks":[{"type":"input","block_id":"count","label":{"type":"plain_text","text":"Replicas"},"element":{"type":"number_input","action_id":"n","is_decimal_allowed":false,"min_value":"0","max_value":"100"}}]}`
		view := r.call("views.open", "trigger_id", trigger, "view", modal)["view"].(object)
		r.refused("exchanged_trigger_id", "views.open", "trigger_id", trigger, "view", modal)

		submit := func(value any) object {
			return r.control("submit", object{"user": "U0ANA", "view_id": view["id"], "values": object{"n": value}})
		}
		for value, want := range map[any]string{"": "please fill in this field", "x": "please enter a number", "7.5": "please enter a whole number", "101": "please enter a number of 100 or less"} {
			if got := submit(value); got["message"] != want {
				t.Errorf("submitting %q: got %v, want %q", value, got, want)
			}
		}
		if got := submit(12); got["errors"].(object)["count"] != "too many" || got["ack"] == nil {
			t.Errorf("got %v, want the app's complaint", got)
		}
		if n := len(r.get("/emulator/state")["views"].([]any)); n != 1 {
			t.Errorf("got %d views after a complaint, want the modal still open", n)
		}
		wrong = false
		for len(a.frames) > 0 {
			<-a.frames
		}
		if got := submit("9"); got["ok"] != true {
			t.Errorf("got %v, want it taken", got)
		}
		sent := a.next("interactive")["payload"].(object)["view"].(object)
		if data, _ := json.Marshal(sent["state"]); string(data) != `{"values":{"count":{"n":{"type":"number_input","value":"9"}}}}` || sent["private_metadata"] != "op" {
			t.Errorf("got the view %v, want the value 9", sent)
		}
		if n := len(r.get("/emulator/state")["views"].([]any)); n != 0 {
			t.Errorf("got %d views after submitting, want none", n)
		}
	})
}

// TestTriggersExpire: Slack gives an app 3 s to open a view.
func TestTriggersExpire(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		r.must("slash", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "help"})
		trigger := a.next("slash_commands")["payload"].(object)["trigger_id"].(string)
		time.Sleep(triggerLife + time.Millisecond)
		const modal = `{"type":"modal","title":{"type":"plain_text","text":"x"},"blocks":[]}`
		r.refused("expired_trigger_id", "views.open", "trigger_id", trigger, "view", modal)
		r.refused("invalid_trigger_id", "views.open", "trigger_id", "1.2.3", "view", modal)
	})
}

// The library uploads a picture in its three steps and into the thread.
func TestSlackGoUploads(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		api := slack.New(r.s.BotToken(), slack.OptionAPIURL(base+"/api/"), slack.OptionHTTPClient(r.client))
		parent := r.post("text", "report")
		picture := "\x89PNG fake"
		file, err := api.UploadFileContext(r.Context(), slack.UploadFileParameters{
			Reader: strings.NewReader(picture), FileSize: len(picture), Filename: "lag.png", Title: "Lag", AltTxt: "lag", Channel: "C0INCIDENT", ThreadTimestamp: parent,
		})
		if err != nil {
			t.Fatalf("uploading: %v", err)
		}
		reply := r.messages("U0ANA")[1]
		if got := reply["files"].([]any)[0].(object); got["id"] != file.ID || got["size"] != float64(len(picture)) || reply["thread_ts"] != parent {
			t.Errorf("got %v, want the picture in the thread", reply)
		}
	})
}

// The library reads errors the way the bot will: the code, the complaints, the wait.
func TestSlackGoUnderstandsRefusals(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		api := slack.New(r.s.BotToken(), slack.OptionAPIURL(base+"/api/"), slack.OptionHTTPClient(r.client))
		_, _, err := api.PostMessageContext(r.Context(), "C0INCIDENT", slack.MsgOptionBlocks(slack.NewHeaderBlock(slack.NewTextBlockObject("plain_text", strings.Repeat("x", 151), false, false))))
		refused, ok := errors.AsType[slack.SlackErrorResponse](err)
		if !ok || refused.Err != "invalid_blocks" || !strings.Contains(refused.ResponseMetadata.Messages[0], "/blocks/0/text/text") {
			t.Errorf("got %v, want invalid_blocks with a pointer", err)
		}
		r.must("fault", object{"method": "chat.postMessage", "status": 429, "retry_after": 7})
		_, _, err = api.PostMessageContext(r.Context(), "C0INCIDENT", slack.MsgOptionText("x", false))
		if limited, ok := errors.AsType[*slack.RateLimitedError](err); !ok || limited.RetryAfter != 7*time.Second {
			t.Errorf("got %v, want to stay away for 7 s", err)
		}
		u, err := api.GetUserInfoContext(r.Context(), "U0EVE")
		if err != nil || u.TeamID != "T0ELSEWHERE" || u.Deleted {
			t.Errorf("got %+v %v, want Eve", u, err)
		}
		members, err := api.GetUserGroupMembersContext(r.Context(), "S0ONCALL")
		if err != nil || len(members) != 2 {
			t.Errorf("got %v %v, want the two on call", members, err)
		}
	})
}
