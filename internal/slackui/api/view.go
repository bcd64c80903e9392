package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/slack-go/slack"
)

// OpenView shows a form. Each trigger opens one form, within three seconds.
func (c *Client) OpenView(ctx context.Context, trigger string, view slack.ModalViewRequest) error {
	data, err := json.Marshal(view)
	if err != nil {
		return fmt.Errorf("writing the form: %w", err)
	}
	_, err = c.Ask(ctx, "views.open", url.Values{"trigger_id": {trigger}, "view": {string(data)}}, nil)
	return err
}
