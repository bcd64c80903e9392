package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// The history of a large fleet must fit into a small pod. So with a large fleet the bot collects
// garbage more often, which costs processor time (there is plenty between samples) and saves a
// third of the heap. It also returns the memory of each sampling round to the system; the runtime
// alone would take minutes for that. A small fleet does not need this, and acknowledges bursts
// sooner without it. GOGC overrides this setting.
const (
	largeFleet   = 100 // components
	gcPercent    = 30
	releaseEvery = time.Second
	releaseFrom  = 4 << 20 // bytes that lie idle
)

// saveMemory limits the memory of a process with a large fleet until stop is called.
func saveMemory(components int) (stop func()) {
	if components <= largeFleet || os.Getenv("GOGC") != "" {
		return func() {}
	}
	debug.SetGCPercent(gcPercent)
	done := make(chan struct{})
	var releasing sync.WaitGroup
	releasing.Go(func() {
		ticker := time.NewTicker(releaseEvery)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				if idle() >= releaseFrom {
					debug.FreeOSMemory()
				}
			}
		}
	})
	return func() {
		close(done)
		releasing.Wait()
	}
}

// idle is how many bytes the runtime holds and does not use at the moment.
func idle() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
