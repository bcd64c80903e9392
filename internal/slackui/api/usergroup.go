package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
)

// UserGroup holds the fields of a user group that the bot needs.
type UserGroup struct {
	ID     string `json:"id"`
	Handle string `json:"handle"`
}

// Groups reads the workspace's user groups and decodes each one alone, so that an undecodable
// group of another team does not hide the on-call group.
func (c *Client) Groups(ctx context.Context) ([]UserGroup, error) {
	var answer struct {
		Groups []json.RawMessage `json:"usergroups"`
	}
	if _, err := c.Ask(ctx, "usergroups.list", nil, &answer); err != nil {
		return nil, err
	}
	if answer.Groups == nil {
		return nil, fmt.Errorf("%w: it lists no user groups", ErrNoAnswer)
	}
	var groups []UserGroup
	for _, raw := range answer.Groups {
		var g UserGroup
		if Glean(raw, &g) == nil && g.ID != "" {
			groups = append(groups, g)
		}
	}
	return groups, nil
}

// GroupMembers reads the ids of a group's members. An answer without a list is an error: it does
// not mean an empty group.
func (c *Client) GroupMembers(ctx context.Context, group string) ([]string, error) {
	var answer struct {
		Users []string `json:"users"`
	}
	if _, err := c.Ask(ctx, "usergroups.users.list", url.Values{"usergroup": {group}}, &answer); err != nil {
		return nil, err
	}
	if answer.Users == nil {
		return nil, fmt.Errorf("%w: it lists no members", ErrNoAnswer)
	}
	return answer.Users, nil
}
