package metrics

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// unanswered says why a request got no answer, completing a sentence such as "the server ...". It
// omits the URL, which may contain credentials.
func unanswered(err error, timeout time.Duration) string {
	missing, noName := errors.AsType[*net.DNSError](err)
	late, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.Canceled):
		return "was not asked to the end"
	case errors.Is(err, context.DeadlineExceeded), isNet && late.Timeout():
		return "did not answer within " + scale.Span(timeout)
	case noName && missing.IsNotFound:
		return "has a host name that is not known"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refuses the connection"
	}
	return "cannot be reached"
}
