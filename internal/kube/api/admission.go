package api

import (
	"regexp"
	"strings"
)

// An admission webhook may answer 403 as RBAC does, or 422, or any other code. Only the text of
// the message shows that the change was refused and not the caller. The texts come from the API
// server:
//
//	ValidatingAdmissionPolicy 'few-workers' with binding 'few-workers' denied request: at most 8
//	policy 'few-workers' with binding 'few-workers' denied request: failed to configure binding
//	admission webhook "policy.example" denied the request: at most 8
//	admission webhook "policy.example" denied the request without explanation
//
// RBAC never says "denied", so that a role cannot be taken for a policy.
var denied = regexp.MustCompile(`((?:ValidatingAdmissionPolicy|policy) (?:'[^']*'|"[^"]*")|admission webhook "[^"]*")(?: with binding '[^']*')? denied (?:the )?request(?: without explanation|:)?`)

// denial is the reason that an admission policy or webhook gave for refusing a change, with its
// name: "at most 8 (ValidatingAdmissionPolicy 'few-workers')"; empty when none refused it.
func denial(message string) string {
	at := denied.FindStringSubmatchIndex(message)
	if at == nil {
		return ""
	}
	name, why := message[at[2]:at[3]], strings.TrimSpace(message[at[1]:])
	if why == "" {
		return name + " gave no reason"
	}
	return why + " (" + name + ")"
}
