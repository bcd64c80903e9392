package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// The history of a large fleet must fit into a small pod, so the bot then trades processor
// time, of which it has plenty between samples, for a third less heap, and gives back what
// the burst of a sampling round has needed: left alone, the runtime takes minutes for
// that. A small fleet has no such need, and acknowledges bursts sooner without. GOGC
// overrides this.
const (
	largeFleet   = 100 // components
	gcPercent    = 30
	releaseEvery = time.Second
	releaseFrom  = 4 << 20 // bytes that lie idle
)

// saveMemory makes the process of a large fleet small until it is told to stop.
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

// idle is how many bytes the runtime holds and has no use for at the moment.
func idle() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
