package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// fault is an answer of the cluster.
func fault(kind scale.FaultKind) error {
	return &scale.Fault{Kind: kind, Doing: "scaling", Detail: "patch deployments/scale: " + string(kind)}
}

// Requirement 12: each error of the cluster has its own outcome, and none causes a second write.
func TestWriteFails(t *testing.T) {
	firstOnly := func(kind scale.FaultKind) func(*world) {
		return func(w *world) {
			times := 0
			w.onWrite = func() error {
				if times++; times > 2 {
					return nil
				}
				return fault(kind)
			}
		}
	}
	always := func(kind scale.FaultKind) func(*world) {
		return func(w *world) { w.onWrite = func() error { return fault(kind) } }
	}
	lost := func(w *world) { w.afterWrite = func() error { return fault(scale.FaultUnknownOutcome) } }
	tests := map[string]struct {
		world  func(*world)
		state  ledger.State
		code   string
		writes int
	}{
		"conflict without a change of the count": {firstOnly(scale.FaultConflict), ledger.Watching, "", 1},
		"throttled for a while":                  {firstOnly(scale.FaultThrottled), ledger.Watching, "", 1},
		"unreachable for ever":                   {always(scale.FaultUnreachable), ledger.Failed, "not_written", 0},
		"forbidden":                              {always(scale.FaultForbidden), ledger.Failed, "forbidden", 0},
		"unknown outcome, written":               {lost, ledger.Watching, "", 1},
		"unknown outcome, not written":           {firstOnly(scale.FaultUnknownOutcome), ledger.Watching, "", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			play(t, 6, nil, func(t *testing.T, s *stage) {
				s.world.edit(test.world)
				op := s.approve(s.propose(9), ana)
				s.wait(150 * time.Second)
				op = s.wantState(op.ID, test.state)
				if op.Last().Code != test.code {
					t.Errorf("code: got %q (%s), want %q", op.Last().Code, op.Last().Note, test.code)
				}
				s.wantWrites(test.writes)
			})
		})
	}
}

// Somebody else changes the count between the approval and the write: nothing is written, and the
// card says who changed it.
func TestChangedMeanwhile(t *testing.T) {
	for name, to := range map[string]int{"to another count": 7, "to the same count": 9} {
		t.Run(name, func(t *testing.T) {
			play(t, 6, nil, func(t *testing.T, s *stage) {
				s.world.edit(func(w *world) {
					w.onWrite = func() error {
						w.onWrite = nil
						w.put(to, "helm")
						return nil
					}
				})
				op := s.approve(s.propose(9), ana)
				s.wait(time.Minute)
				op = s.wantState(op.ID, ledger.Failed)
				if op.Last().Code != "changed_meanwhile" || !contains(op.Last().Note, "helm") {
					t.Errorf("got %s: %s; want the name of who changed it", op.Last().Code, op.Last().Note)
				}
				s.wantWrites(0)
			})
		})
	}
}

// A write whose answer was lost is never made twice. If the write was made and then reverted, the
// count is the old one again, and only the generation shows it. The card names who reverted it
// only if that is recorded. A status that changed meanwhile is not a change of the count.
func TestALostAnswerIsNeverWrittenTwice(t *testing.T) {
	for name, test := range map[string]struct {
		after  func(*world)
		writes int
		state  ledger.State
		note   string
	}{
		"set back by an autoscaler":        {func(w *world) { w.put(6, "kube-controller-manager") }, 1, ledger.Failed, "set by kube-controller-manager"},
		"set back under the same name":     {func(w *world) { w.put(6, w.by) }, 1, ledger.Failed, "the deployment was changed since, and the count is 6"},
		"set back, nobody recorded":        {func(w *world) { w.put(6, "") }, 1, ledger.Failed, "the deployment was changed since, and the count is 6"},
		"set back twice over":              {func(w *world) { w.put(0, "kubectl"); w.put(6, "") }, 1, ledger.Failed, "not known whether the count was set to 9 first"},
		"the status changed, and it stood": {func(w *world) { w.version++ }, 1, ledger.Watching, ""},
		"nobody recorded, and it stood":    {func(w *world) { w.by = "" }, 1, ledger.Watching, ""},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 6, nil, func(t *testing.T, s *stage) {
				s.world.edit(func(w *world) {
					w.afterWrite = func() error { test.after(w); return fault(scale.FaultUnknownOutcome) }
				})
				op := s.approve(s.propose(9), ana)
				s.wait(4 * time.Minute)
				op = s.wantState(op.ID, test.state)
				if !contains(op.Last().Note, test.note) || contains(op.Last().Note, "set by scalebot") {
					t.Errorf("got %q, want %q", op.Last().Note, test.note)
				}
				s.wantWrites(test.writes)
			})
		})
	}
}

// A write that did not reach the server is made again, once, whatever the status did meanwhile.
// An intent of an older version, which stored no generation, is not written again.
func TestALostRequestIsWrittenAgain(t *testing.T) {
	for name, generation := range map[string]int64{"known": 1, "unknown": 0} {
		t.Run(name, func(t *testing.T) {
			play(t, 6, nil, func(t *testing.T, s *stage) {
				s.world.edit(func(w *world) {
					w.generation = generation
					w.onWrite = func() error {
						w.onWrite = nil
						w.version++
						return fault(scale.FaultUnknownOutcome)
					}
				})
				op := s.approve(s.propose(9), ana)
				s.wait(2 * time.Minute)
				if generation == 0 {
					op = s.wantState(op.ID, ledger.Failed)
					if !contains(op.Last().Note, "cannot be told") {
						t.Errorf("got %q, want that it cannot be told", op.Last().Note)
					}
					s.wantWrites(0)
					return
				}
				s.wantState(op.ID, ledger.Watching)
				s.wantWrites(1)
			})
		})
	}
}

