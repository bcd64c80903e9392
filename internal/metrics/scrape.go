package metrics

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"golang.org/x/sync/errgroup"
)

const (
	// scrapesAtOnce bounds the pods of one component that are read at the same time, allAtOnce
	// those of all components. scrapeTimeout is the time limit for one pod, in wall time.
	scrapesAtOnce = 8
	allAtOnce     = 32
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
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		out.err = errors.New(unanswered(ctx.Err(), scrapeTimeout))
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, scrapeTimeout)
	defer cancel()
	resp, err := s.get(ctx, pod.Address)
	if err != nil {
		out.err = err
		return out
	}
	defer resp.Body.Close()
	body, err := unpacked(resp)
	if err == nil {
		out.page, err = readPage(ctx, body, resp.Header.Get("Content-Type"), c)
	}
	out.at, out.err = s.options.Clock.Now(), sayable(err)
	return out
}

// accepted asks for the text format and accepts any other. It does not name OpenMetrics, in which
// some libraries give the same metrics other names.
const accepted = "text/plain;version=0.0.4,*/*;q=0.1"

// get asks for a metrics page. Its errors complete a sentence about the pod and do not
// repeat the address.
func (s *Scraper) get(ctx context.Context, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address, nil)
	if err != nil {
		return nil, fmt.Errorf("has a metrics address that is none: %q", address)
	}
	req.Header.Set("Accept", accepted)
	resp, err := s.options.Client.Do(req)
	if err != nil {
		return nil, errors.New(unanswered(err, scrapeTimeout))
	}
	switch {
	case resp.StatusCode != http.StatusOK:
		err = fmt.Errorf("answered with HTTP status %d", resp.StatusCode)
	case resp.ContentLength > maxBody:
		err = errTooLarge
	}
	if err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// unpacked is the decompressed page of an answer: some servers compress without being asked to.
func unpacked(resp *http.Response) (io.Reader, error) {
	if resp.Header.Get("Content-Encoding") != "gzip" {
		return resp.Body, nil
	}
	body, err := gzip.NewReader(resp.Body)
	if err != nil {
		return nil, errors.New("answered with something else than the gzip that it announced")
	}
	return body, nil
}

// sayable makes an error of reading a page the end of a sentence about the pod.
func sayable(err error) error {
	_, network := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return errors.New("broke off in the middle of its metrics page")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), network:
		return errors.New(unanswered(err, scrapeTimeout))
	}
	return err
}

// readBody reads an answer of bounded size.
func readBody(from io.Reader, timeout time.Duration) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, maxBody+1))
	switch {
	case err != nil:
		return nil, errors.New(unanswered(err, timeout))
	case len(body) > maxBody:
		return nil, unfit{fmt.Sprintf("answered with more than %d MiB", maxBody>>20)}
	}
	return body, nil
}
