package diagnose

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/scalebot/scalebot/internal/scale"
)

// The further tuning variables of the runbook.
const (
	envBatch        = "BATCH_SIZE"
	envBatchTimeout = "BATCH_TIMEOUT_SECONDS"
	envPollRecords  = "KAFKA_MAX_POLL_RECORDS"
	envFetchMinimum = "KAFKA_FETCH_MIN_BYTES"
	envFetchWait    = "KAFKA_FETCH_MAX_WAIT_MS"
)

// The runbook's table of concurrency by pod size: a pod with 512Mi and 500m runs 5
// transfers at once, one of twice that size 10, one of four times that size 20.
const (
	perTransferMemory = 512 << 20 / 5
	perTransferCPU    = 500 / 5
	leastTransfers    = 5
	mostTransfers     = 20
)

// Concurrency is how many transfers at once the runbook's table gives a pod of this size,
// interpolated between its rows. It is zero when the size is not set.
func Concurrency(size scale.Resources) int {
	var fits []int
	if size.Memory > 0 {
		fits = append(fits, int(size.Memory/perTransferMemory))
	}
	if size.CPU > 0 {
		fits = append(fits, int(size.CPU/perTransferCPU))
	}
	if len(fits) == 0 {
		return 0
	}
	return min(max(slices.Min(fits), leastTransfers), mostTransfers)
}

// tuningAdvice says where the live settings differ from the runbook's reference, for workers that
// fall behind. It skips settings that the workers do not set.
func (v view) tuningAdvice() []string {
	w, known := v.Now.Workload.Get()
	if !known || !v.LagKnown || float64(v.Lag.Total) <= v.Policy.After.LagLow || v.SlowDownstream() != "" || v.SlowerWorkers() != "" || len(v.Stalled) > 0 {
		return nil
	}
	var out []string
	if now, set := scale.Number(w.Env, scale.EnvConcurrency); set {
		out = scale.AppendUnlessEmpty(out, v.concurrencyAdvice(w, now))
	}
	if now, set := scale.Number(w.Env, envBatch); set && (now < 100 || now > 500) {
		out = append(out, fmt.Sprintf("%s is %d; the runbook recommends 100–500, larger for throughput and smaller for latency (R-077, R-079)", envBatch, now))
	}
	if now, set := scale.Number(w.Env, envBatchTimeout); set && now < 10 {
		out = append(out, fmt.Sprintf("%s is %d; the runbook's example is 10: batches fill up before they are written, at more latency (R-078, R-079)", envBatchTimeout, now))
	}
	if now, set := scale.Number(w.Env, envPollRecords); set && now < 100 {
		out = append(out, fmt.Sprintf("%s is %d, a latency setting; for throughput the runbook names 100–500 (R-081)", envPollRecords, now))
	}
	if now, set := scale.Number(w.Env, envFetchMinimum); set && now < 1024 {
		out = append(out, fmt.Sprintf("%s is %d, a latency setting; for throughput the runbook names 1 KB–100 KB (R-081)", envFetchMinimum, now))
	}
	if now, set := scale.Number(w.Env, envFetchWait); set && now < 100 {
		out = append(out, fmt.Sprintf("%s is %d, a latency setting; for throughput the runbook names 100–500 (R-081)", envFetchWait, now))
	}
	return out
}

// concurrencyAdvice compares the live concurrency with the table for the pod's size.
func (v view) concurrencyAdvice(w scale.Workload, now int) string {
	size := w.WorkerBounds().Limits
	if size == (scale.Resources{}) {
		size = w.WorkerBounds().Requests
	}
	table := Concurrency(size)
	switch {
	case table == 0:
		return ""
	case now > table:
		return fmt.Sprintf("%s is %d; the runbook's table has %d for pods of this size, more risks memory kills (R-075, R-076)", scale.EnvConcurrency, now, table)
	case now < table && v.noRoomInside() != "":
		return ""
	case now < table:
		return fmt.Sprintf("%s is %d; the runbook's table has %d for pods of this size: raising it adds throughput, watch memory (R-075, R-076)", scale.EnvConcurrency, now, table)
	}
	return fmt.Sprintf("%s is %d, as the runbook's table has it; more needs bigger pods (R-075, R-070)", scale.EnvConcurrency, now)
}

// noRoomInside says why the pods should not process more at once: they are near their bounds, or
// it is not known how near. It is empty when both CPU and memory have room.
func (v view) noRoomInside() string {
	usage, known := v.Now.Usage.Get()
	if !known {
		return v.Now.Usage.Why()
	}
	cpu, _ := usage.CPU()
	memory, _ := usage.Memory()
	switch {
	case cpu < 0 || memory < 0 || scale.IsMissing(cpu) || scale.IsMissing(memory):
		return "the pods' use is without a bound"
	case usage.Pods < usage.Of:
		return fmt.Sprintf("only %d of %s answered", usage.Pods, scale.Several(usage.Of, "pod"))
	case max(cpu, usage.CPUPeak) > v.Policy.Up.CPU.Value:
		return "CPU has no room"
	case max(memory, usage.MemoryPeak) > v.Policy.Up.Memory.Value:
		return "memory has no room"
	}
	return ""
}

// memoryAdvice is what the runbook says about pods that run out of memory (R-070 to
// R-073, T-16).
func (v view) memoryAdvice() []string {
	out := []string{"raise the memory limit per pod (R-072, R-070); the runbook's example is 1Gi (R-071)"}
	w, _ := v.Now.Workload.Get()
	if now, set := scale.Number(w.Env, scale.EnvConcurrency); set && w.WorkerBounds().Limits.Memory > 0 {
		if table := Concurrency(w.WorkerBounds().Limits); now > table {
			out = append(out, fmt.Sprintf("or lower %s from %d to %d, which the limit carries (R-075, R-076)", scale.EnvConcurrency, now, table))
		}
	}
	return append(out, "bigger pods mean fewer of them per node; nodes may have to be added (R-073)")
}

// setting compares a live setting with the runbook's value: following the runbook may raise it,
// lower it or change nothing (T-17). fallback is the Java client's default, for workers that do
// not set it (Kafka 3.0 and later; KIP-735 for the session time-out).
func (v view) setting(name string, runbook, fallback int) string {
	w, known := v.Now.Workload.Get()
	if !known {
		return fmt.Sprintf("the runbook names %s %d; what the workers set is unknown", name, runbook)
	}
	raw, present := w.Env[name]
	now, set := scale.Number(w.Env, name)
	switch {
	case present && !set:
		return fmt.Sprintf("%s is %q, which is not a number; the runbook names %d", name, raw, runbook)
	case !present:
		return fmt.Sprintf("%s is not set; the runbook names %d, which %s", name, runbook, compare(runbook, fallback, "the Java client's default of "+strconv.Itoa(fallback)))
	}
	return fmt.Sprintf("%s is %d; the runbook names %d, which %s", name, now, runbook, compare(runbook, now, "it"))
}

// asItShould ends a sentence about a setting that is what the runbook names.
const asItShould = ": nothing to change there"

func compare(runbook, now int, what string) string {
	switch {
	case runbook > now:
		return "raises " + what
	case runbook < now:
		return "lowers " + what
	}
	return "matches " + what + asItShould
}