// A count that somebody else set just before the bot's write is not the bot's, whoever is
// recorded as its writer.
func TestAConflictIsSomebodyElses(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) {
			w.onWrite = func() error { w.onWrite = nil; w.put(9, ""); return nil }
		})
		op := s.approve(s.propose(9), ana)
		s.wait(time.Minute)
		if op = s.wantState(op.ID, ledger.Failed); !contains(op.Last().Note, "somebody else set it to 9") {
			t.Errorf("got %q, want somebody else", op.Last().Note)
		}
		s.wantWrites(0)
	})
}

// A write whose answer was lost counts from when it was sent. So its pods do not count as older
// pods, although the cluster records no time.
func TestALostAnswerCountsFromItsSending(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		var sent time.Time
		s.world.edit(func(w *world) {
			w.afterWrite = func() error {
				sent = time.Now()
				time.Sleep(10 * time.Second)
				return fault(scale.FaultUnknownOutcome)
			}
		})
		op := s.approve(s.propose(9), ana)
		s.wait(2 * time.Minute)
		op = s.wantState(op.ID, ledger.Watching)
		if got := op.Rollout().WrittenAt; !got.Equal(sent) {
			t.Errorf("written at %s, want %s", got, sent)
		}
		if first := op.Rollout().FirstReadyAt.Sub(sent); first < 30*time.Second || first > 31*time.Second {
			t.Errorf("first pod ready after %s, want 30 s", first)
		}
	})
}

// If the component changes between approval and write, people are asked again.
func TestDriftBeforeWrite(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.stop()
		op := s.approve(s.propose(9), ana)
		s.world.set(5, "kubectl")
		s.start()
		s.wait(time.Minute)
		s.wantState(op.ID, ledger.Replaced)
		if fresh := s.newest(); fresh.State() != ledger.Proposed || counts(fresh).From != 5 {
			t.Errorf("got %s from %d, want a new proposal from 5", fresh.State(), counts(fresh).From)
		}
		s.wantWrites(0)
	})
}

// An approval expires if nothing is done for too long.
func TestApprovalLapses(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.stop()
		op := s.approve(s.propose(9), ana)
		s.wait(11 * time.Minute)
		s.start()
		s.wait(time.Minute)
		s.wantState(op.ID, ledger.Expired)
		s.wantWrites(0)
	})
}

// If Slack fails for a while, it shows the newest state in the end, once. If Slack refuses for
// good, the change goes on.
func TestSlackFails(t *testing.T) {
	for _, kind := range []scale.FaultKind{scale.FaultUnreachable, scale.FaultRejected} {
		t.Run(string(kind), func(t *testing.T) {
			play(t, 6, nil, func(t *testing.T, s *stage) {
				op := s.approve(s.propose(9), ana)
				s.room.read(func(r *room) { r.fail = func(string) error { return fault(kind) } })
				s.wait(10 * time.Minute)
				if state := s.op(op.ID).State(); state != ledger.Watching {
					t.Errorf("while Slack fails: got %s, want watching", state)
				}
				s.room.read(func(r *room) { r.fail = nil })
				s.wait(time.Hour)
				op = s.wantState(op.ID, ledger.Done)
				want := map[scale.FaultKind]int{scale.FaultUnreachable: 1, scale.FaultRejected: 0}[kind]
				if n := s.room.posted(op.ID + " report 5 min"); n != want {
					t.Errorf("posts of the first report: got %d, want %d", n, want)
				}
			})
		})
	}
}

// A final state whose card could not be edited is shown later all the same.
func TestEndIsShownLater(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.propose(9)
		s.room.read(func(r *room) { r.fail = func(string) error { return fault(scale.FaultUnreachable) } })
		if _, err := s.desk().Decline(t.Context(), click(op, ana)); err != nil {
			t.Fatal(err)
		}
		s.wait(time.Minute)
		s.room.read(func(r *room) { r.fail = nil })
		s.wait(90 * time.Second)
		s.wantState(op.ID, ledger.Declined)
	})
}

// A process that dies between intent and write and returns an hour later does not act on the old
// approval, although the count is still as it was.
func TestOldIntentIsNotWritten(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) { w.onWrite = func() error { return fault(scale.FaultUnreachable) } })
		op := s.approve(s.propose(9), ana)
		s.wait(5 * time.Second)
		s.wantState(op.ID, ledger.Applying)
		s.stop()
		time.Sleep(time.Hour)
		s.world.edit(func(w *world) { w.onWrite = nil })
		s.start()
		s.wait(time.Minute)
		if got := s.op(op.ID).State(); got != ledger.Failed && got != ledger.Replaced {
			t.Errorf("state: got %s, want failed or replaced", got)
		}
		s.wantWrites(0)
	})
}

// The answer to a write is lost and the cluster cannot be read afterwards. The operation ends and
// says that the outcome is unknown; it never says that nothing was written.
func TestLostAnswerOfAnUnreadableCluster(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) {
			w.afterWrite = func() error { w.clusterDown = true; return fault(scale.FaultUnknownOutcome) }
		})
		op := s.approve(s.propose(9), ana)
		s.wait(5 * time.Minute)
		op = s.wantState(op.ID, ledger.Failed)
		if op.Last().Code != string(scale.FaultUnknownOutcome) || !contains(op.Last().Note, "not known whether") {
			t.Errorf("end: got %q (%s), want an unknown outcome", op.Last().Code, op.Last().Note)
		}
	})
}
