package metrics

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The bounds of a query for several components.
const (
	// gatherFor is how long a query waits for others of its kind, in wall time.
	gatherFor = 20 * time.Millisecond
	// podsAsked is the number of pods in one query, unless one component has more. The answer has
	// some dozens of series for each pod, because of the buckets of a histogram.
	podsAsked = 400
	// leastPodsAsked is the smallest number it is reduced to while such queries take Prometheus
	// too long.
	leastPodsAsked = 25
)

// ComponentsAtOnce is how many components to read at the same time for batching to work: queries
// of one kind are combined.
const ComponentsAtOnce = 64

// batches combines queries that differ only in their pods. Without that, a fleet would cost
// several queries for each component in every round. The pod label says which component a row
// belongs to.
type batches struct {
	ask func(ctx context.Context, text string) ([]row, error)

	mu      sync.Mutex
	waiting map[string]*batch
	most    int // pods in a question
}

// batch is a set of queries of one kind that wait to be sent together.
type batch struct {
	text      func(pods []string) string
	questions []*question
	pods      int
}

// question is about the pods of one component.
type question struct {
	ctx  context.Context
	pods []string
	done chan struct{}
	rows []row
	err  error
}

func newBatches(ask func(context.Context, string) ([]row, error)) *batches {
	return &batches{ask: ask, waiting: map[string]*batch{}, most: podsAsked}
}

// query asks for the given pods, combined with other queries of the same kind.
func (b *batches) query(ctx context.Context, kind string, pods []string, text func([]string) string) ([]row, error) {
	q := &question{ctx: ctx, pods: pods, done: make(chan struct{})}
	b.join(kind, q, text)
	select {
	case <-q.done:
		return q.rows, q.err
	case <-ctx.Done():
		return nil, errors.New(unanswered(ctx.Err(), queryTimeout))
	}
}

// join adds a question to the batch of its kind. The first question of a batch sends it after
// gatherFor; when a batch is full, a new one begins.
func (b *batches) join(kind string, q *question, text func([]string) string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.waiting[kind]
	if one == nil || one.pods+len(q.pods) > b.most {
		one = &batch{text: text}
		b.waiting[kind] = one
		time.AfterFunc(gatherFor, func() { b.send(kind, one) })
	}
	one.questions, one.pods = append(one.questions, q), one.pods+len(q.pods)
}

// send sends the query of a batch. It is cancelled when nobody waits for its answer any more.
func (b *batches) send(kind string, one *batch) {
	b.mu.Lock()
	if b.waiting[kind] == one {
		delete(b.waiting, kind)
	}
	questions := one.questions
	b.mu.Unlock()
	// The time limit of the query counts from its first question.
	ctx, cancel := context.WithTimeout(context.Background(), queryTimeout-gatherFor)
	defer cancel()
	var left atomic.Int64
	left.Store(int64(len(questions)))
	for _, q := range questions {
		defer context.AfterFunc(q.ctx, func() {
			if left.Add(-1) == 0 {
				cancel()
			}
		})()
	}
	b.answer(ctx, one.text, questions)
}

// answer sends one query for all questions. If the query itself is rejected, or the answer has
// pods that nobody asked about, the batch is split in half and each half is sent: the series of
// one component must not cost the others their answers.
func (b *batches) answer(ctx context.Context, text func([]string) string, questions []*question) {
	pods := podsOf(questions)
	rows, err := b.ask(ctx, text(pods))
	if half := len(questions) / 2; half > 0 && (isUnfit(err) || strays(rows, pods)) {
		var first sync.WaitGroup
		first.Go(func() { b.answer(ctx, text, questions[:half]) })
		b.answer(ctx, text, questions[half:])
		first.Wait()
		return
	}
	b.adapt(err, len(questions) > 1)
	deal(questions, rows, err)
}

// deal gives every question the rows of its pods, or all rows when it is the only question.
func deal(questions []*question, rows []row, err error) {
	of := map[string][]row{}
	for _, r := range rows {
		of[r.labels[podLabel]] = append(of[r.labels[podLabel]], r)
	}
	for _, q := range questions {
		q.rows, q.err = rows, err
		if len(questions) > 1 {
			q.rows = nil
			for _, pod := range q.pods {
				q.rows = append(q.rows, of[pod]...)
			}
		}
		close(q.done)
	}
}

// adapt makes batches smaller after a query took Prometheus too long, and slowly larger again.
func (b *batches) adapt(err error, several bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case several && errors.Is(err, errLate):
		b.most = max(leastPodsAsked, b.most/2)
	case several && err == nil:
		b.most = min(podsAsked, b.most+b.most/8)
	}
}

// podsOf are the pods of all the questions, without duplicates.
func podsOf(questions []*question) []string {
	if len(questions) == 1 {
		return questions[0].pods
	}
	var pods []string
	for _, q := range questions {
		pods = append(pods, q.pods...)
	}
	slices.Sort(pods)
	return slices.Compact(pods)
}

// strays reports whether a row belongs to none of the pods. The pods of several components are
// sorted.
func strays(rows []row, pods []string) bool {
	return slices.ContainsFunc(rows, func(r row) bool {
		_, asked := slices.BinarySearch(pods, r.labels[podLabel])
		return !asked
	})
}

// unfit reports an error caused by the query and not by the server.
type unfit struct{ text string }

func (e unfit) Error() string { return e.text }

func isUnfit(err error) bool {
	_, is := errors.AsType[unfit](err)
	return is
}

// errLate says that the server did not answer in time.
var errLate = errors.New(unanswered(context.DeadlineExceeded, queryTimeout))
