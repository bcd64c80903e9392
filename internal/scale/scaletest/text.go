package scaletest

import (
	"strings"
	"testing"
)

// WantText fails unless a text holds all the parts; what names it in the message.
func WantText(t *testing.T, what, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%s: got %q, want it to contain %q", what, got, part)
		}
	}
}
