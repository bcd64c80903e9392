package metrics

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The bounds of a question that is put for several components.
const (
	// gatherFor is how long a question waits for others of its kind, in wall time.
	gatherFor = 20 * time.Millisecond
	// podsAsked is how many pods are asked about in one question, unless one component has
	// more: an answer has some dozens of series for each, for the buckets of a histogram.
	podsAsked = 400
	// leastPodsAsked is how few it may become while such questions take Prometheus too long.
	leastPodsAsked = 25
)

// ComponentsAtOnce is of how many components Prometheus is best asked at the same time:
// questions of one kind are put together.
const ComponentsAtOnce = 64

// batches put questions together that differ by nothing but the pods that they are about: a
// fleet would cost some queries for each component in every round. The answers are told apart
// by the pod.
type batches struct {
	ask func(ctx context.Context, text string) ([]row, error)

	mu      sync.Mutex
	waiting map[string]*batch
	most    int // pods in a question
}

// batch are questions of one kind that wait for each other.
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

// query asks what text asks about the pods, together with others of the same kind.
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

// join adds a question to those of its kind. The first one sends them all after a while; when
// they are too many for one, another batch is begun.
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

// send asks for those who have come so far, and for as long as one of them waits.
func (b *batches) send(kind string, one *batch) {
	b.mu.Lock()
	if b.waiting[kind] == one {
		delete(b.waiting, kind)
	}
	questions := one.questions
	b.mu.Unlock()
	// Whoever came first has the time that a query may take.
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

// answer asks one question for all. Where that fails because of what was asked, or answers with
// pods that nobody asked about, it is put in two halves, so that one component's series do not
// take the answers of the others away.
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

// deal gives everybody the rows of their own pods, or all of them where nobody else has asked.
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

// adapt makes questions smaller that took Prometheus too long, and larger again, slowly.
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

// podsOf are the pods of all the questions, each once.
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

// strays reports whether a row is of none of the pods, which are sorted where they are several
// components'.
func strays(rows []row, pods []string) bool {
	return slices.ContainsFunc(rows, func(r row) bool {
		_, asked := slices.BinarySearch(pods, r.labels[podLabel])
		return !asked
	})
}

// unfit is an error that lies in what was asked and not in the server.
type unfit struct{ text string }

func (e unfit) Error() string { return e.text }

func isUnfit(err error) bool {
	_, is := errors.AsType[unfit](err)
	return is
}

// errLate is that the server did not answer in time.
var errLate = errors.New(unanswered(context.DeadlineExceeded, queryTimeout))
