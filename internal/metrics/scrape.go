package metrics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"golang.org/x/sync/errgroup"
)

const (
	// scrapesAtOnce bounds the pods read at the same time, scrapeTimeout how long one
	// may take, in wall time.
	scrapesAtOnce = 8
	scrapeTimeout = 2 * time.Second
)

// scrape is the outcome of reading one pod.
type scrape struct {
	pod  string
	at   time.Time
	page page
	err  error // completes the sentence "pod-1 ..."
}

func (s *Scraper) scrape(ctx context.Context, c scale.Component, pods []scale.Pod) []scrape {
	out := make([]scrape, len(pods))
	var all errgroup.Group
	all.SetLimit(scrapesAtOnce)
	for i, pod := range pods {
		all.Go(func() error {
			out[i] = s.scrapePod(ctx, c, pod)
			return nil // each pod's error is its own
		})
	}
	_ = all.Wait()
	return out
}

func (s *Scraper) scrapePod(ctx context.Context, c scale.Component, pod scale.Pod) scrape {
	out := scrape{pod: pod.Name}
	var body []byte
	if body, out.err = s.get(ctx, pod.Address); out.err != nil {
		return out
	}
	out.at = s.options.Clock.Now()
	if out.page, out.err = parsePage(body, c); out.err != nil {
		out.err = fmt.Errorf("serves no readable metrics page: %w", out.err)
	}
	return out
}

// get reads a metrics page. Its errors complete a sentence about the pod and do not
// repeat the address.
func (s *Scraper) get(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, scrapeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address, nil)
	if err != nil {
		return nil, fmt.Errorf("has a metrics address that is none: %q", address)
	}
	req.Header.Set("Accept", "text/plain;version=0.0.4")
	resp, err := s.options.Client.Do(req)
	if err != nil {
		return nil, errors.New(unanswered(err, scrapeTimeout))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answered with HTTP status %d", resp.StatusCode)
	}
	return readBody(resp.Body, scrapeTimeout)
}

// readBody reads an answer of bounded size.
func readBody(from io.Reader, timeout time.Duration) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, maxBody+1))
	switch {
	case err != nil:
		return nil, errors.New(unanswered(err, timeout))
	case len(body) > maxBody:
		return nil, fmt.Errorf("answered with more than %d MiB", maxBody>>20)
	}
	return body, nil
}
