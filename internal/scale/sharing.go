package scale

import (
	"fmt"
	"slices"
)

// sharing is how partitions are dealt out to pods: a partition has one consumer, and a pod
// may run several of them. Counts of pods are what people change; what a count is worth is
// decided by the consumers in it.
type sharing struct {
	// partitions is 0 when their number is not known.
	partitions int
	// tasks is how many tasks Kafka Streams deals out instead of partitions; 0 for every
	// other group, and where it is not known ([Group.Tasks]).
	tasks int
	// perPod is how many consumers one pod runs, at least 1 ([PerPod]).
	perPod int
	// open says that consumers take records of the same partitions, as a share group's do:
	// each more is one more at work, and partitions bound nothing.
	open bool
}

// maxConsidered bounds the partition counts that are compared one by one; Kafka
// clusters stay far below it.
const maxConsidered = 100_000

// Efficient lists the worker counts worth having for the given partitions where each runs
// one consumer, in ascending order: those that give the busiest worker fewer partitions
// than any smaller count does (decision B.7). For 24 they are 1 2 3 4 5 6 8 12 24.
func Efficient(partitions int) []int { return sharing{partitions: partitions, perPod: 1}.counts() }

// counts are the pod counts worth having, ascending: with three consumers in each pod, 24
// partitions make them 1 2 3 4 8.
func (s sharing) counts() []int {
	if s.open {
		return everyCount()
	}
	if s.dealt() <= 0 || s.dealt() > maxConsidered {
		return nil
	}
	var counts []int
	for each := 1; each <= s.dealt(); each++ {
		counts = append(counts, s.pods(ceilDiv(s.dealt(), each)))
	}
	slices.Sort(counts)
	return slices.Compact(counts)
}

// openCounts is how many counts are compared where each is worth having.
const openCounts = 1_000

func everyCount() []int {
	counts := make([]int, openCounts)
	for i := range counts {
		counts[i] = i + 1
	}
	return counts
}

// dealt is how many parts of the work are dealt out: partitions, or the tasks of Kafka Streams.
func (s sharing) dealt() int {
	if s.tasks > 0 && s.partitions > 0 {
		return s.tasks
	}
	return s.partitions
}

// part is the word for one of them.
func (s sharing) part() string {
	if s.tasks > 0 {
		return "task"
	}
	return "partition"
}

// parts counts them: "24 partitions", "12 tasks".
func (s sharing) parts(n int) string { return several(n, s.part()) }

// unsettled reports whether how many partitions there are would decide what a count is
// worth, and is not known.
func (s sharing) unsettled() bool { return s.partitions <= 0 && !s.open }

// consumersEach is perPod, and 1 where nobody has said.
func (s sharing) consumersEach() int { return max(1, s.perPod) }

// consumers is how many consumers that many pods run.
func (s sharing) consumers(pods int) int { return pods * s.consumersEach() }

// pods is how many pods it takes to run that many consumers.
func (s sharing) pods(consumers int) int { return ceilDiv(consumers, s.consumersEach()) }

// ceiling is the highest count of pods that is of any use: beyond it whole pods are
// without a partition.
func (s sharing) ceiling() int {
	if s.open {
		return maxCount
	}
	return s.pods(s.dealt())
}

// busiest is how many partitions the busiest consumer owns when they are shared out
// evenly, ceil(P/(N·k)). It is zero when there is no worker, and where none owns any.
func (s sharing) busiest(pods int) int {
	if pods <= 0 || s.dealt() <= 0 || s.open {
		return 0
	}
	return ceilDiv(s.dealt(), s.consumers(pods))
}

// lighter reports whether the busiest consumer has less to do with that many pods than with
// so many others.
func (s sharing) lighter(pods, than int) bool {
	if s.open {
		return pods > than
	}
	return s.busiest(pods) < s.busiest(than)
}

// onBusiest ends a clause with what the busiest consumer gets; empty where it owns nothing.
func (s sharing) onBusiest(pods int) string {
	if s.open {
		return ""
	}
	return fmt.Sprintf(", %s on the busiest %s", s.parts(s.busiest(pods)), s.one())
}

// idle is how many of the consumers own nothing.
func (s sharing) idle(pods int) int {
	if s.open {
		return 0
	}
	return max(0, s.consumers(pods)-s.dealt())
}

// efficient reports whether one pod less would load the busiest consumer more.
func (s sharing) efficient(pods int) bool {
	return pods == 1 || s.lighter(pods, pods-1)
}

// effective is how many fully used pods the count amounts to: the whole is as fast as its
// busiest consumer lets it be. 9 workers on 24 partitions are worth 8.
func (s sharing) effective(pods int) float64 {
	if s.open {
		return float64(max(0, pods))
	}
	most := s.busiest(pods)
	if most == 0 {
		return 0
	}
	return float64(s.dealt()) / float64(most*s.consumersEach())
}

// working is how many pods' worth of consumers have a partition to read.
func (s sharing) working(pods int) float64 {
	if s.open {
		return float64(pods)
	}
	return float64(min(s.consumers(pods), s.dealt())) / float64(s.consumersEach())
}

// one is the word for what owns partitions: a worker, or one of its consumers.
func (s sharing) one() string {
	if s.consumersEach() > 1 {
		return "consumer"
	}
	return "worker"
}

// named prints a count for people: "9 workers", "8 workers with 3 consumers each".
func (s sharing) named(pods int) string {
	if s.consumersEach() > 1 {
		return fmt.Sprintf("%s with %d consumers each", several(pods, "worker"), s.consumersEach())
	}
	return several(pods, "worker")
}

// idleAmong says how many own nothing: "1 of 25 workers", "48 of 72 consumers".
func (s sharing) idleAmong(pods int) string { return of(s.idle(pods), s.consumers(pods), s.one()) }

// idleText counts those who own nothing, with their noun where it is not plain: "1", "48 of
// 72 consumers".
func (s sharing) idleText(pods int) string {
	if s.consumersEach() > 1 {
		return s.idleAmong(pods)
	}
	return fmt.Sprint(s.idle(pods))
}

// bound is what bounds the count: "one worker per partition", "one worker per task", "3 consumers per pod and one
// partition for each".
func (s sharing) bound() string {
	if s.consumersEach() > 1 {
		return fmt.Sprintf("%d consumers per pod and one for each of %s", s.consumersEach(), s.parts(s.dealt()))
	}
	return "one worker per " + s.part()
}

// beyond says what comes next where more workers are not to be had.
func (s sharing) beyond() string {
	if s.open {
		return "Tuning comes next (R-070)."
	}
	return "More partitions or tuning come next (R-089, R-070)."
}

// ceilDiv is a/b rounded up, for a positive b; zero where a is not positive.
func ceilDiv[N int | int64](a, b N) N {
	if a <= 0 {
		return 0
	}
	return (a + b - 1) / b
}

// keepBusy is the useful ceiling with its reason: "24 partitions", "8 pods that 24
// partitions keep busy at 3 consumers each".
func (s sharing) keepBusy() string {
	if s.consumersEach() > 1 {
		return fmt.Sprintf("%s that %s %s busy at %d consumers each",
			several(s.ceiling(), "pod"), s.parts(s.dealt()), verb(s.dealt(), "keeps", "keep"), s.consumersEach())
	}
	return s.parts(s.dealt())
}
