package api

import (
	"bytes"
	"context"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

// Upload shares a picture in a thread: get an address, send the bytes, complete.
func (c *Client) Upload(ctx context.Context, at scale.MessageRef, op ledger.Operation, r ledger.Report, png []byte) error {
	title := fmt.Sprintf("Lag of %s, %s after the change", op.Component, r.Horizon)
	return c.write(ctx, "files.completeUploadExternal", "uploading a chart", func(ctx context.Context) error {
		_, err := c.api.UploadFileContext(ctx, slack.UploadFileParameters{
			Reader: bytes.NewReader(png), FileSize: len(png), Filename: op.ID + "-lag.png",
			Title: cards.Plain(title, cards.MaxName), AltTxt: cards.Plain(title, cards.MaxName),
			Channel: at.Channel, ThreadTimestamp: at.Root(),
		})
		return err
	})
}
