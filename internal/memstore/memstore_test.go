package memstore_test

import (
	"github.com/scalebot/scalebot/internal/ledger"
	"testing"

	"github.com/scalebot/scalebot/internal/ledger/ledgertest"
	"github.com/scalebot/scalebot/internal/memstore"
)

func TestContract(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledger.Store { return memstore.New() })
}

func TestChangesWakeApart(t *testing.T) { ledgertest.WakesApart(t, memstore.New()) }
