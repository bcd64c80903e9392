package inbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/cards/cardstest"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// carded is an operation whose card is in the channel.
func carded(r *room) ledger.Operation {
	r.Helper()
	op := slackuitest.Unposted(ledger.Watching)
	ref, err := r.announce.Card(r.Context(), op, engine.Known)
	if err != nil {
		r.Fatal(err)
	}
	op.Message = ref
	op.Reports[1] = slackuitest.Report()
	return op
}

// TestAReportWhoseFateIsUnknownIsFoundInItsThread cuts the connection after the report
// was posted, as often as Slack has threads to read.
func TestAReportWhoseFateIsUnknownIsFoundInItsThread(t *testing.T) {
	for _, cut := range []string{"before", "after"} {
		inRoom(t, ListenerConfig{}, func(r *room) {
			op := carded(r)
			r.must("fault", map[string]any{"method": "chat.postMessage", "cut": cut, "count": 1})
			ref, err := r.announce.Report(r.Context(), op, 1, engine.Known)
			if err != nil {
				r.Fatalf("cut %s: %v", cut, err)
			}
			got := r.sees("U0ANA")
			if len(got) != 2 || got[1].TS != ref.TS || got[1].ThreadTS != op.Message.TS {
				r.Errorf("cut %s: Ana sees %v and the report is said to be at %v, want it once, in the thread", cut, got, ref)
			}
		})
	}
}

func TestAWorkspaceWithoutChartsGetsAPicture(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		op := carded(r)
		r.must("fault", map[string]any{"refuse_blocks": []string{"data_visualization"}})
		if _, err := r.announce.Report(r.Context(), op, 1, engine.Known); err != nil {
			r.Fatal(err)
		}
		got := fmt.Sprint(r.get("messages?channel=C0INCIDENT&user=U0ANA")["messages"])
		if !strings.Contains(got, "download-worker-17-lag.png") || strings.Contains(got, "data_visualization") {
			r.Errorf("got %s, want a picture in place of the chart", got)
		}
		for _, m := range r.sees("U0ANA")[1:] {
			if m.ThreadTS != op.Message.TS {
				r.Errorf("got %+v outside of the thread", m)
			}
		}
	})
}

func TestADeletedCardComesBackWithItsReports(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		op := carded(r)
		r.must("fault", map[string]any{"delete_message": map[string]any{"channel": "C0INCIDENT", "ts": op.Message.TS}})
		op = slackuitest.Step(op, ledger.Superseded)
		if _, err := r.announce.Card(r.Context(), op, engine.Known); err != nil {
			r.Fatal(err)
		}
		got := r.sees("U0ANA")
		if len(got) != 1 || got[0].TS == op.Message.TS || !strings.Contains(got[0].Text, "newer change took over") {
			r.Fatalf("Ana sees %v, want a new card", got)
		}
		op.Reports[1] = slackuitest.Report()
		if _, err := r.announce.Report(r.Context(), op, 1, engine.Known); err != nil {
			r.Fatal(err)
		}
		if all := r.sees("U0ANA"); len(all) != 2 || all[1].ThreadTS != got[0].TS {
			r.Errorf("Ana sees %v, want the report under the new card", all)
		}
	})
}

func TestAChannelWithoutTheBotIsARejection(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		for _, knob := range []string{"remove_bot", "archive"} {
			r.must("fault", map[string]any{knob: "C0GENERAL"})
			op := slackuitest.Unposted(ledger.Proposed)
			op.Request.Channel = "C0GENERAL"
			if _, err := r.announce.Card(r.Context(), op, engine.Known); !scale.IsFault(err, scale.FaultRejected) {
				r.Errorf("%s: got %v, want a rejection", knob, err)
			}
			r.must("fault", map[string]any{"add_bot": "C0GENERAL"})
		}
	})
}

// TestEveryPictureIsTakenByTheWorkspace posts every message the bot can send to a server
// that judges it.
func TestEveryPictureIsTakenByTheWorkspace(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		for name, l := range cardstest.Pictures(r.T) {
			m := api.Message{Key: api.Key{Operation: name, Step: "picture"}, Channel: "C0GENERAL", Variants: []cards.Content{l}}
			if _, err := r.announce.Once(r.Context(), scale.MessageRef{}, m, engine.Known); err != nil {
				r.Errorf("%s: %v", name, err)
			}
		}
	})
}
