package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

// check holds the world against the invariants of the end: everything is final, every
// report was posted once, and Slack shows what is stored.
func (w *chaosWorld) check() {
	l := w.ledger
	posts := map[string][]shownMessage{}
	for _, channel := range []string{"C0INCIDENT", "C0GENERAL"} {
		for _, m := range w.shown(channel, "U0ANA") {
			if about := m.Metadata.Payload; about.Operation != "" && !m.Private {
				key := about.Operation + " " + about.Step
				posts[key] = append(posts[key], m)
			}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(l.operations)) {
		op := l.operations[id]
		if !op.State().Final() {
			l.violation("%s is still %s: %s", id, op.State(), op.Last().Note)
		}
		w.checkCard(op, posts[id+" card"])
		for i, r := range op.Reports {
			w.checkReport(op, i, r, posts[fmt.Sprintf("%s report-%d", id, i)])
		}
		w.checkEffect(op)
	}
	for _, id := range slices.Sorted(maps.Keys(l.episodes)) {
		w.checkEpisode(l.episodes[id], posts[id+" card"])
	}
	for _, key := range slices.Sorted(maps.Keys(posts)) {
		about, step, _ := strings.Cut(key, " ")
		_, operation := l.operations[about]
		_, episode := l.episodes[about]
		if step == "card" && !operation && !episode {
			l.violation("Slack shows a card of %s, which is not stored", about)
		}
		// An event that Slack delivers to two replicas is answered by both.
		if n := len(posts[key]); n > 1 && step != "card" && step != "answer" && !strings.HasPrefix(step, "report-") {
			l.violation("Slack shows %d messages %s", n, key)
		}
	}
	for _, call := range w.api.unknown {
		l.violation("the API server was asked for what it does not have: %s", call)
	}
	if diary := w.diary.String(); strings.Contains(diary, "panic") {
		l.violation("something panicked")
	}
}

// checkCard: one card, and it shows the operation.
func (w *chaosWorld) checkCard(op ledger.Operation, shown []shownMessage) {
	w.checkLook(op.ID, op.Message, cards.DrawOperation(op), shown)
}

// checkEpisode: one card, and it shows the alert, suggestion or blindness; a snoozed one keeps its
// numbers.
func (w *chaosWorld) checkEpisode(e ledger.Episode, shown []shownMessage) {
	if e.Open() && !e.SnoozedBy.IsZero() && len(shown) == 1 {
		return
	}
	w.checkLook(e.ID, e.Message, cards.DrawEpisode(e, runbook.Default().Policy.Alert.Snoozes), shown)
}

func (w *chaosWorld) checkLook(id string, at scale.MessageRef, want cards.Content, shown []shownMessage) {
	if len(shown) != 1 {
		w.ledger.violation("%s has %d cards, want one; it is recorded at %+v, and seen are %s", id, len(shown), at, places(shown))
		return
	}
	if got := shown[0]; got.Text != want.Text {
		w.ledger.violation("%s: Slack shows %q, want %q", id, got.Text, want.Text)
	} else if got, want := plainBlocks(shown[0].Blocks), plainBlocks(mustEncode(want.Blocks)); !bytes.Equal(got, want) {
		w.ledger.violation("%s: Slack shows the blocks\n%s\nwant\n%s", id, got, want)
	}
	if at.TS != shown[0].TS {
		w.ledger.violation("%s is recorded to be seen at %q, but is at %q", id, at.TS, shown[0].TS)
	}
}

func places(messages []shownMessage) string {
	var at []string
	for _, m := range messages {
		at = append(at, fmt.Sprintf("%s in thread %q", m.TS, m.Thread))
	}
	return strings.Join(at, " and ")
}

// checkReport: posted once when it is recorded as posted, else never, with the reason.
func (w *chaosWorld) checkReport(op ledger.Operation, i int, r ledger.Report, seen []shownMessage) {
	switch {
	case r.Posted.IsZero() && r.Closed == "":
		w.ledger.violation("%s: report %s was neither posted nor closed", op.ID, r.Horizon)
	case len(seen) > 1 || !r.Posted.IsZero() && len(seen) != 1:
		w.ledger.violation("%s: report %s was posted %d times", op.ID, r.Horizon, len(seen))
	case r.Closed != "" && len(seen) > 0 && r.Posted.IsZero() && r.MadeAt.IsZero():
		w.ledger.violation("%s: report %s is shown but was never made", op.ID, r.Horizon)
	}
	if late := r.MadeAt.Sub(r.Due) > 3*time.Minute; !r.MadeAt.IsZero() && late && !r.Late {
		w.ledger.violation("%s: report %s was made %v after its time and is not marked late", op.ID, r.Horizon, r.MadeAt.Sub(r.Due))
	}
}

// checkEffect: an operation that says it was written was written, and one that says
// nothing was written was not.
func (w *chaosWorld) checkEffect(op ledger.Operation) {
	n := w.ledger.effects[chaosStep{op.ID, op.Current()}]
	if n > 0 && op.Rollout().WrittenAt.IsZero() && op.State() == ledger.Failed && !strings.Contains(op.Last().Note, "not known") {
		w.ledger.violation("%s was written and says: %s", op.ID, op.Last().Note)
	}
}

// mustEncode writes out what is the test's own or has come from JSON.
func mustEncode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// plainBlocks are blocks without the ids that Slack gives them, one way of writing each.
func plainBlocks(data []byte) []byte {
	var blocks any
	if json.Unmarshal(data, &blocks) != nil {
		return data
	}
	if blocks == nil {
		blocks = []any{}
	}
	return mustEncode(withoutIDs(blocks))
}

func withoutIDs(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withoutIDs(v[i])
		}
	case map[string]any:
		delete(v, "block_id")
		for key := range v {
			v[key] = withoutIDs(v[key])
		}
	}
	return v
}
