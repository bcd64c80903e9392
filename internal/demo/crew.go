package demo

import "sync"

// crew counts the running workers of each component, because the workers of a component share the
// external service behind them.
type crew struct {
	mu   sync.Mutex
	size map[string]int
}

func newCrew() *crew { return &crew{size: map[string]int{}} }

func (c *crew) change(component string, by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size[component] += by
}

func (c *crew) count(component string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.size[component]
}
