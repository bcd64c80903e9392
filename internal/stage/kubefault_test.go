package stage

import (
	"errors"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttesting "k8s.io/client-go/testing"
)

var deployments = schema.GroupResource{Group: "apps", Resource: "deployments"}

// TestTheClusterFails has the API server refuse and fail writes and reads in turn.
func TestTheClusterFails(t *testing.T) {
	quietly(t, Config{}, func(h *hall) {
		var writes, reads faultLine
		h.intercept("*", "deployments", func(action clienttesting.Action) (bool, runtime.Object, error) {
			line := &reads
			if action.GetVerb() != "get" {
				line = &writes
			}
			if action.GetVerb() != "get" && action.GetSubresource() != "scale" {
				return false, nil, nil
			}
			err := line.next()
			return err != nil, nil, err
		})
		h.intercept("list", "deployments", func(clienttesting.Action) (bool, runtime.Object, error) {
			err := reads.next()
			return err != nil, nil, err
		})
		for _, c := range []struct {
			name    string
			fault   error
			times   int
			outcome string
			text    string
			ready   string
		}{
			{"409", apierrors.NewConflict(deployments, "download-worker", errors.New("the object has been modified")), 2, "conflict", "download-worker 7", "7/7 ready"},
			{"500", apierrors.NewInternalError(errors.New("etcd is away")), 2, "unknown_outcome", "download-worker 9", "9/9 ready"},
		} {
			h.part(c.name, func() {
				series := `scalebot_effects_total{component="download-worker",outcome="`
				failed, written := max(0, h.counted(series+c.outcome+`"}`)), max(0, h.counted(series+`written"}`))
				card := h.ask(ana, c.text)
				writes.fail(c.fault, c.times)
				h.click(ben, card, "approve")
				h.see(carl, c.ready, at(card.ts), saying(c.ready, "watching what it does"))
				if got := h.counted(series + c.outcome + `"}`); got != failed+float64(c.times) {
					t.Errorf("counted %v %s, want %v more than %v", got, c.outcome, c.times, failed)
				}
				if got := h.counted(series + `written"}`); got != written+1 {
					t.Errorf("counted %v writes, want one more than %v", got, written)
				}
			})
		}
		h.part("403", func() { h.forbidden(&writes) })
		h.part("reads", func() { h.unreadable(&reads) })
	})
}

// forbidden: an error that cannot pass by itself ends the operation with the reason.
func (h *hall) forbidden(writes *faultLine) {
	desired, _ := h.replicas("download-worker")
	card := h.ask(ana, "download-worker 11")
	writes.fail(apierrors.NewForbidden(deployments, "download-worker", errors.New("no verb patch on deployments/scale")), 1)
	h.click(ben, card, "approve")
	end := h.see(carl, "the reason on the card", at(card.ts), saying("does not allow it"))
	h.wants("the card", end.all, "deployments/scale")
	if now, _ := h.replicas("download-worker"); now != desired {
		h.Errorf("got %d replicas, want still %d", now, desired)
	}
}

// unreadable: a workload that cannot be read is unknown, and no ground for a proposal.
func (h *hall) unreadable(reads *faultLine) {
	reads.fail(apierrors.NewServiceUnavailable("rolling"), 1_000_000)
	told := h.answer(ana, "download-worker 11")
	h.wants("the refusal", told.all, "not available")
	if n := len(only(h.messages(IncidentChannel, ana), inChannel, after(told.ts), offering("approve"))); n != 0 {
		h.Errorf("a change was proposed for a workload that cannot be read")
	}
	reads.fail(nil, 0)
	h.ask(ana, "download-worker 11")
}

// faultLine are the next answers of a call.
type faultLine struct {
	mu    sync.Mutex
	fault error
	left  int
}

func (f *faultLine) fail(err error, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.left = err, times
}

func (f *faultLine) next() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left == 0 {
		return nil
	}
	f.left--
	return f.fault
}
