package cluster_test

import (
	"errors"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// time30 is what a person would wait for.
const time30 = 30 * time.Second

var errNotWoken = errors.New("nothing woke the other replica")

// operation is a proposal from 6 to 9 workers.
func operation(component string, number int) ledger.Operation {
	at := time.Now().UTC().Truncate(time.Second)
	ana := scale.Person{ID: "U0ANA", Name: "Ana"}
	return ledger.Operation{
		ID: ledger.OperationID(component, number), Component: component, Number: number,
		Steps:   ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}),
		Request: ledger.Request{By: ana, Origin: "command", Channel: "C0INCIDENT", Reason: "lag", At: at},
		Before:  scale.Snapshot{Component: component, At: at, Partitions: scale.Known(24, at, "Kafka")},
		Events:  []ledger.Event{{State: ledger.Proposed, At: at, By: ana}},
	}
}
