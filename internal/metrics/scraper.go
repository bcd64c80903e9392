package metrics

import (
	"context"
	"errors"
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
	slots   chan struct{} // one for each page that is being read

	mu      sync.Mutex
	fleets  map[string]map[string]*track // by component and pod
	touched map[string]time.Time         // when a component was last read
	held    int                          // numbers remembered of all pods
}

// maxHeld bounds the numbers that are remembered of all pods together. A pod with three counters,
// a few kinds of errors and two histograms needs about two thousand.
const maxHeld = 8_000_000

// NewScraper returns a scraper without history: rates become known with the second page of a pod.
func NewScraper(o Options) (*Scraper, error) {
	o, err := o.normal()
	if err != nil {
		return nil, err
	}
	return &Scraper{options: o, slots: make(chan struct{}, allAtOnce), fleets: make(map[string]map[string]*track), touched: make(map[string]time.Time)}, nil
}

// Signals reads the pages of all ready pods and combines them. A value that some pods lack is
// known with a note; one that all lack is unknown.
func (s *Scraper) Signals(ctx context.Context, c scale.Component, pods []scale.Pod) scale.Signals {
	targets, why := readable(pods)
	if why != "" {
		s.list(c, pods)
		return allUnknown(c, s.options.Clock.Now(), "pods", why).signals(c)
	}
	return s.judge(c, pods, s.scrape(ctx, c, targets)).signals(c)
}

// History returns nothing: pods do not expose their past.
func (s *Scraper) History(context.Context, scale.Component, time.Time, time.Time, time.Duration) ([]scale.Point, error) {
	return nil, nil
}

// judge records the pages and computes facts from them and from earlier ones.
func (s *Scraper) judge(c scale.Component, pods []scale.Pod, scrapes []scrape) facts {
	now := s.options.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	fleet := s.listed(c, pods, now)
	var answered []*track
	var failed, remarks []string
	for _, r := range scrapes {
		if r.err == nil {
			r.err = s.record(fleet[r.pod], r)
		}
		if r.err != nil {
			failed = append(failed, r.pod+" "+r.err.Error())
			continue
		}
		answered = append(answered, fleet[r.pod])
		if n := r.page.skipped.lines; n > 0 {
			remarks = append(remarks, fmt.Sprintf("%s of %s could not be read and %s left out (%s)", counted(n, "line"), r.pod, wasWere(n), r.page.skipped.first))
		}
	}
	source := fmt.Sprintf("%d of %d pods scraped", len(answered), len(scrapes))
	if len(answered) == 0 {
		return allUnknown(c, now, source, nobody(len(scrapes))+": "+failed[0])
	}
	f := together(c, answered, s.options.Window)
	f.at, f.source, f.window, f.remarks = now, source, s.options.Window, remarks
	if len(failed) > 0 {
		f.partial = true
		f.note = fmt.Sprintf("%d of %d pods answered: %s", len(answered), len(scrapes), failed[0])
	}
	return f
}

// record adds a page to its pod's track, if there is room. The caller holds the lock.
func (s *Scraper) record(t *track, r scrape) error {
	before := t.size()
	if s.held-before+r.page.size() > maxHeld {
		s.held -= before
		*t = track{listed: t.listed}
		return errors.New("has more series than can be remembered beside those of all other pods")
	}
	t.record(r.page, r.at, s.options.Window)
	s.held += t.size() - before
	return nil
}

// list records which pods exist, without reading them.
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
			for _, t := range s.fleets[name] {
				s.held -= t.size()
			}
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
			s.held -= t.size()
			delete(fleet, name)
		}
	}
	return fleet
}

// nobody says that no pod answered.
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

func wasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
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
