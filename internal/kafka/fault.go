package kafka

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	errNoGroup = errors.New("no such consumer group")
	// The group exists and uses another protocol than the one that was requested.
	errOtherType = errors.New("the group is of a type that cannot be read")
	// The broker does not offer the requested protocol.
	errNotOffered          = errors.New("the broker does not offer this group protocol")
	errOtherTypeNotOffered = errors.New("the group exists, but the broker does not describe groups of its type; it may offer the classic protocol only")
	// One topic that the bot may not describe hides the whole group (KIP-848, KIP-932).
	errHiddenTopic = errors.New("the group also reads a topic that may not be described, and Kafka then tells nothing of its members")
	errNoLeader    = errors.New("the partition has no leader")
	errNoAnswer    = errors.New("the broker's answer does not mention it")
)

// fault puts an error of the client library or of a broker into words.
func (r *Reader) fault(doing string, err error) *scale.Fault {
	kind, detail := r.explain(err)
	return &scale.Fault{Kind: kind, Doing: doing, Detail: detail, Cause: err}
}

func (r *Reader) explain(err error) (scale.FaultKind, string) {
	if trouble := r.dialer.trouble.Load(); trouble != nil && isTimeout(err) && !namesBroker(err) {
		err = trouble.err
	}
	if kind, detail, ok := r.explainSecurity(err); ok {
		return kind, detail
	}
	if kind, detail, ok := explainAnswer(err); ok {
		return kind, detail
	}
	return scale.FaultUnreachable, r.explainNetwork(err)
}

// explainSecurity distinguishes a wrong password, a mechanism that the cluster does not offer,
// and a TLS failure, because different people fix them.
func (r *Reader) explainSecurity(err error) (scale.FaultKind, string, bool) {
	if failed, ok := errors.AsType[*tlsError](err); ok {
		return scale.FaultRejected, explainTLS(failed), true
	}
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return scale.FaultForbidden, fmt.Sprintf("Kafka rejected the SASL user name or password (mechanism %s)", r.config.SASLMechanism), true
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return scale.FaultRejected, fmt.Sprintf("Kafka does not offer SASL mechanism %q on this port", r.config.SASLMechanism), true
	case errors.Is(err, kerr.IllegalSaslState):
		return scale.FaultRejected, "Kafka asks for another kind of SASL authentication on this port", true
	case strings.Contains(err.Error(), "tls alert record"):
		return scale.FaultRejected, "the broker speaks TLS, but TLS is not switched on", true
	}
	if _, ok := errors.AsType[*kgo.ErrFirstReadEOF](err); ok {
		return scale.FaultUnreachable, r.explainHangUp(), true
	}
	return "", "", false
}

func explainTLS(failed *tlsError) string {
	_, notTrusted := errors.AsType[x509.UnknownAuthorityError](failed)
	_, wrongName := errors.AsType[x509.HostnameError](failed)
	_, invalid := errors.AsType[x509.CertificateInvalidError](failed)
	switch {
	case notTrusted:
		return "the TLS certificate of " + failed.address + " is signed by an authority that is not trusted here"
	case wrongName:
		return "the TLS certificate of " + failed.address + " is for another host name"
	case invalid:
		return "the TLS certificate of " + failed.address + " is not valid: " + failed.cause.Error()
	case strings.Contains(failed.cause.Error(), "does not look like a TLS handshake"), errors.Is(failed, io.EOF):
		return failed.address + " does not speak TLS, but TLS is switched on"
	case isTimeout(failed):
		return "no TLS answer from " + failed.address + " in time; it may not speak TLS"
	}
	return "TLS with " + failed.address + " could not be agreed: " + failed.cause.Error()
}

// explainHangUp explains a broker that closes the connection at the first request. Kafka does
// that when the client does not use the protocol of the port.
func (r *Reader) explainHangUp() string {
	switch {
	case !r.config.TLS && r.config.SASLMechanism == "":
		return "the broker closed the connection at once; it may expect TLS or SASL on this port"
	case !r.config.TLS:
		return "the broker closed the connection at once; it may expect TLS on this port"
	case r.config.SASLMechanism == "":
		return "the broker closed the connection at once; it may expect SASL on this port"
	}
	return "the broker closed the connection at once"
}

