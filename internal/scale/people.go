package scale

import (
	"time"
)

// Person is someone who asked or decided, as known at that time.
type Person struct {
	// ID is the stable identity, a Slack user id; Name what the person was called then.
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	// Team is the workspace they belong to.
	Team string `json:"team,omitempty"`
	// Grid is the person's id across the whole Enterprise Grid organisation, if there is one. One
	// person may have several ids there.
	Grid string `json:"grid,omitempty"`
}

// Is reports whether both are the same person. The empty Person is the same as no one, not even
// as itself.
func (p Person) Is(other Person) bool {
	if p.Grid != "" && p.Grid == other.Grid {
		return true
	}
	return p.ID != "" && p.ID == other.ID
}

// Title is the name of a person, or the id where there is no name.
func (p Person) Title() string { return Named(p.Name, p.ID) }

// IsZero reports whether nobody is meant.
func (p Person) IsZero() bool { return p.ID == "" }

// Grant is the answer to "may this person approve", with its evidence.
type Grant struct {
	Person Person `json:"person"`
	// Allowed is true only for somebody on call.
	Allowed bool `json:"allowed"`
	// Code and Why explain a refusal: "guest", "guests may never approve".
	Code string `json:"code,omitempty"`
	Why  string `json:"why,omitempty"`
	// Role is the role that would be enough, and Holders who has it now.
	Role    string   `json:"role,omitempty"`
	Holders []string `json:"holders,omitempty"`
	// Source says where the answer comes from: "user group @oncall-kafka".
	Source string `json:"source,omitempty"`
}

// MessageRef is where something was posted.
type MessageRef struct {
	Channel string `json:"channel,omitempty"`
	// TS is the message's id inside its channel; Thread the parent's.
	TS     string `json:"ts,omitempty"`
	Thread string `json:"thread,omitempty"`
}

// IsZero reports whether nothing was posted yet.
func (m MessageRef) IsZero() bool { return m.TS == "" }

// Root is the timestamp of the thread the message belongs to or starts.
func (m MessageRef) Root() string {
	if m.Thread != "" {
		return m.Thread
	}
	return m.TS
}

// Right is what somebody wants to do.
type Right string

// The rights. Asking is open to every full member of the workspace; deciding only
// to people on call. Guests, people of other companies, deactivated users and bots
// have neither.
const (
	RightAsk    Right = "ask"
	RightDecide Right = "decide"
)

// OnCall is who may decide at the moment, and where that information comes from.
type OnCall struct {
	// Group is the user group's handle without "@"; Members its people.
	Group   string   `json:"group"`
	Members []Person `json:"members"`
	// Source and At tell where the answer comes from and when it was read; Age is how
	// old it is when it is shown.
	Source string        `json:"source"`
	At     time.Time     `json:"at"`
	Age    time.Duration `json:"age,omitempty"`
	// Until is when the first shift ends; zero when the source does not say.
	Until time.Time `json:"until,omitzero"`
	// Notes are sentences about sources that were asked first and did not answer, and about
	// people who could not be found.
	Notes []string `json:"notes,omitempty"`
}

// Shift is one person's time on call, as a schedule outside Slack states it.
type Shift struct {
	Name string
	// Email is how the person is found in Slack.
	Email string
	// Until is the end of the shift; zero when it has none.
	Until time.Time
}
