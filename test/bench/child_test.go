package bench

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// child is a process the benchmark has started: what is measured must not share its
// memory and its garbage collector with what it is measured by.
type child struct {
	cmd  *exec.Cmd
	said *tail
}

// spawn starts a process that lives as long as the benchmark.
func spawn(tb testing.TB, path string, args, env []string) (*child, *bufio.Reader) {
	tb.Helper()
	c := &child{cmd: exec.Command(path, args...), said: &tail{}}
	c.cmd.Env = append(os.Environ(), env...)
	c.cmd.Stderr = c.said
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close()
		c.stop()
	})
	return c, bufio.NewReader(stdout)
}

// stop asks the process to end and waits for it; stopping twice does no harm.
func (c *child) stop() {
	if c.cmd.ProcessState != nil {
		return
	}
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(15*time.Second, func() { _ = c.cmd.Process.Kill() })
	defer late.Stop()
	_ = c.cmd.Wait()
}

// tail keeps the end of what a process says, for the case that something fails.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - 4<<10; over > 0 {
		t.kept = t.kept[over:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}

// program is the real scalebot: the one SCALEBOT names, or one built here.
func program(tb testing.TB) string {
	tb.Helper()
	if path := os.Getenv("SCALEBOT"); path != "" {
		return path
	}
	path := filepath.Join(tb.TempDir(), "scalebot")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "./cmd/scalebot")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("building scalebot: %v\n%s", err, out)
	}
	return path
}

// startSlack starts the emulator as a process and returns its address. It is an
// instrument here, so it may use memory to spend less time on collecting garbage.
func startSlack(tb testing.TB, scalebot string) string {
	tb.Helper()
	emulator, out := spawn(tb, scalebot, []string{"emulator", "--addr", "127.0.0.1:0"}, []string{"GOGC=400"})
	for {
		line, err := out.ReadString('\n')
		if err != nil {
			tb.Fatalf("waiting for the emulator: %v\n%s", err, emulator.said)
		}
		if _, address, ok := strings.Cut(line, "page "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the process.
			return strings.TrimSpace(address)
		}
	}
}

// get reads a page; what does not answer is no page.
func get(ctx context.Context, url string) (status int, body string) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(data)
}
