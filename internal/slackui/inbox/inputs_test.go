package inbox

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// odd is what may stand beside anything that people send: elements nobody knows, members of
// other shapes, and what organisations and shared channels add.
const odd = `"blocks":[{"type":"actions","elements":[{"type":"hologram"}]},{"type":"table","rows":[[{"type":"hologram"}]]}],
	"attachments":[{"id":"1","color":7,"blocks":[{"type":"actions","elements":[{"type":"hologram"}]}]}],"files":[{"id":"F1","size":"12"}],
	"enterprise":null,"enterprise_id":"E1","is_enterprise_install":"false","bot_profile":"x","reply_count":"3"`

const (
	byAna   = `"user":{"id":"U0ANA","name":"ana","team_id":"T1"},"trigger_id":"t1"`
	inRoom1 = `"channel":{"id":"C1"},"container":{"type":"message","channel_id":"C1","message_ts":"1.1"},"response_url":"http://slack.test/answer"`
)

// input is one envelope and what comes of it.
type input struct {
	kind, payload string
	// ack is what the ack carries, heard what is handed over to be judged ("" for nothing),
	// told what is said and by which way ("" for nothing).
	ack, heard, told string
}

func slashInput(payload string) input { return input{kind: "slash_commands", payload: payload} }

func actInput(payload string) input { return input{kind: "interactive", payload: payload} }

func eventInput(payload string) input { return input{kind: "events_api", payload: payload} }

func (i input) hears(what string) input { i.heard = what; return i }

func (i input) tells(what string) input { i.told = what; return i }

func (i input) acks(what string) input { i.ack = what; return i }

// mention is an app_mention with members of its own.
func mention(members string) input {
	return eventInput(`{"type":"event_callback","event_id":"Ev1","team_id":"T1","event_time":"7","authorizations":[7],
		"event":{"type":"app_mention","user":"U0ANA","channel":"C1","ts":"1.1",` + members + `}}`)
}

// press is a pressed button with members of its own.
func press(members string) input {
	return actInput(`{"type":"block_actions",` + byAna + `,` + inRoom1 + `,` + members + `}`)
}

const approve = `"actions":[{"type":"button","action_id":"approve","block_id":"b","value":"download-worker-17","action_ts":"1.2"}]`

