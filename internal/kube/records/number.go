package records

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// numberMost is the highest number that the bot accepts in a record's name. Nobody makes so many
// changes. A higher number was made up, and would leave no number after it.
const numberMost = 1 << 40

// series are the records whose numbers count together: the operations of a component, or
// its episodes of one kind.
type series struct {
	in     collection
	labels map[string]string
	// name makes the name of the record with a number; number returns the number of a readable
	// record.
	name   func(number int) string
	number func(*unstructured.Unstructured) (int, error)
}

func (s *Store) operationsOf(component string) series {
	return series{
		in: s.operations, labels: map[string]string{ComponentLabel: component},
		name:   func(number int) string { return ledger.OperationID(component, number) },
		number: func(o *unstructured.Unstructured) (int, error) { op, err := operationOf(o); return op.Number, err },
	}
}

func (s *Store) episodesOf(component string, kind ledger.EpisodeKind) series {
	return series{
		in: s.episodes, labels: map[string]string{ComponentLabel: component, kindLabel: string(kind)},
		name:   func(number int) string { return ledger.EpisodeID(component, kind, number) },
		number: func(o *unstructured.Unstructured) (int, error) { e, err := episodeOf(o); return e.Number, err },
	}
}

// steppedMost is how many further numbers are tried when records without labels have taken the
// first ones.
const steppedMost = 5

// claim stores a record under its number, which must be the next after the highest readable one.
// store creates the object with a given number. If unreadable records have taken that number or
// higher ones, claim uses the number after all of them. So no number is used twice, and no stored
// record blocks a component for ever. When several replicas claim a number at once, one wins.
func (s *Store) claim(ctx context.Context, of series, number int, store func(number int) error) error {
	err := s.follows(ctx, of, number)
	if err == nil {
		err = store(number)
	}
	if !errors.Is(err, scale.ErrVersion) {
		return err
	}
	free, readErr := s.beyondUnreadable(ctx, of, number)
	if readErr != nil || free == 0 {
		return errors.Join(readErr, err)
	}
	for range steppedMost {
		if err = store(free); !errors.Is(err, scale.ErrVersion) {
			return err
		}
		taken, readErr := s.get(ctx, of.in, of.name(free))
		if readErr != nil {
			return readErr
		}
		if _, unreadable := of.number(taken); unreadable == nil {
			return err // another replica was faster
		}
		free++
	}
	return err
}

// follows checks with one small read that a number is the next one: the record before it exists
// or, for the first number, there is no record at all. It does not check that the number is free;
// creating the object does. Pruning never removes the newest record, so the number before a free
// one is either the newest or was never used.
func (s *Store) follows(ctx context.Context, of series, number int) error {
	if number > 1 {
		before := of.name(number - 1)
		_, err := s.get(ctx, of.in, before)
		if errors.Is(err, scale.ErrNotStored) {
			return fmt.Errorf("there is no %s: %w", before, scale.ErrVersion)
		}
		return err
	}
	some, err := s.any(ctx, of.in, selector(of.labels))
	if err == nil && (number < 1 || some) {
		err = fmt.Errorf("number %d does not come next: %w", number, scale.ErrVersion)
	}
	return err
}

// beyondUnreadable returns the number after all records of a series when only unreadable
// records have the wanted number or higher ones. It returns zero when a readable record has one
// of them, or when the wanted number would not have been the next.
func (s *Store) beyondUnreadable(ctx context.Context, of series, number int) (int, error) {
	readable, highest := 0, 0
	err := s.list(ctx, of.in, selector(of.labels), func() { readable, highest = 0, 0 }, func(page *unstructured.UnstructuredList) {
		for i := range page.Items {
			o := &page.Items[i]
			if one, err := of.number(o); err == nil {
				readable = max(readable, one)
			} else {
				s.leaveOut(ctx, o, err)
			}
			highest = max(highest, of.numberIn(o.GetName()))
		}
	})
	if err != nil || readable != number-1 {
		return 0, err
	}
	return max(highest+1, number), nil
}

// numberIn is the number that a name holds, zero when it holds none.
func (of series) numberIn(name string) int {
	number, err := strconv.Atoi(name[strings.LastIndexByte(name, '-')+1:])
	if err != nil || number < 1 || number > numberMost || of.name(number) != name {
		return 0
	}
	return number
}
