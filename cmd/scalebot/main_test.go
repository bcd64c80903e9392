package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// scalebot runs the command line and returns its exit code and both outputs.
func scalebot(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = realMain(t.Context(), args, &o, &e)
	return code, o.String(), e.String()
}

func TestWrongUsageIsExplained(t *testing.T) {
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{nil, 2, "scalebot demo"},
		{[]string{"dmeo"}, 2, `there is no command "dmeo"`},
		{[]string{"run", "fast"}, 1, "only the environment"},
		{[]string{"demo", "--scenario", "storm", "--addr", "127.0.0.1:0"}, 1, `no scenario "storm"`},
		{[]string{"demo", "--addr", "256.0.0.1:1"}, 1, "choose another with --addr"},
		{[]string{"demo", "--scenario", "spke"}, 1, "there are calm, spike, "},
		{[]string{"demo", "now"}, 2, `it takes no arguments beside its flags; got ["now"]`},
		{[]string{"demo", "--speed", "0"}, 2, "from 1, which is real time, to 1000"},
		{[]string{"demo", "--speed", "NaN"}, 2, "--speed is NaN"},
		{[]string{"demo", "--sped", "2"}, 2, ""},
		{[]string{"emulator", "now"}, 2, "scalebot emulator --help"},
		{[]string{"doctor", "now"}, 2, "scalebot doctor --help"},
	} {
		code, _, errOut := scalebot(t, test.args...)
		if code != test.code || !strings.Contains(errOut, test.says) {
			t.Errorf("%q: got %d and %q, want %d and %q", test.args, code, errOut, test.code, test.says)
		}
	}
}

func TestHelpAndVersion(t *testing.T) {
	if code, out, _ := scalebot(t, "help"); code != 0 || !strings.Contains(out, "scalebot run") {
		t.Errorf("help: got %d and %q", code, out)
	}
	if code, out, _ := scalebot(t, "version"); code != 0 || !strings.HasPrefix(out, "scalebot ") {
		t.Errorf("version: got %d and %q", code, out)
	}
}

// The address is what a newcomer needs; everything ends with the context.
func TestDemoInvites(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	printed := make(chan string, 1)
	done := make(chan int, 1)
	go func() {
		done <- realMain(ctx, []string{"demo", "--headless", "--addr", "127.0.0.1:0", "--speed", "60"}, writer(func(text string) { printed <- text }), &bytes.Buffer{})
	}()
	text := <-printed
	for _, part := range []string{"http://127.0.0.1:", "/scale download-worker 9", "Ana and Ben are on call", "waits for Ben", "5 s, 15 s and 60 s"} {
		if !strings.Contains(text, part) {
			t.Errorf("the invitation does not say %q:\n%s", part, text)
		}
	}
	cancel()
	if code := <-done; code != 0 {
		t.Errorf("stopping the demo: got exit code %d, want 0", code)
	}
}

// writer passes each write on.
type writer func(string)

func (w writer) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}
