package measure

import (
	"fmt"
	"slices"

	"github.com/scalebot/scalebot/internal/scale"
)

// MaxCount keeps relative targets from overflowing; real limits are far below.
const MaxCount = 1_000_000

// Sharing is how partitions are distributed over pods: a partition has one consumer, and a pod
// may run several consumers. People change the count of pods, but its consumers decide what the
// count is worth.
type Sharing struct {
	// Partitions is 0 when their number is not known.
	Partitions int
	// Tasks is how many tasks Kafka Streams distributes instead of partitions; 0 for every other
	// group, and where it is not known ([scale.Group.Tasks]).
	Tasks int
	// perPod is how many consumers one pod runs, at least 1 ([PerPod]).
	perPod int
	// Open says that several consumers read the same partition, as in a share group: each further
	// consumer is useful, and partitions are no bound.
	Open bool
}

// maxConsidered bounds the partition counts that are compared one by one; Kafka
// clusters stay far below it.
const maxConsidered = 100_000

// Efficient lists the useful worker counts for the given partitions with one consumer per worker,
// in ascending order: those that give the busiest worker fewer partitions than any smaller count
// does (decision B.7). For 24 they are 1 2 3 4 5 6 8 12 24.
func Efficient(partitions int) []int { return Sharing{Partitions: partitions, perPod: 1}.Counts() }

// Counts are the useful pod counts, ascending. With three consumers in each pod, 24 partitions
// have 1 2 3 4 8.
func (s Sharing) Counts() []int {
	if s.Open {
		return everyCount()
	}
	if s.Dealt() <= 0 || s.Dealt() > maxConsidered {
		return nil
	}
	var counts []int
	for each := 1; each <= s.Dealt(); each++ {
		counts = append(counts, s.pods(scale.CeilDiv(s.Dealt(), each)))
	}
	slices.Sort(counts)
	return slices.Compact(counts)
}

// openCounts is how many counts are compared where every count is useful.
const openCounts = 1_000

func everyCount() []int {
	counts := make([]int, openCounts)
	for i := range counts {
		counts[i] = i + 1
	}
	return counts
}

// Dealt is how many units of work are distributed: partitions, or the tasks of Kafka Streams.
func (s Sharing) Dealt() int {
	if s.Tasks > 0 && s.Partitions > 0 {
		return s.Tasks
	}
	return s.Partitions
}

// Part is the word for one unit: "partition" or "task".
func (s Sharing) Part() string {
	if s.Tasks > 0 {
		return "task"
	}
	return "partition"
}

// Parts counts them: "24 partitions", "12 tasks".
func (s Sharing) Parts(n int) string { return scale.Several(n, s.Part()) }

// Unsettled reports whether the value of a count depends on a number of partitions that is not
// known.
func (s Sharing) Unsettled() bool { return s.Partitions <= 0 && !s.Open }

// ConsumersEach is how many consumers one pod runs, and 1 where that is not known.
func (s Sharing) ConsumersEach() int { return max(1, s.perPod) }

// Consumers is how many consumers that many pods run.
func (s Sharing) Consumers(pods int) int { return pods * s.ConsumersEach() }

// pods is how many pods it takes to run that many consumers.
func (s Sharing) pods(consumers int) int { return scale.CeilDiv(consumers, s.ConsumersEach()) }

// Ceiling is the highest useful count of pods: beyond it whole pods have no partition (R-018 to
//
func (s Sharing) Ceiling() int {
	if s.Open {
		return MaxCount
	}
	return s.pods(s.Dealt())
}

// Busiest is how many partitions the busiest consumer owns in an even distribution,
// ceil(P/(N·k)). It is zero when there is no worker or no partition.
func (s Sharing) Busiest(pods int) int {
	if pods <= 0 || s.Dealt() <= 0 || s.Open {
		return 0
	}
	return scale.CeilDiv(s.Dealt(), s.Consumers(pods))
}

