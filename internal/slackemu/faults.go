package slackemu

import (
	"maps"
	"sync"
)

// callFault is what goes wrong with calls of one method.
type callFault struct {
	Method     string  `json:"method"`                // such as "chat.postMessage", or "*" for all.
	Status     int     `json:"status,omitempty"`      // answer with this HTTP status; 429 adds Retry-After.
	RetryAfter int     `json:"retry_after,omitempty"` // seconds.
	Error      string  `json:"error,omitempty"`       // answer 200 with this Slack error code.
	Hang       float64 `json:"hang,omitempty"`        // wait this many seconds first; alone, the call then succeeds.
	Cut        string  `json:"cut,omitempty"`         // break the connection "before" or "after" the call takes effect.
	Count      int     `json:"count,omitempty"`       // how many calls; 0 is one, negative is until cleared.
}

const maxFaults = 100

// faults are the knobs that are set at present.
type faults struct {
	mu            sync.Mutex
	calls         []*callFault
	refuse        bool            // new sockets.
	quiet         bool            // no pings.
	force         bool            // let deactivated people act.
	doubles       int             // how many of the next events to send twice.
	factor        float64         // how much faster event retries come.
	refusedBlocks map[string]bool // block types that this workspace does not have yet.
	noGroups      bool            // user groups are not in this workspace's plan.
	hello         object          // members that every hello has instead of its own.
}

func newFaults() *faults { return &faults{factor: 1, refusedBlocks: map[string]bool{}} }

func (f *faults) add(fault callFault) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.calls) >= maxFaults {
		return false
	}
	if fault.Count == 0 {
		fault.Count = 1
	}
	f.calls = append(f.calls, &fault)
	return true
}

// use finds the first fault for a method and uses it up by one.
func (f *faults) use(method string) *callFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.calls {
		if fault.Method != method && fault.Method != "*" {
			continue
		}
		used := *fault
		if fault.Count--; fault.Count == 0 {
			f.calls = append(f.calls[:i:i], f.calls[i+1:]...)
		}
		return &used
	}
	return nil
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls, f.refuse, f.quiet, f.force, f.doubles, f.factor, f.noGroups = nil, false, false, false, 0, 1, false
	f.refusedBlocks, f.hello = map[string]bool{}, nil
}

// change runs set with the lock held.
func (f *faults) change(set func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	set()
}

func (f *faults) refusing() bool       { f.mu.Lock(); defer f.mu.Unlock(); return f.refuse }
func (f *faults) silent() bool         { f.mu.Lock(); defer f.mu.Unlock(); return f.quiet }
func (f *faults) forced() bool         { f.mu.Lock(); defer f.mu.Unlock(); return f.force }
func (f *faults) clockFactor() float64 { f.mu.Lock(); defer f.mu.Unlock(); return f.factor }
func (f *faults) groupless() bool      { f.mu.Lock(); defer f.mu.Unlock(); return f.noGroups }

func (f *faults) greeting() object { f.mu.Lock(); defer f.mu.Unlock(); return maps.Clone(f.hello) }

func (f *faults) refuses(block string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.refusedBlocks[block]
}

// double tells whether the next event is sent twice.
func (f *faults) double() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.doubles <= 0 {
		return false
	}
	f.doubles--
	return true
}

// state lists the knobs that are set, for /emulator/state.
func (f *faults) state() object {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := make([]callFault, 0, len(f.calls))
	for _, fault := range f.calls {
		calls = append(calls, *fault)
	}
	blocks := make([]string, 0, len(f.refusedBlocks))
	for kind := range f.refusedBlocks {
		blocks = append(blocks, kind)
	}
	return object{
		"calls": calls, "refuse_connects": f.refuse, "silent_socket": f.quiet, "force": f.force, "duplicate_event": f.doubles,
		"clock_factor": f.factor, "refuse_blocks": blocks, "no_usergroups": f.noGroups, "hello": f.hello,
	}
}
