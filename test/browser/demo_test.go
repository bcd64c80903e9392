package browser

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	binary    string
	addressIn = regexp.MustCompile(`http://[0-9.:]+\S*`)
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

// run builds the product once; the tests start it as a newcomer would.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "scalebot-browser")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "scalebot")
	build := exec.Command("go", "build", "-o", binary, "./cmd/scalebot")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building scalebot: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// demo starts `scalebot demo` and returns the address it prints.
func demo(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary, append([]string{"demo", "--headless", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errOut lockedBuilder
	cmd.Stderr = &errOut
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the demo's log:\n%s", errOut.String())
		}
	})
	return firstAddress(t, bufio.NewScanner(out))
}

func firstAddress(t *testing.T, lines *bufio.Scanner) string {
	t.Helper()
	found := make(chan string, 1)
	go func() {
		defer close(found)
		for lines.Scan() {
			if address := addressIn.FindString(lines.Text()); address != "" {
				found <- address
				break
			}
		}
		for lines.Scan() { // keep the pipe empty
		}
	}()
	select {
	case address, ok := <-found:
		if !ok {
			t.Fatal("the demo ended without printing an address")
		}
		return address
	case <-time.After(30 * time.Second):
		t.Fatal("the demo printed no address within 30 s")
	}
	return ""
}

type lockedBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuilder) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuilder) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