// inputs is every kind of envelope that the app of manifests/slack-app.yaml can get, those
// that another set-up of it would get, and broken ones: what each is answered with.
var inputs = map[string]input{
	"a command":                        slashInput(`{"text":"status","user_id":"U0ANA","channel_id":"C1","trigger_id":"t1"}`).hears("status"),
	"a command beside odd things":      slashInput(`{"text":"status","user_id":"U0ANA","channel_id":"C1","trigger_id":7,"token":null,` + odd + `}`).hears("status"),
	"a command without words":          slashInput(`{"user_id":"U0ANA","channel_id":"C1"}`).hears("(overview)"),
	"a command that is a list":         slashInput(`[1,2]`).acks("could not be read"),
	"a command that is text":           slashInput(`"status"`).acks("could not be read"),
	"a command that is nothing":        slashInput(`null`).acks("could not be read"),
	"a command by nobody":              slashInput(`{"text":"status","channel_id":"C1"}`).acks("could not be read"),
	"a command whose user is a list":   slashInput(`{"text":"status","user_id":["U0ANA"],"channel_id":"C1"}`).acks("could not be read"),
	"a mention":                        mention(`"text":"<@UBOT> status"`).hears("status"),
	"a mention beside odd things":      mention(`"text":"<@UBOT> status",` + odd).hears("status"),
	"a mention with blocks: null":      mention(`"text":"<@UBOT> status","blocks":null,"attachments":null,"files":null,"edited":null`).hears("status"),
	"a mention with a file":            mention(`"text":"<@UBOT> status","subtype":"file_share","upload":true,"files":[{"id":7,"size":"12","mode":"hologram"}]`).hears("status"),
	"a mention that is broadcast":      mention(`"text":"<@UBOT> status","subtype":"thread_broadcast","thread_ts":"1.0","root":{` + odd + `}`).hears("status"),
	"a mention without words":          mention(`"blocks":[{"type":"rich_text"}]`).tells("postEphemeral U0ANA: That message could not be read"),
	"a mention whose words are a list": mention(`"text":["status"]`).tells("postEphemeral U0ANA: That message could not be read"),
	"a mention by edit":                mention(`"text":"<@UBOT> status","edited":{"user":"U0ANA","ts":"1.2"}`).tells("postEphemeral U0ANA: Edits are not acted on. Send it again"),
	"a mention by edit, odd":           mention(`"text":"<@UBOT> status","edited":true,` + odd).tells("postEphemeral U0ANA: Edits are not acted on. Send it again"),
	"a bot's mention":                  mention(`"text":"<@UBOT> status","bot_id":"B9"`),
	"an approval":                      press(approve).hears("approve download-worker-17"),
	"an approval beside odd things":    press(approve + `,"team":null,"enterprise":{"id":7},"is_enterprise_install":"","message":{"ts":"1.1",` + odd + `},"state":{"values":[]}`).hears("approve download-worker-17"),
	"an approval with message: null":   press(approve + `,"message":null,"state":null,"view":null`).hears("approve download-worker-17"),
	"a choice":                         press(`"actions":[{"type":"hologram_select","action_id":"snooze","block_id":"e-1","selected_option":{"value":"2h","text":7}}]`).hears("snooze e-1 2h"),
	"a button of another version":      press(`"actions":[{"type":"button","action_id":"explode","value":"x"}]`).tells("answer : This button belongs to an older version"),
	"a picker of another version":      press(`"actions":[{"type":"datepicker","action_id":"when","selected_date":"2026-11-30"}]`).tells("answer : This button belongs to an older version"),
	"a link":                           press(`"actions":[{"type":"button","action_id":"docs","url":"https://docs.example"}]`),
	"a press on nothing":               press(`"actions":[]`).tells("answer : What was pressed could not be read"),
	"a press that is nothing":          press(`"actions":[null]`).tells("answer : What was pressed could not be read"),
	"a press that is no list":          press(`"actions":"approve"`).tells("answer : What was pressed could not be read"),
	"a press without an address":       actInput(`{"type":"block_actions",` + byAna + `,"channel":{"id":"C1"},"actions":[]}`).tells("postEphemeral U0ANA: What was pressed"),
	"a press in a form":                actInput(`{"type":"block_actions",` + byAna + `,"container":{"type":"view","view_id":"V1"},"view":{` + odd + `},"actions":[{"action_id":"x"}]}`).tells("postMessage U0ANA: This button belongs"),
	"a press by nobody":                actInput(`{"type":"block_actions","channel":{"id":"C1"},"actions":[]}`),
	"a press that is a list":           actInput(`["block_actions"]`),
	"a form": actInput(`{"type":"view_submission",` + byAna + `,"view":{"callback_id":"adjust","private_metadata":"{\"operation\":\"download-worker-17\",\"channel\":\"C1\",\"ts\":\"1.1\"}",
		` + odd + `,"state":{"values":{"count":{"count":{"type":"number_input","value":"9"}}}}}}`).hears("adjust download-worker-17 9"),
	"a form without a count":      actInput(`{"type":"view_submission",` + byAna + `,"view":{"callback_id":"adjust","private_metadata":"{}","state":7}}`).acks("whole number"),
	"a form of another version":   actInput(`{"type":"view_submission",` + byAna + `,"view":{"callback_id":"other"}}`).tells("postMessage U0ANA: This form belongs to an older version"),
	"a form without a view":       actInput(`{"type":"view_submission",` + byAna + `}`).tells("postMessage U0ANA: This form belongs to an older version"),
	"a closed form":               actInput(`{"type":"view_closed",` + byAna + `,"view":{"callback_id":"adjust"},"is_cleared":true}`),
	"a menu that asks":            actInput(`{"type":"block_suggestion",` + byAna + `,"action_id":"x","value":"dow"}`).acks(`{"options":[]}`),
	"an old menu that asks":       actInput(`{"type":"dialog_suggestion",` + byAna + `}`).acks(`{"options":[]}`),
	"a global shortcut":           actInput(`{"type":"shortcut","callback_id":"x",` + byAna + `}`).tells("postMessage U0ANA: The bot has no such shortcut"),
	"a message shortcut":          actInput(`{"type":"message_action","callback_id":"x",` + byAna + `,` + inRoom1 + `,"message":{` + odd + `}}`).tells("answer : The bot has no such shortcut"),
	"an attachment's button":      actInput(`{"type":"interactive_message",` + byAna + `,` + inRoom1 + `,"actions":[{"name":"x","value":"y"}],"original_message":{` + odd + `}}`).tells("answer : This button belongs"),
	"a dialog":                    actInput(`{"type":"dialog_submission",` + byAna + `,` + inRoom1 + `,"submission":{"x":null},"state":{"a":1}}`).tells("answer : This form belongs"),
	"a dialog that was left":      actInput(`{"type":"dialog_cancellation",` + byAna + `,` + inRoom1 + `}`),
	"an interaction to come":      actInput(`{"type":"hologram",` + byAna + `,` + inRoom1 + `}`).tells("answer : What was pressed could not be read"),
	"a direct message":            eventInput(`{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel_type":"im","user":"U0ANA","channel":"D1","ts":"1.1","text":"status",` + odd + `}}`).tells("postMessage U0ANA: Messages are not read here"),
	"our own direct message":      eventInput(`{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel_type":"im","user":"UBOT","bot_id":"B1","channel":"D1","ts":"1.1","text":"status"}}`),
	"an edited direct message":    eventInput(`{"type":"event_callback","event_id":"Ev1","event":{"type":"message","subtype":"message_changed","channel_type":"im","channel":"D1","message":{"user":"U0ANA"}}}`),
	"a message in a channel":      eventInput(`{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel_type":"channel","user":"U0ANA","channel":"C1","ts":"1.1","text":"status"}}`),
	"a channel that was shared":   eventInput(`{"type":"event_callback","event_id":"Ev1","event":{"type":"channel_shared","channel":"C1","connected_team_id":7}}`),
	"a group that changed":        eventInput(`{"type":"event_callback","event_id":"Ev1","event":{"type":"subteam_members_changed","subteam_id":"S1","added_users":null,"added_users_count":"1"}}`),
	"an event of another set-up":  eventInput(`{"type":"event_callback","event_id":"Ev1","event":{"type":"app_home_opened","user":"U0ANA","channel":"D1","view":{` + odd + `}}}`),
	"an event to come":            eventInput(`{"type":"event_callback","event_id":"Ev1","event":{"type":"hologram_seen","user":{"id":"U0ANA"}}}`),
	"an event without its inside": eventInput(`{"type":"event_callback","event_id":"Ev1","event":null}`),
	"an event that is text":       eventInput(`"app_mention"`),
	"events held back":            eventInput(`{"type":"app_rate_limited","team_id":"T1","minute_rate_limited":"x"}`),
	"an envelope to come":         {kind: "hologram", payload: `{"user":{"id":"U0ANA"}}`},
}

