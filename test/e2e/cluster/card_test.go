package cluster_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

// card is what people read when they are asked for a count: the bot's own card, of what it sees in the real cluster at this moment. What Kafka and
// the workers would tell is unknown.
func card(ctx context.Context, t *testing.T, c scale.Component, to int) string {
	t.Helper()
	eyes, now := eyes(t), time.Now()
	s := scale.Snapshot{Component: c.Name, At: now, Partitions: scale.Known(24, now, "Kafka"), Workload: eyes.Workload(ctx, c), Owner: eyes.Owner(ctx, c)}
	w, known := s.Workload.Get()
	if !known {
		return "no card: " + s.Workload.Why()
	}
	s.Room = eyes.Room(ctx, c, w)
	policy := runbook.Default().Policy
	op := operation(c.Name, 1)
	op.Before, op.Steps = s, ledger.StepsOf(change.Step{Do: change.Replicas{From: w.Desired, To: to}})
	op.Plan = judge.MakePlan(c, policy, s, nil, judge.Recommend(c, policy, s, nil), to, "lag")
	return textOf(t, cards.DrawOperation(op))
}

// textOf is all the text of a message, without its marks.
func textOf(t *testing.T, look cards.Content) string {
	t.Helper()
	data, err := json.Marshal(look.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	var blocks any
	if err := json.Unmarshal(data, &blocks); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(strings.Join(texts(blocks), "\n"), "*", "")
}

// texts are all texts below a block.
func texts(v any) (all []string) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			all = append(all, texts(one)...)
		}
	case map[string]any:
		if text, ok := v["text"].(string); ok {
			all = append(all, text)
		}
		for _, one := range v {
			all = append(all, texts(one)...)
		}
	}
	return all
}

// says waits until the card of a count says all of that, wherever its sentences begin. An autoscaler may have to wait for the first metrics of a pod,
// which take half a minute.
func says(t *testing.T, c scale.Component, to int, want ...string) {
	t.Helper()
	eventually(t, time.Minute, func(ctx context.Context) error {
		text := card(ctx, t, c, to)
		if i := slices.IndexFunc(want, func(part string) bool { return !strings.Contains(strings.ToLower(text), strings.ToLower(part)) }); i >= 0 {
			return fmt.Errorf("the card of %d does not say %q:\n%s", to, want[i], text)
		}
		return nil
	})
}
