package scale

import (
	"fmt"
	"strings"
)

// Refusal is a decision not to do what somebody asked. It is an error whose text is
// fit for people: what was understood, what is wrong, where the limit comes from and
// what to do next.
type Refusal struct {
	// Code is the machine-readable reason, such as "below_minimum".
	Code string `json:"code"`
	// Understood repeats the request in the bot's words; may be empty.
	Understood string `json:"understood,omitempty"`
	// Why is the reason in one or two sentences.
	Why string `json:"why"`
	// Limit says which limit applies and where it comes from: "minimum 4, runbook
	// section Scale Down Workers (R-055)".
	Limit string `json:"limit,omitempty"`
	// Next is one thing to do instead, and Try a command that does it, if there is one.
	Next string `json:"next,omitempty"`
	Try  string `json:"try,omitempty"`
}

// Error is the whole refusal as one line of sentences.
func (r *Refusal) Error() string {
	text := r.Why
	if r.Limit != "" {
		text = fmt.Sprintf("%s (%s).", strings.TrimRight(text, "."), r.Limit)
	}
	text = Sentence(text)
	if r.Next != "" {
		text += " " + Sentence(r.Next)
	}
	return text
}

// The reason codes of refusals. They are stable: people search logs for them.
const (
	RefusedBelowMinimum    = "below_minimum"
	RefusedAbovePartitions = "above_partitions"
	RefusedAboveMaximum    = "above_maximum"
	RefusedSingle          = "single_instance"
	RefusedStep            = "step_too_large"
	RefusedNoChange        = "no_change"
	RefusedUnknown         = "world_unknown"
	RefusedBusy            = "operation_running"
	RefusedReason          = "reason_needed"
	RefusedNotOnCall       = "not_on_call"
	RefusedSelfApproval    = "self_approval"
	RefusedAlready         = "already_approved"
	RefusedChannel         = "wrong_channel"
	RefusedState           = "wrong_state"
	RefusedExpired         = "expired"
	RefusedDrift           = "world_changed"
	RefusedNotRequester    = "not_requester"
	RefusedNotFound        = "not_found"
	RefusedUseless         = "no_recommendation"
	RefusedQuota           = "too_many_requests"
	RefusedPeopleUnknown   = "people_unknown"
	RefusedOwned           = "owned_elsewhere"
)
