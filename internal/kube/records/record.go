package records

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// object wraps a record. head holds the fields that kubectl prints; noun is the operation or
// episode, stored whole as JSON.
func object(kind, name, version string, labels map[string]string, head map[string]any, noun any) (*unstructured.Unstructured, error) {
	encoded, err := json.Marshal(noun)
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", name, err)
	}
	record := map[string]any{}
	// This decoder keeps whole numbers whole; large offsets would lose digits as floats.
	if err := utiljson.Unmarshal(encoded, &record); err != nil {
		return nil, fmt.Errorf("encoding %s: %w", name, err)
	}
	spec := maps.Clone(head)
	spec["record"] = record
	o := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": Group + "/" + Version, "kind": kind, "spec": runtime.DeepCopyJSONValue(spec),
	}}
	o.SetName(name)
	o.SetLabels(labels)
	o.SetResourceVersion(version)
	return o, nil
}

// partitionsStored bounds the partitions kept with an operation. An API server takes
// objects up to about 1.5 MiB, and 10,000 partitions alone would be more.
const partitionsStored = 500

// fit keeps only the partitions with the most lag, at most partitionsStored. The sums still cover
// all partitions, and a note says what is missing.
func fit(op ledger.Operation) ledger.Operation {
	all := op.Before.Lag.Value.Partitions
	if len(all) <= partitionsStored {
		return op
	}
	most := slices.Clone(all)
	slices.SortStableFunc(most, func(a, b scale.PartitionLag) int { return cmp.Compare(b.Lag, a.Lag) })
	op.Before.Lag.Value.Partitions = most[:partitionsStored]
	note := fmt.Sprintf("the %d of %d partitions that lag most are kept", partitionsStored, len(all))
	op.Before.Lag.Note = strings.TrimPrefix(op.Before.Lag.Note+"; "+note, "; ")
	return op
}

func operationObject(op ledger.Operation) (*unstructured.Unstructured, error) {
	labels := map[string]string{
		ComponentLabel: op.Component, finalLabel: strconv.FormatBool(op.State().Final()), dayLabel: dayOf(op.Request.At),
	}
	from, to := op.Change().Ends()
	return object("ScalingOperation", op.ID, op.Version, labels, map[string]any{
		"component": op.Component, "change": string(op.Change().Kind()), "from": column(from), "to": column(to), "state": string(op.State()),
		"by": op.Request.By.Title(), "approvedBy": approvers(op), "reason": op.Request.Reason, "story": story(op),
	}, fit(op))
}

// column is a value of a change as kubectl prints it: a whole number, or text.
func column(value any) any {
	if n, whole := value.(int); whole {
		return int64(n)
	}
	return fmt.Sprint(value)
}

// approvers names everybody whose approval counted, in order; empty before it was approved.
func approvers(op ledger.Operation) string {
	if _, approved := op.ApprovedBy(); !approved {
		return ""
	}
	var names []string
	for _, p := range op.Approvers() {
		names = append(names, p.Title())
	}
	return strings.Join(names, ", ")
}

// story tells the events one line each, so that kubectl describe reads as a story.
func story(op ledger.Operation) []any {
	lines := make([]any, 0, len(op.Events))
	for _, e := range op.Events {
		line := e.At.UTC().Format("2006-01-02T15:04:05Z") + " " + string(e.State)
		if e.State == "" {
			line = e.At.UTC().Format("2006-01-02T15:04:05Z") + " " + remark(e)
		}
		if by := e.By.Title(); by != "" {
			line += " by " + by
		}
		if e.Note != "" {
			line += ": " + e.Note
		}
		lines = append(lines, line)
	}
	return lines
}

// remark names an event that did not change the state: one of several approvals, a refusal, or a
// fact such as a lost card.
func remark(e ledger.Event) string {
	switch e.Entry() {
	case ledger.EntryApproval:
		return "one approval"
	case ledger.EntryRefusal:
		return "refused (" + e.Code + ")"
	case ledger.EntryNote, ledger.EntryTransition:
	}
	return cmp.Or(strings.ReplaceAll(e.Code, "_", " "), "note")
}

func episodeObject(e ledger.Episode) (*unstructured.Unstructured, error) {
	labels := map[string]string{ComponentLabel: e.Component, kindLabel: string(e.Kind), finalLabel: strconv.FormatBool(!e.Open())}
	if !e.Open() {
		labels[dayLabel] = dayOf(e.ClosedAt)
	}
	return object("ScalingEpisode", e.ID, e.Version, labels, map[string]any{
		"component": e.Component, "kind": string(e.Kind), "urgency": e.Urgency.String(), "open": e.Open(), "lag": e.Lag,
	}, e)
}

// dayOf is the day in UTC, as records are labelled.
func dayOf(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// days are the days of a span of time.
func days(from, to time.Time) []string {
	var all []string
	for day := from.UTC().Truncate(24 * time.Hour); !day.After(to); day = day.Add(24 * time.Hour) {
		all = append(all, dayOf(day))
	}
	return all
}

// selector matches records by label; without labels it matches all of them.
func selector(of map[string]string) string { return labels.SelectorFromSet(of).String() }