// explainAnswer is for errors that a broker answered with.
func explainAnswer(err error) (scale.FaultKind, string, bool) {
	switch {
	case errors.Is(err, errNoGroup), errors.Is(err, kerr.GroupIDNotFound):
		return scale.FaultNotFound, errNoGroup.Error(), true
	case errors.Is(err, errHiddenTopic):
		return scale.FaultForbidden, errHiddenTopic.Error(), true
	case errors.Is(err, errOtherType), errors.Is(err, errOtherTypeNotOffered), errors.Is(err, errNotOffered):
		return scale.FaultRejected, err.Error(), true
	case errors.Is(err, errNotAcknowledged), errors.Is(err, errNoShareLag):
		return scale.FaultNotFound, err.Error(), true
	case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
		return scale.FaultNotFound, "Kafka does not know the topic or partition", true
	case errors.Is(err, kerr.InvalidTopicException):
		return scale.FaultNotFound, "the topic's name is not one Kafka allows", true
	case errors.Is(err, kerr.GroupAuthorizationFailed):
		return scale.FaultForbidden, "Kafka does not allow describing the group", true
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return scale.FaultForbidden, "Kafka does not allow describing the topic", true
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		return scale.FaultForbidden, "Kafka does not allow describing the cluster", true
	case errors.Is(err, kerr.CoordinatorNotAvailable), errors.Is(err, kerr.CoordinatorLoadInProgress), errors.Is(err, kerr.NotCoordinator):
		return scale.FaultUnreachable, "the group's coordinator is not available", true
	case errors.Is(err, errNoLeader), errors.Is(err, kerr.LeaderNotAvailable):
		return scale.FaultUnreachable, errNoLeader.Error(), true
	case errors.Is(err, kerr.NotLeaderForPartition), errors.Is(err, kerr.FencedLeaderEpoch), errors.Is(err, kerr.ReplicaNotAvailable):
		return scale.FaultUnreachable, "the partition's leader is moving", true
	case errors.Is(err, errNoAnswer):
		return scale.FaultUnreachable, errNoAnswer.Error(), true
	}
	if answered, ok := errors.AsType[*kerr.Error](err); ok {
		return scale.FaultUnreachable, "Kafka answered " + answered.Message, true
	}
	return "", "", false
}

func (r *Reader) explainNetwork(err error) string {
	at := "a broker"
	if failed, ok := errors.AsType[*dialError](err); ok {
		at = failed.address
	}
	if failed, ok := errors.AsType[*brokerError](err); ok {
		at = failed.broker
	}
	missing, noName := errors.AsType[*net.DNSError](err)
	switch {
	case noName && missing.IsNotFound:
		return fmt.Sprintf("the host name of %s is not known", at)
	case errors.Is(err, context.Canceled):
		return "reading was called off"
	case isTimeout(err) && isDial(err):
		return fmt.Sprintf("%s does not answer", at)
	case isTimeout(err):
		return fmt.Sprintf("no answer from %s within %s", at, scale.Span(r.config.Timeout))
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("%s refuses the connection", at)
	case isDial(err):
		return fmt.Sprintf("cannot connect to %s", at)
	}
	if r.config.SASLMechanism != "" && errors.Is(err, io.EOF) {
		return fmt.Sprintf("%s closed the connection; it may not accept the SASL user name or password", at)
	}
	return fmt.Sprintf("the connection to %s broke", at)
}

func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	failed, ok := errors.AsType[net.Error](err)
	return ok && failed.Timeout()
}

// namesBroker reports whether an error is about a certain broker. Any other error is only a
// deadline that passed.
func namesBroker(err error) bool {
	_, isBroker := errors.AsType[*brokerError](err)
	_, isTLS := errors.AsType[*tlsError](err)
	return isBroker || isTLS || isDial(err)
}

func isDial(err error) bool {
	_, ok := errors.AsType[*dialError](err)
	return ok
}

// isUnsupported reports that the broker is too old for a request. The client library says so only
// in its error text.
func isUnsupported(err error) bool {
	return errors.Is(err, kerr.UnsupportedVersion) ||
		strings.Contains(err.Error(), "request key is unknown") ||
		strings.Contains(err.Error(), "broker is too old")
}

// brokerError names the broker that did not answer.
type brokerError struct {
	broker string
	cause  error
}

func (e *brokerError) Error() string { return e.broker + ": " + e.cause.Error() }
func (e *brokerError) Unwrap() error { return e.cause }

// topicError is a topic of a component that cannot be read, or a pattern that matches
// none.
type topicError struct {
	name  string
	cause error
}

func (e *topicError) Error() string { return fmt.Sprintf("topic %q: %v", e.name, e.cause) }
func (e *topicError) Unwrap() error { return e.cause }

// explainTopic says why a component's topics cannot be read.
func (r *Reader) explainTopic(err error) string {
	failed, ok := errors.AsType[*topicError](err)
	if !ok {
		return r.fault("reading topics", err).Error()
	}
	switch {
	case isPattern(failed.name):
		return fmt.Sprintf("no topic matches %q", failed.name)
	case errors.Is(failed, kerr.UnknownTopicOrPartition):
		return fmt.Sprintf("topic %q does not exist", failed.name)
	}
	return r.fault(fmt.Sprintf("topic %q", failed.name), failed.cause).Error()
}
