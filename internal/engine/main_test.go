package engine_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain makes garbage collection rare: these tests have enough memory.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
