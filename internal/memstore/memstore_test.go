package memstore_test

import (
	"testing"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/memstore"
	"github.com/scalebot/scalebot/internal/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) engine.Store { return memstore.New() })
}

func TestChangesWakeApart(t *testing.T) { storetest.WakesApart(t, memstore.New()) }
