package kube

import (
	"regexp"
	"strings"
)

// Admission answers 403 as RBAC does, or 422, or whatever a webhook likes; the words alone
// tell that the change is refused and not the caller. They come from the API server:
//
//	ValidatingAdmissionPolicy 'few-workers' with binding 'few-workers' denied request: at most 8
//	policy 'few-workers' with binding 'few-workers' denied request: failed to configure binding
//	admission webhook "policy.example" denied the request: at most 8
//	admission webhook "policy.example" denied the request without explanation
//
// RBAC never says "denied", so that a role cannot be taken for a policy.
var denied = regexp.MustCompile(`((?:ValidatingAdmissionPolicy|policy) (?:'[^']*'|"[^"]*")|admission webhook "[^"]*")(?: with binding '[^']*')? denied (?:the )?request(?: without explanation|:)?`)

// denial is what an admission policy or webhook said against a change, with its name:
// "at most 8 (ValidatingAdmissionPolicy 'few-workers')"; empty when none refused it.
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
