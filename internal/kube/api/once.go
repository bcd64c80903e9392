package api

import (
	"net/http"
)

// SentOnce stops client-go from repeating a write by itself. client-go does so, also for POST,
// when a 5xx answer carries Retry-After, as the API server's does while it cannot reach etcd. The
// first write may have been stored; then the repeated one gets a conflict, as if nothing had been
// written. Only the code that knows what was approved decides whether to repeat a write.
// client-go may still repeat after 429, because then nothing was done.
type SentOnce struct{ http.RoundTripper }

// RoundTrip sends the request and takes the advice to repeat it out of a failed write's answer.
func (s SentOnce) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := s.RoundTripper.RoundTrip(request)
	if err == nil && request.Method != http.MethodGet && answer.StatusCode >= http.StatusInternalServerError {
		answer.Header.Del("Retry-After")
	}
	return answer, err
}
