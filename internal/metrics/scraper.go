package metrics

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Scraper reads the metrics pages of pods. It is safe for use by many goroutines.
type Scraper struct {
	options Options

	mu      sync.Mutex
	fleets  map[string]map[string]*track // by component and pod
	touched map[string]time.Time         // when a component was last read
}

// NewScraper returns a scraper that remembers nothing yet: rates become known with the
// second look at a pod.
func NewScraper(o Options) (*Scraper, error) {
	o, err := o.normal()
	if err != nil {
		return nil, err
	}
	return &Scraper{options: o, fleets: make(map[string]map[string]*track), touched: make(map[string]time.Time)}, nil
}

// Signals reads the pages of all ready pods and says what they tell together. What some
// of the pods do not tell is known with a note; what none tells is unknown.
func (s *Scraper) Signals(ctx context.Context, c scale.Component, pods []scale.Pod) scale.Signals {
	targets, why := readable(pods)
	if why != "" {
		s.list(c, pods)
		return allUnknown(c, s.options.Clock.Now(), "pods", why).signals(c)
	}
	return s.judge(c, pods, s.scrape(ctx, c, targets)).signals(c)
}

// History returns nothing: pods do not tell their past.
func (s *Scraper) History(context.Context, scale.Component, time.Time, time.Time, time.Duration) ([]scale.Point, error) {
	return nil, nil
}

// readable lists the pods to read, or says why there are none.
func readable(pods []scale.Pod) ([]scale.Pod, string) {
	var out []scale.Pod
	ready := 0
	for _, p := range pods {
		if !p.Ready || p.Terminating {
			continue
		}
		ready++
		if p.Address != "" {
			out = append(out, p)
		}
	}
	switch {
	case ready == 0:
		return nil, "no pod is ready"
	case len(out) == 0:
		return nil, "the ready pods have no metrics address"
	}
	return out, ""
}

// judge takes over the pages and makes facts of them and of what is remembered.
func (s *Scraper) judge(c scale.Component, pods []scale.Pod, scrapes []scrape) facts {
	now := s.options.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	fleet := s.listed(c, pods, now)
	var answered []*track
	var failed []string
	for _, r := range scrapes {
		if r.err != nil {
			failed = append(failed, r.pod+" "+r.err.Error())
			continue
		}
		t := fleet[r.pod]
		t.record(r.page, r.at, s.options.Window)
		answered = append(answered, t)
	}
	source := fmt.Sprintf("%d of %d pods scraped", len(answered), len(scrapes))
	if len(answered) == 0 {
		return allUnknown(c, now, source, nobody(len(scrapes))+": "+failed[0])
	}
	f := together(c, answered, s.options.Window)
	f.at, f.source, f.window = now, source, s.options.Window
	if len(failed) > 0 {
		f.note = fmt.Sprintf("%d of %d pods answered: %s", len(answered), len(scrapes), failed[0])
	}
	return f
}

// list notes which pods there are, without reading them.
func (s *Scraper) list(c scale.Component, pods []scale.Pod) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listed(c, pods, s.options.Clock.Now())
}

// listed returns the tracks of a component's pods, new ones included, and forgets pods
// and components that have not been seen for a window. The caller holds the lock.
func (s *Scraper) listed(c scale.Component, pods []scale.Pod, now time.Time) map[string]*track {
	s.touched[c.Name] = now
	for name, at := range s.touched {
		if now.Sub(at) > 2*s.options.Window {
			delete(s.touched, name)
			delete(s.fleets, name)
		}
	}
	fleet := s.fleets[c.Name]
	if fleet == nil {
		fleet = make(map[string]*track)
		s.fleets[c.Name] = fleet
	}
	for _, p := range pods {
		if fleet[p.Name] == nil {
			fleet[p.Name] = new(track)
		}
		fleet[p.Name].listed = now
	}
	for name, t := range fleet {
		if now.Sub(t.listed) > s.options.Window {
			delete(fleet, name)
		}
	}
	return fleet
}

// nobody says that none of the pods answered.
func nobody(pods int) string {
	if pods == 1 {
		return "no pod answered"
	}
	return fmt.Sprintf("none of %d pods answered", pods)
}

// counted prints a number of things: "1 pod", "9 pods".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// firstOf is the first reason that is not empty, in a fixed order.
func firstOf(reasons []string) string {
	slices.Sort(reasons)
	for _, r := range reasons {
		if r != "" {
			return strings.TrimSpace(r)
		}
	}
	return ""
}
