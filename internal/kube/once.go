package kube

import "net/http"

// sentOnce keeps client-go from sending a write again by itself: it does, POST too, when an
// answer of 5xx carries Retry-After, as the API server's does while etcd is out of reach. The
// first one may have been stored, and the repeated one then meets a conflict with itself, which
// reads as if nothing had been written. Whether a write is repeated is for those to decide who
// know what was approved. After 429 nothing was done, so that client-go may go on.
type sentOnce struct{ http.RoundTripper }

func (s sentOnce) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := s.RoundTripper.RoundTrip(request)
	if err == nil && request.Method != http.MethodGet && answer.StatusCode >= http.StatusInternalServerError {
		answer.Header.Del("Retry-After")
	}
	return answer, err
}
