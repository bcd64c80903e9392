package slackui

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
)

// profile holds the fields of a Slack user that the bot needs. Source:
// https://docs.slack.dev/reference/objects/user-object.
type profile struct {
	rights
	names
}

// rights are the fields that decide whether somebody may ask or decide. A field of another type
// than documented is an error, because unknown is not allowed. Slack leaves out fields that do
// not apply.
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

// names are for display alone.
type names struct {
	Name     string `json:"name"`
	RealName string `json:"real_name"`
	Profile  struct {
		DisplayName string `json:"display_name"`
		RealName    string `json:"real_name"`
	} `json:"profile"`
}

func (d *Directory) readUser(ctx context.Context, id string) (profile, error) {
	var user profile
	err := d.client.read(ctx, "users.info", "reading who somebody is", func(ctx context.Context) (err error) {
		user, err = d.client.person(ctx, "users.info", url.Values{"user": {id}})
		return err
	})
	return user, err
}

// person asks a method that answers with one user.
func (c *Client) person(ctx context.Context, method string, args url.Values) (profile, error) {
	var answer struct {
		User json.RawMessage `json:"user"`
	}
	if _, err := c.ask(ctx, method, args, &answer); err != nil {
		return profile{}, err
	}
	var p profile
	if err := json.Unmarshal(answer.User, &p.rights); err != nil {
		return profile{}, fmt.Errorf("%w: who somebody is cannot be read: %w", errNoAnswer, err)
	}
	if p.ID == "" {
		return profile{}, fmt.Errorf("%w: it names nobody", errNoAnswer)
	}
	_ = glean(answer.User, &p.names)
	return p, nil
}
