package api

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/scale"
)

// Unwelcome reports whether a channel accepts no messages of the bot any more: it is archived,
// the bot was removed from it, or its settings changed. Retrying does not help, so the bot writes
// to another channel or to people directly.
func Unwelcome(err error) bool {
	switch code := SlackCode(err); code {
	case "is_archived", "not_in_channel", "channel_not_found":
		return true
	default:
		return strings.HasPrefix(code, "restricted_action")
	}
}

// throttleDefault is how long to wait when Slack says "ratelimited" without a
// Retry-After header.
const throttleDefault = 5 * time.Second

// FaultOf turns an error of slack-go into a *scale.Fault. once says that the call must not happen
// twice; then a lost answer is an unknown outcome.
func FaultOf(err error, doing string, once bool) *scale.Fault {
	fault := &scale.Fault{Doing: doing, Cause: err}
	fault.Kind, fault.Detail, fault.After = classify(err, once)
	return fault
}

func classify(err error, once bool) (kind scale.FaultKind, detail string, after time.Duration) {
	var limited *slack.RateLimitedError
	var status slack.StatusCodeError
	code := SlackCode(err)
	switch {
	case errors.As(err, &limited):
		return scale.FaultThrottled, "Slack asks to slow down", max(limited.RetryAfter, time.Second)
	case code == "ratelimited" || code == "rate_limited":
		return scale.FaultThrottled, "Slack asks to slow down", throttleDefault
	case code != "":
		return codeKind(code, once), explain(code), 0
	case errors.As(err, &status) && status.Code == http.StatusTooManyRequests:
		return scale.FaultThrottled, "Slack asks to slow down", throttleDefault
	case errors.As(err, &status) && status.Code < 500:
		return scale.FaultRejected, "Slack answered " + status.Status, 0
	case notSent(err):
		return scale.FaultUnreachable, "no connection to Slack", 0
	case once:
		return scale.FaultUnknownOutcome, "Slack did not say whether it worked", 0
	default:
		return scale.FaultUnreachable, "no usable answer from Slack", 0
	}
}

// SlackCode is the error code of an ok:false answer; empty for every other error.
func SlackCode(err error) string {
	var answer slack.SlackErrorResponse
	if errors.As(err, &answer) {
		return answer.Err
	}
	return ""
}

// notSent reports whether the request certainly never reached Slack: there was no
// connection to send it over.
func notSent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &dns) || (errors.As(err, &op) && op.Op == "dial")
}

// unsure are the error codes after which, as Slack says, part of the call may have succeeded.
var unsure = []string{"internal_error", "fatal_error", "request_timeout", "service_unavailable", "team_added_to_org"}

// credentials are the error codes that concern the token, so every other request would fail too.
var credentials = []string{
	"not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type",
	"missing_scope", "access_denied", "no_permission", "forbidden_team", "team_access_not_granted", "org_login_required",
}

func codeKind(code string, once bool) scale.FaultKind {
	switch {
	case slices.Contains(credentials, code):
		return scale.FaultForbidden
	case !slices.Contains(unsure, code):
		return scale.FaultRejected
	case once:
		return scale.FaultUnknownOutcome
	default:
		return scale.FaultUnreachable
	}
}

// explain describes these error codes and says what people can do.
func explain(code string) string {
	switch code {
	case "not_in_channel":
		return "the bot is not a member of the channel; invite it there (not_in_channel)"
	case "channel_not_found":
		return "the channel does not exist or the bot cannot see it; invite it there (channel_not_found)"
	case "is_archived":
		return "the channel is archived (is_archived)"
	case "missing_scope":
		return "the bot token lacks a scope (missing_scope)"
	}
	if strings.HasPrefix(code, "restricted_action") {
		return "the workspace does not let the bot post in this channel (" + code + ")"
	}
	return "Slack answered " + code
}

// tooRich reports whether Slack refused the blocks of a message, so that a plainer variant may
// pass. The message has a block type that this workspace does not have yet, or too many blocks.
func tooRich(err error) bool {
	switch SlackCode(err) {
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "block_mismatch", "invalid_attachments":
		return true
	}
	return false
}

// Gone reports whether the message to edit was deleted or cannot be edited any more, so that only
// a new message can show the content.
func Gone(err error) bool {
	switch SlackCode(err) {
	case "message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found":
		return true
	}
	return false
}
