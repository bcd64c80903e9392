package slackuitest

import (
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Fresh is an operation that has no card yet.
func Fresh(state ledger.State) ledger.Operation {
	op := Operation(state)
	op.Message = scale.MessageRef{}
	return op
}
