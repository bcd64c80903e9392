package engine_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets the collector rest: memory is not what these tests are short of.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
