package lever

import (
	"fmt"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/review"
	"github.com/scalebot/scalebot/internal/scale"
)

// maxTroubles bounds the sentences on a card; the rest is only counted.
const maxTroubles = 6

// troubles are sentences about problems of the rollout, shown at once: pods that do not start,
// with the event that explains it, late pods, and a rebalance that takes too long
//
func (s *settling) troubles() []string {
	var out []string
	if w, known := s.now.Workload.Get(); known {
		out = append(out, s.podTroubles(w)...)
		out = scale.AppendUnlessEmpty(out, judge.StuckSentence(w, s.now.Room))
	} else {
		out = append(out, "the deployment cannot be read: "+s.now.Workload.Why())
	}
	return append(out, s.groupTroubles()...)
}

func (s *settling) podTroubles(w scale.Workload) []string {
	var out []string
	more := 0
	for _, p := range w.Counted() {
		text := s.podTrouble(p)
		switch {
		case text == "":
		case len(out) < maxTroubles:
			out = append(out, text)
		default:
			more++
		}
	}
	if more > 0 {
		out = append(out, scale.Several(more, "more pod")+" with trouble")
	}
	return out
}

// podTrouble explains one pod that is not ready; empty while it is within the time a
// start is expected to take.
func (s *settling) podTrouble(p scale.Pod) string {
	if p.Ready {
		return ""
	}
	late := s.now.At.Sub(s.startOf(p)) > s.p.Rollout.PodsLate && s.p.Rollout.PodsLate > 0
	switch {
	case p.Trouble != "" && p.Cause != scale.CauseStarting:
		return p.Name + ": " + scale.ClauseOf(p.Trouble)
	case late && p.Phase == "Running":
		return fmt.Sprintf("%s runs but is not ready after %s (R-035)", p.Name, scale.Span(s.p.Rollout.PodsLate))
	case late:
		return strings.TrimSuffix(fmt.Sprintf("%s is not running after %s (R-035): %s", p.Name, scale.Span(s.p.Rollout.PodsLate), p.Reason()), ": ")
	}
	return ""
}

// failed says why the change will not settle: somebody else changed the count, the deployment was
// recreated, or the deadline passed.
func (s *settling) failed() string {
	if w, known := s.now.Workload.Get(); known {
		before, had := s.op.Before.Workload.Get()
		if had && before.UID != "" && w.UID != "" && w.UID != before.UID {
			return "the deployment was deleted and made anew while the change took effect"
		}
		if s.reverted(w) {
			return fmt.Sprintf("the count was set to %d by %s", w.Desired, s.r.RevertedBy)
		}
	}
	if limits := s.p.Rollout; limits.Deadline > 0 && !s.now.At.Before(s.op.Deadline(limits)) && !s.complete() {
		return "not settled after " + scale.Span(limits.Deadline) + ": " + s.missing()
	}
	return ""
}

func (s *settling) complete() bool { return !s.r.ReadyAt.IsZero() && !s.r.StableAt.IsZero() }

// reverted records that the count differs from the one that was written, and who wrote it (T-01).
// A reading from before the write proves nothing.
func (s *settling) reverted(w scale.Workload) bool {
	if w.Desired == s.do.To || !s.now.Workload.At.After(s.r.WrittenAt) {
		return false
	}
	if s.r.RevertedAt.IsZero() {
		s.r.RevertedAt = s.now.At
	}
	s.r.RevertedTo = w.Desired
	s.r.RevertedBy = review.Reverter(s.now)
	return true
}

// missing says what was still missing at the deadline.
func (s *settling) missing() string {
	w, known := s.now.Workload.Get()
	if !known {
		return "the deployment cannot be read: " + s.now.Workload.Why()
	}
	text := fmt.Sprintf("%d of %s ready", w.ReadyPods(), scale.Several(s.do.To, "pod"))
	if c, ok := s.consumers.Get(); ok {
		text += fmt.Sprintf(", group %s with %s", c.State, s.whoConsumes(c))
	} else {
		text += ", the group is unknown: " + s.now.Group.Why()
	}
	if len(s.r.Troubles) > 0 {
		text += "; " + s.r.Troubles[0]
	}
	return text
}

// startOf is when the time of a pod's start begins: at its creation, but not before the write.
func (s *settling) startOf(p scale.Pod) time.Time {
	if p.CreatedAt.Before(s.r.WrittenAt) {
		return s.r.WrittenAt
	}
	return p.CreatedAt
}
