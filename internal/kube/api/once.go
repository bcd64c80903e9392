package api

import (
	"net/http"
)

// SentOnce keeps client-go from repeating a write by itself. It does so, also for POST, when a
// 5xx answer carries Retry-After, as the API server's does while etcd is out of reach. The
// first write may have been stored; the repeated one then meets a conflict with it, which reads
// as if nothing had been written. Whether a write is repeated is decided by the code that knows
// what was approved. After 429 nothing was done, so client-go may repeat.
type SentOnce struct{ http.RoundTripper }

// RoundTrip sends the request and takes the advice to repeat it out of a failed write's answer.
func (s SentOnce) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := s.RoundTripper.RoundTrip(request)
	if err == nil && request.Method != http.MethodGet && answer.StatusCode >= http.StatusInternalServerError {
		answer.Header.Del("Retry-After")
	}
	return answer, err
}
