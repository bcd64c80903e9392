package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/scalebot/scalebot/internal/scale"
)

// Fault describes an API error in words for people. writing says that the request may have had an
// effect; then a lost answer is an unknown outcome and not a failure.
func Fault(doing string, err error, writing bool) *scale.Fault {
	f := &scale.Fault{Doing: doing, Cause: err}
	if after, ok := apierrors.SuggestsClientDelay(err); ok {
		f.After = time.Duration(after) * time.Second
	}
	f.Kind, f.Detail = classify(err, writing)
	return f
}

func classify(err error, writing bool) (scale.FaultKind, string) {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return unanswered(err, writing)
	}
	message := status.Status().Message
	switch code := status.Status().Code; {
	case denial(message) != "":
		return scale.FaultRejected, "rejected by admission: " + denial(message)
	case strings.Contains(message, "failed calling webhook"):
		return scale.FaultUnreachable, "an admission webhook does not answer, so nothing was written: " + message
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return scale.FaultForbidden, "the API server does not allow it: " + message
	case apierrors.IsNotFound(err):
		return scale.FaultNotFound, "it does not exist: " + message
	case apierrors.IsConflict(err):
		return scale.FaultConflict, "it changed meanwhile"
	case apierrors.IsTooManyRequests(err):
		return scale.FaultThrottled, "the API server asks to slow down"
	case apierrors.IsServerTimeout(err), apierrors.IsTimeout(err), code == http.StatusGatewayTimeout:
		return maybe(writing), "the API server did not finish in time"
	case code == http.StatusServiceUnavailable:
		return maybe(writing), "the API server is not available"
	case code >= http.StatusInternalServerError:
		return maybe(writing), "the API server failed: " + message
	default:
		return scale.FaultRejected, "the API server refused it: " + message
	}
}

// unanswered classifies an error that is not an answer of the API server.
func unanswered(err error, writing bool) (scale.FaultKind, string) {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), isDial(err):
		return scale.FaultUnreachable, "the API server cannot be reached"
	case strings.Contains(err.Error(), "client rate limiter"):
		return scale.FaultThrottled, "too many of the bot's own requests were waiting, so this one was not sent"
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return maybe(writing), "no answer from the API server in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return maybe(writing), "the connection to the API server broke"
	default:
		return maybe(writing), "no usable answer from the API server"
	}
}

// maybe is the kind of a failure that leaves open whether a write happened.
func maybe(writing bool) scale.FaultKind {
	if writing {
		return scale.FaultUnknownOutcome
	}
	return scale.FaultUnreachable
}

func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func isTimeout(err error) bool {
	var u *url.Error
	var n net.Error
	return errors.As(err, &u) && u.Timeout() || errors.As(err, &n) && n.Timeout()
}

// Unknown makes the reading for a failed read.
func Unknown[T any](what string, err error, at time.Time, source string) scale.Reading[T] {
	f := Fault(what, err, false)
	return scale.Unknown[T](fmt.Sprintf("%s: %s", f.Doing, f.Detail), at, source)
}
