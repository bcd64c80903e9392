package records

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// record decodes an object into an operation or episode. Every error of record, operationOf and
// episodeOf is a scale.ErrUnreadable.
func record(o *unstructured.Unstructured, noun any) error {
	value, ok, err := unstructured.NestedFieldNoCopy(o.Object, "spec", "record")
	if err != nil || !ok {
		return unreadable(o, "it has no record; was it written by hand?")
	}
	encoded, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(encoded, noun)
	}
	if err != nil {
		return unreadable(o, "its record cannot be decoded: "+err.Error())
	}
	return nil
}

func unreadable(o *unstructured.Unstructured, why string) error {
	return fmt.Errorf("%w: %s: %s", scale.ErrUnreadable, o.GetName(), why)
}

// operationOf reads an operation. If this version cannot know how to continue it, the whole
// operation is unreadable, however much of it can be decoded: to act on the part that is
// understood would be to act on something that nobody approved.
func operationOf(o *unstructured.Unstructured) (ledger.Operation, error) {
	var op ledger.Operation
	if err := record(o, &op); err != nil {
		return op, err
	}
	why := ""
	switch {
	case op.Number < 1 || op.ID != o.GetName() || op.ID != ledger.OperationID(op.Component, op.Number):
		why = fmt.Sprintf("its name does not fit what it tells of itself: %q, number %d of %q", op.ID, op.Number, op.Component)
	case !op.State().Known():
		why = fmt.Sprintf("this version does not know the state %q", op.State())
	case len(op.Steps) != 1:
		why = fmt.Sprintf("this version carries out operations of one step, and it has %d", len(op.Steps))
	default:
		why = foreignLabels(o, map[string]string{ComponentLabel: op.Component, finalLabel: strconv.FormatBool(op.State().Final())})
	}
	if why != "" {
		return ledger.Operation{}, unreadable(o, why)
	}
	op.Version = o.GetResourceVersion()
	return op, nil
}

// foreignLabels says why a record has labels that do not fit it. A live operation labelled as
// final, for example, would not be found by the runner, and would block all others.
func foreignLabels(o *unstructured.Unstructured, want map[string]string) string {
	got := o.GetLabels()
	for _, label := range slices.Sorted(maps.Keys(want)) {
		if got[label] != want[label] {
			return fmt.Sprintf("its label %s is %q, and its record says %q", label, got[label], want[label])
		}
	}
	return ""
}

// episodeOf reads an episode.
func episodeOf(o *unstructured.Unstructured) (ledger.Episode, error) {
	var e ledger.Episode
	if err := record(o, &e); err != nil {
		return e, err
	}
	why := ""
	switch {
	case !e.Kind.Known():
		why = fmt.Sprintf("this version does not know the kind %q", e.Kind)
	case e.Number < 1 || e.ID != o.GetName() || e.ID != ledger.EpisodeID(e.Component, e.Kind, e.Number):
		why = fmt.Sprintf("its name does not fit what it tells of itself: %q, %s %d of %q", e.ID, e.Kind, e.Number, e.Component)
	case !e.Urgency.Known():
		why = fmt.Sprintf("this version does not know the urgency %d", int(e.Urgency))
	default:
		why = foreignLabels(o, map[string]string{ComponentLabel: e.Component, kindLabel: string(e.Kind), finalLabel: strconv.FormatBool(!e.Open())})
	}
	if why != "" {
		return ledger.Episode{}, unreadable(o, why)
	}
	e.Version = o.GetResourceVersion()
	return e, nil
}

// namedMost bounds the records that are remembered as named.
const namedMost = 1000

// namings remember which version of each unreadable record was logged: the bot meets such a
// record every few seconds and logs it once.
type namings struct {
	mu sync.Mutex
	in map[string]string
}

func (n *namings) first(o *unstructured.Unstructured) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	name := o.GetKind() + "/" + o.GetName()
	if version, ok := n.in[name]; ok && version == o.GetResourceVersion() {
		return false
	}
	if n.in == nil || len(n.in) >= namedMost {
		n.in = map[string]string{}
	}
	n.in[name] = o.GetResourceVersion()
	return true
}

// leaveOut logs that a record is skipped because it cannot be read.
func (s *Store) leaveOut(ctx context.Context, o *unstructured.Unstructured, why error) {
	if s.named.first(o) {
		s.log.WarnContext(ctx, "a stored record cannot be read and is skipped", "record", o.GetName(), "error", why,
			"next", "kubectl -n "+o.GetNamespace()+" get "+strings.ToLower(o.GetKind())+" "+o.GetName()+" -o yaml; the version that wrote it can read it")
	}
}

// Unreadable reads all stored records, page by page, and returns how many there are and which of
// them this version cannot read. With an error it returns what it found until then.
func (s *Store) Unreadable(ctx context.Context) (all int, broken []scale.Unreadable, err error) {
	check := func(in collection, read func(*unstructured.Unstructured) error) error {
		before, found := all, len(broken)
		return s.list(ctx, in, "", func() { all, broken = before, broken[:found] }, func(page *unstructured.UnstructuredList) {
			all += len(page.Items)
			for i := range page.Items {
				if err := read(&page.Items[i]); err != nil {
					broken = append(broken, scale.Unreadable{Name: page.Items[i].GetName(), Why: err.Error()})
				}
			}
		})
	}
	return all, broken, errors.Join(
		check(s.operations, func(o *unstructured.Unstructured) error { _, err := operationOf(o); return err }),
		check(s.episodes, func(o *unstructured.Unstructured) error { _, err := episodeOf(o); return err }),
	)
}