// Lighter reports whether the busiest consumer has less to do with that many pods than with
// so many others.
func (s Sharing) Lighter(pods, than int) bool {
	if s.Open {
		return pods > than
	}
	return s.Busiest(pods) < s.Busiest(than)
}

// OnBusiest ends a clause with how much the busiest consumer owns; empty where it owns nothing.
func (s Sharing) OnBusiest(pods int) string {
	if s.Open {
		return ""
	}
	return fmt.Sprintf(", %s on the busiest %s", s.Parts(s.Busiest(pods)), s.OwnerWord())
}

// idle is how many of the consumers own nothing.
func (s Sharing) idle(pods int) int {
	if s.Open {
		return 0
	}
	return max(0, s.Consumers(pods)-s.Dealt())
}

// Efficient reports whether the busiest consumer would own more with one pod less.
func (s Sharing) Efficient(pods int) bool {
	return pods == 1 || s.Lighter(pods, pods-1)
}

// Effective is how many fully loaded pods the count amounts to, because the busiest consumer
// determines the speed of all. 9 workers on 24 partitions are worth 8.
func (s Sharing) Effective(pods int) float64 {
	if s.Open {
		return float64(max(0, pods))
	}
	most := s.Busiest(pods)
	if most == 0 {
		return 0
	}
	return float64(s.Dealt()) / float64(most*s.ConsumersEach())
}

// Working is how many pods the consumers that own a partition would fill.
func (s Sharing) Working(pods int) float64 {
	if s.Open {
		return float64(pods)
	}
	return float64(min(s.Consumers(pods), s.Dealt())) / float64(s.ConsumersEach())
}

// OwnerWord is the word for what owns partitions: a worker, or one of its consumers.
func (s Sharing) OwnerWord() string {
	if s.ConsumersEach() > 1 {
		return "consumer"
	}
	return "worker"
}

// Named prints a count for people: "9 workers", "8 workers with 3 consumers each".
func (s Sharing) Named(pods int) string {
	if s.ConsumersEach() > 1 {
		return fmt.Sprintf("%s with %d consumers each", scale.Several(pods, "worker"), s.ConsumersEach())
	}
	return scale.Several(pods, "worker")
}

// IdleAmong says how many own nothing: "1 of 25 workers", "48 of 72 consumers".
func (s Sharing) IdleAmong(pods int) string {
	return scale.Of(s.idle(pods), s.Consumers(pods), s.OwnerWord())
}

// IdleText counts the idle ones, with their noun where it is not a worker: "1", "48 of 72
// consumers".
func (s Sharing) IdleText(pods int) string {
	if s.ConsumersEach() > 1 {
		return s.IdleAmong(pods)
	}
	return fmt.Sprint(s.idle(pods))
}

// Bound is what bounds the count: "one worker per partition", "one worker per task", "3 consumers per pod and one
// partition for each".
func (s Sharing) Bound() string {
	if s.ConsumersEach() > 1 {
		return fmt.Sprintf("%d consumers per pod and one for each of %s", s.ConsumersEach(), s.Parts(s.Dealt()))
	}
	return "one worker per " + s.Part()
}

// Beyond says what to do when more workers are of no use.
func (s Sharing) Beyond() string {
	if s.Open {
		return "Tuning comes next (R-070)."
	}
	return "More partitions or tuning come next (R-089, R-070)."
}

// CeilingText is the useful ceiling with its reason: "24 partitions", "8 pods that 24
// partitions keep busy at 3 consumers each".
func (s Sharing) CeilingText() string {
	if s.ConsumersEach() > 1 {
		return fmt.Sprintf("%s that %s %s busy at %d consumers each",
			scale.Several(s.Ceiling(), "pod"), s.Parts(s.Dealt()), scale.Verb(s.Dealt(), "keeps", "keep"), s.ConsumersEach())
	}
	return s.Parts(s.Dealt())
}
