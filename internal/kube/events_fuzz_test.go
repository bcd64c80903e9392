package kube

import (
	"encoding/json"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalebot/scalebot/internal/ledger"
)

// FuzzEvent: whatever a stored operation holds, the note of a Kubernetes Event about it is not
// longer than the API server takes.
func FuzzEvent(f *testing.F) {
	op, err := json.Marshal(recorded())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(op))
	f.Add(`{"change":{"from":6,"to":9},"events":[{"state":"é","note":"` + strings.Repeat("…", 600) + `"},{"code":"x"}]}`)
	f.Add(`{"change":{"from":-1,"to":99999999999},"request":{"reason":"` + strings.Repeat("a", 2000) + `"},"events":[{"state":"proposed"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var read ledger.Operation
		if json.Unmarshal([]byte(text), &read) != nil || len(read.Steps) == 0 {
			return
		}
		events := NewEvents(nil, "")
		for i, e := range read.Events {
			if e.State == "" {
				continue
			}
			if event := events.event(corev1.ObjectReference{}, read, i); len(event.Note) > maxEventNote {
				t.Errorf("the note of event %d has %d bytes, want at most %d", i, len(event.Note), maxEventNote)
			}
		}
	})
}