// No input is met with silence, and none is left without its ack: each is judged, or
// answered with a sentence in private, or asks for nothing at all.
func TestWhatEachInputIsAnsweredWith(t *testing.T) {
	for name, in := range inputs {
		t.Run(name, func(t *testing.T) {
			inExchange(t, 1, nil, func(x *exchange) {
				x.send(fmt.Sprintf(`{"type":%q,"envelope_id":"e1","accepts_response_payload":"?","payload":%s}`, in.kind, in.payload))
				time.Sleep(time.Minute)
				x.mu.Lock()
				defer x.mu.Unlock()
				if len(x.acks) != 1 || x.acks[0] != "e1" || in.ack == "" && x.payloads[0] != "" || !strings.Contains(x.payloads[0], in.ack) {
					x.Errorf("got acks %v with %q, want one with %q", x.acks, x.payloads, in.ack)
				}
				if got := x.judged(); got != in.heard {
					x.Errorf("%q was handed over, want %q", got, in.heard)
				}
				if got := strings.Join(x.told, "; "); in.told == "" && got != "" || !strings.Contains(got, in.told) || len(x.told) > 1 {
					x.Errorf("told %q, want %q", got, in.told)
				}
			})
		})
	}
}

// judged is what was handed over: the words of commands, what was pressed. Its caller holds
// the lock.
func (x *exchange) judged() string {
	var all []string
	for _, text := range x.texts {
		if text == "" {
			text = "(overview)"
		}
		all = append(all, text)
	}
	for _, c := range x.clicks {
		words := []string{c.Action, c.Target, c.Choice}
		if c.Number > 0 {
			words = append(words, fmt.Sprint(c.Number))
		}
		all = append(all, strings.Join(strings.Fields(strings.Join(words, " ")), " "))
	}
	return strings.Join(all, "; ")
}

// A message that is edited again and again is answered once, whatever comes of its first
// words; another message is answered for itself.
func TestOneSentenceForEachEditedMessage(t *testing.T) {
	inExchange(t, 1, nil, func(x *exchange) {
		for i, ts := range []string{"1.1", "1.1", "1.1", "2.2"} {
			x.send(fmt.Sprintf(`{"type":"events_api","envelope_id":"e%d","payload":{"type":"event_callback","event_id":"Ev%d","event":{"type":"app_mention","user":"U0ANA","channel":"C1","ts":%q,"text":"<@UBOT> status","edited":{"user":"U0ANA","ts":"3.%d"}}}}`, i, i, ts, i))
		}
		time.Sleep(time.Minute)
		x.mu.Lock()
		defer x.mu.Unlock()
		if len(x.acks) != 4 || len(x.told) != 2 || x.heard != 0 {
			x.Errorf("got %d acks, told %q, handed over %d; want 4, one sentence for each message, none", len(x.acks), x.told, x.heard)
		}
	})
}

// Whatever does not plainly say that a channel is not shared counts as shared.
func TestAnEventThatMayComeFromASharedChannel(t *testing.T) {
	for raw, want := range map[string]bool{``: false, `null`: false, `false`: false, `true`: true, `"true"`: true, `"false"`: true, `1`: true, `{}`: true} {
		if got := (happening{Shared: []byte(raw)}).shared(); got != want {
			t.Errorf("%q: got %v, want %v", raw, got, want)
		}
	}
}
