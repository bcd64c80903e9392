package slackui

import (
	"bytes"
	"context"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/scale"
)

// upload shares a picture in a thread: get an address, send the bytes, complete.
func (c *Client) upload(ctx context.Context, at scale.MessageRef, op scale.Operation, r scale.Report, png []byte) error {
	title := fmt.Sprintf("Lag of %s, %s after the change", op.Component, r.Horizon)
	return c.write(ctx, "files.completeUploadExternal", "uploading a chart", func(ctx context.Context) error {
		_, err := c.api.UploadFileContext(ctx, slack.UploadFileParameters{
			Reader: bytes.NewReader(png), FileSize: len(png), Filename: op.ID + "-lag.png",
			Title: plain(title, maxName), AltTxt: plain(title, maxName),
			Channel: at.Channel, ThreadTimestamp: at.Root(),
		})
		return err
	})
}
