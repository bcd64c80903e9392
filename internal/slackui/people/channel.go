package people

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/scalebot/scalebot/internal/slackui/api"
)

// staleRoom is how long the last answer about a channel is used while Slack does not answer.
const staleRoom = time.Hour

// Room is what the bot needs to know about a channel.
type Room struct {
	// Member says that the bot is in the channel, so that it can post there.
	Member bool
	// Shared says that people of other companies are in it, or are about to be.
	Shared bool
	// Archived says that nobody can post there.
	Archived bool
}

// Room reads a channel, at most a minute old. If the bot cannot see a channel, it is not a member
// of it. The bot is a member of every direct message with it. While Slack does not answer, an
// answer of the last hour counts.
func (d *Directory) Room(ctx context.Context, channel string) (Room, error) {
	if channel != "" && channel[0] == 'D' {
		return Room{Member: true}, nil
	}
	d.mu.Lock()
	known, ok := d.rooms.Get(channel)
	d.mu.Unlock()
	if ok && known.current() && known.value.Member {
		return known.value, nil
	}
	room, err := d.readRoom(ctx, channel)
	if err != nil {
		if ok && time.Since(known.at) < staleRoom {
			return known.value, nil
		}
		return Room{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rooms.Put(channel, seen[Room]{room, time.Now()})
	return room, nil
}

func (d *Directory) readRoom(ctx context.Context, channel string) (Room, error) {
	// No other field of the channel is decoded, such as its latest message.
	var answer struct {
		Channel struct {
			ID                 string `json:"id"`
			IsMember           bool   `json:"is_member"`
			IsIM               bool   `json:"is_im"`
			IsMpIM             bool   `json:"is_mpim"`
			IsExtShared        bool   `json:"is_ext_shared"`
			IsPendingExtShared bool   `json:"is_pending_ext_shared"`
			IsArchived         bool   `json:"is_archived"`
		} `json:"channel"`
	}
	err := d.client.Read(ctx, "conversations.info", "reading the channel", func(ctx context.Context) error {
		_, err := d.client.Ask(ctx, "conversations.info", url.Values{"channel": {channel}}, &answer)
		if err == nil && answer.Channel.ID == "" {
			err = fmt.Errorf("%w: it names no channel", api.ErrNoAnswer)
		}
		return err
	})
	info := answer.Channel
	if code := api.SlackCode(err); code == "channel_not_found" || code == "not_in_channel" {
		return Room{}, nil
	}
	if err != nil {
		return Room{}, err
	}
	// is_shared is also true for a channel that is shared only inside the organisation. Refusing
	// that one too is harmless.
	return Room{
		Member:   info.IsMember || info.IsIM || info.IsMpIM,
		Shared:   info.IsExtShared || info.IsPendingExtShared,
		Archived: info.IsArchived,
	}, nil
}

// ForgetRoom drops the cached answer about a channel, because Slack says that it changed. The old
// answer must not be used again, even while Slack does not answer.
func (d *Directory) ForgetRoom(channel string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rooms.Drop(channel)
}

// ForgetDuty makes the next question read the on-call list again, because Slack says that a group
// has changed. The old answer is still shown, with its age, while no source answers.
func (d *Directory) ForgetDuty() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.duty.at.IsZero() {
		d.duty.at = d.duty.at.Add(-DisplayTime)
	}
}
