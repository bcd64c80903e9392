package inbox

import (
	"encoding/json"
	"strings"

	"github.com/scalebot/scalebot/internal/slackui/api"
)

// The kinds of frames of a socket. Source: https://docs.slack.dev/apis/events-api/using-socket-mode.
const (
	frameHello       = "hello"
	frameDisconnect  = "disconnect"
	frameSlash       = "slash_commands"
	frameInteractive = "interactive"
	frameEvent       = "events_api"
)

// frame is one message on the socket: Slack's hello, its request to disconnect, or an envelope
// with its payload.
type frame struct {
	Type       string          `json:"type"`
	EnvelopeID string          `json:"envelope_id"`
	Reason     string          `json:"reason"`
	Payload    json.RawMessage `json:"payload"`
}

// acknowledgement is the answer to an envelope.
type acknowledgement struct {
	EnvelopeID string `json:"envelope_id"`
	Payload    any    `json:"payload,omitempty"`
}

// slashCommand is what somebody typed.
type slashCommand struct {
	Text        string `json:"text"`
	Channel     string `json:"channel_id"`
	User        string `json:"user_id"`
	UserName    string `json:"user_name"`
	Team        string `json:"team_id"`
	ResponseURL string `json:"response_url"`
	Trigger     string `json:"trigger_id"`
}

// interaction is a click, a submitted form, a shortcut and the like.
type interaction struct {
	Type        string `json:"type"`
	Trigger     string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
	User        struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Team string `json:"team_id"`
	} `json:"user"`
	Team struct {
		ID string `json:"id"`
	} `json:"team"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		Channel   string `json:"channel_id"`
		TS        string `json:"message_ts"`
		Thread    string `json:"thread_ts"`
		Ephemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Actions []pressedElement `json:"actions"`
	Message json.RawMessage  `json:"message"`
	View    submittedView    `json:"view"`
}

// pressedElement is the button that was pressed, or the menu in which something was chosen.
type pressedElement struct {
	ActionID string `json:"action_id"`
	BlockID  string `json:"block_id"`
	Value    string `json:"value"`
	URL      string `json:"url"`
	ActionTS string `json:"action_ts"`
	Selected struct {
		Value string `json:"value"`
	} `json:"selected_option"`
}

// submittedView is a form and what was typed into it, by block and element.
type submittedView struct {
	ID       string `json:"id"`
	Hash     string `json:"hash"`
	Callback string `json:"callback_id"`
	Private  string `json:"private_metadata"`
	State    struct {
		Values map[string]map[string]struct {
			Value json.RawMessage `json:"value"`
		} `json:"values"`
	} `json:"state"`
}

// input is what was typed into a block whose element has the block's id.
func (v submittedView) input(block string) string {
	raw := v.State.Values[block][block].Value
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// happening is the outer part of an event; the inner part says what happened.
type happening struct {
	Type    string          `json:"type"`
	Team    string          `json:"team_id"`
	EventID string          `json:"event_id"`
	Shared  json.RawMessage `json:"is_ext_shared_channel"`
	Event   innerEvent      `json:"event"`
}

// shared reports whether the event may come from a channel that is shared with another company.
// It is true unless the event says otherwise.
func (h happening) shared() bool { return !api.PlainlyNot(h.Shared) }

// innerEvent is a message or another event.
type innerEvent struct {
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype"`
	User        string          `json:"user"`
	UserTeam    string          `json:"user_team"`
	SourceTeam  string          `json:"source_team"`
	Bot         string          `json:"bot_id"`
	Text        string          `json:"text"`
	TS          string          `json:"ts"`
	Thread      string          `json:"thread_ts"`
	Channel     string          `json:"channel"`
	ChannelType string          `json:"channel_type"`
	Edited      json.RawMessage `json:"edited"`
}

// edited reports whether the words are those of an edit.
func (e innerEvent) edited() bool { return len(e.Edited) > 0 && string(e.Edited) != "null" }

// byPerson reports whether a person wrote the message: not a bot, not Slack, and not the given
// user (the bot itself).
func (e innerEvent) byPerson(self string) bool {
	return e.User != "" && e.User != self && e.User != "USLACKBOT" && e.Bot == ""
}

// direct reports whether it was written to the bot alone.
func (e innerEvent) direct() bool { return e.ChannelType == "im" || strings.HasPrefix(e.Channel, "D") }
