package judge

import "github.com/scalebot/scalebot/internal/scale"

// RefuseWithoutReason asks for a missing reason. Its arguments are the request as understood, the
// thing that needs a reason as the subject of a sentence, and the command to type.
func RefuseWithoutReason(understood, what, try string) *scale.Refusal {
	return &scale.Refusal{
		Code: scale.RefusedReason, Understood: understood, Why: what + " needs a reason, which is recorded and shown to everybody.",
		Limit: "the reason is mandatory", Next: "Say why after the word because.", Try: try,
	}
}
