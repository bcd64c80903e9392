package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
)

// Profile holds the fields of a Slack user that the bot needs. Source:
// https://docs.slack.dev/reference/objects/user-object.
type Profile struct {
	rights
	names
}

// rights are the fields that decide whether somebody may ask or decide. A field of an unexpected
// type is an error, because unknown must not mean allowed. Slack leaves out fields that do not
// apply.
type rights struct {
	ID         string `json:"id"`
	TeamID     string `json:"team_id"`
	Enterprise struct {
		ID           string `json:"id"`
		EnterpriseID string `json:"enterprise_id"`
	} `json:"enterprise_user"`
	Deleted           bool `json:"deleted"`
	IsBot             bool `json:"is_bot"`
	IsWorkflowBot     bool `json:"is_workflow_bot"`
	IsConnectorBot    bool `json:"is_connector_bot"`
	IsRestricted      bool `json:"is_restricted"`
	IsUltraRestricted bool `json:"is_ultra_restricted"`
	IsInvitedUser     bool `json:"is_invited_user"`
}

// names are only for display.
type names struct {
	Name     string `json:"name"`
	RealName string `json:"real_name"`
	Profile  struct {
		DisplayName string `json:"display_name"`
		RealName    string `json:"real_name"`
	} `json:"profile"`
}

// Person calls a method that answers with one user.
func (c *Client) Person(ctx context.Context, method string, args url.Values) (Profile, error) {
	var answer struct {
		User json.RawMessage `json:"user"`
	}
	if _, err := c.Ask(ctx, method, args, &answer); err != nil {
		return Profile{}, err
	}
	var p Profile
	if err := json.Unmarshal(answer.User, &p.rights); err != nil {
		return Profile{}, fmt.Errorf("%w: who somebody is cannot be read: %w", ErrNoAnswer, err)
	}
	if p.ID == "" {
		return Profile{}, fmt.Errorf("%w: it names nobody", ErrNoAnswer)
	}
	_ = Glean(answer.User, &p.names)
	return p, nil
}
