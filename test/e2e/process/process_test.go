package process_test

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/test/e2e/process"
)

func start(t *testing.T, script string) *process.Process {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	p, err := process.Start(process.Spec{Name: "script", Path: shell, Args: []string{"-c", script}, Log: filepath.Join(t.TempDir(), "log")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

func TestAProgramThatEndsEarlyTellsWhy(t *testing.T) {
	p := start(t, "echo no such flag; exit 3")
	err := p.Until(t.Context(), time.Minute, func(context.Context) error { return errors.New("nobody answers") })
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "no such flag") {
		t.Errorf("got %v, want the exit status and what it said", err)
	}
}

func TestStopKillsWhoDoesNotListen(t *testing.T) {
	p := start(t, "trap '' TERM; echo deaf; while :; do sleep 0.05; done")
	err := p.Until(t.Context(), time.Minute, func(context.Context) error {
		if p.Tail(1) != "deaf" {
			return errors.New("not yet deaf")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(200 * time.Millisecond); err == nil {
		t.Error("got no error, want to hear that it had to be killed")
	}
	select {
	case <-p.Gone():
	default:
		t.Error("it is still there")
	}
}

func TestFreePortsDiffer(t *testing.T) {
	ports, err := process.FreePorts(20)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, port := range ports {
		if seen[port] {
			t.Errorf("port %d came twice", port)
		}
		seen[port] = true
	}
}
