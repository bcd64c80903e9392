package crash

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a running child.
type process struct {
	cmd   *exec.Cmd
	said  *tail
	ended chan struct{}
	err   error // how it ended; valid once ended is closed.
}

// stopPatience is how long a process may take to stop: more than Kubernetes' grace of
// 30 s gives it nothing.
const stopPatience = 30 * time.Second

func spawn(tb testing.TB, path string, args, env []string) *process {
	tb.Helper()
	p := &process{cmd: exec.Command(path, args...), said: &tail{}, ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = p.said
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	tb.Cleanup(p.kill)
	return p
}

// kill ends the process as a power cut would; killing twice does no harm.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already.
	<-p.ended
}

// stop asks the process to end, and waits.
func (p *process) stop(tb testing.TB) {
	tb.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		tb.Fatalf("stopping: %v", err)
	}
	select {
	case <-p.ended:
		if p.err != nil {
			tb.Errorf("it did not stop well: %v\n%s", p.err, p.said)
		}
	case <-time.After(stopPatience):
		tb.Fatalf("it did not stop within %v\n%s", stopPatience, p.said)
	}
}

// tail keeps the end of what a process says, for the case that something fails.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

const tailKept = 16 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - tailKept; over > 0 {
		t.kept = t.kept[over:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}

// program is the real scalebot: the one SCALEBOT names, or one built once for all tests.
var program = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("SCALEBOT"); path != "" {
		return path, nil
	}
	path := filepath.Join(scratch, "scalebot")
	build := exec.Command("go", "build", "-o", path, "./cmd/scalebot")
	build.Dir = filepath.Join("..", "..")
	out, err := build.CombinedOutput()
	if err != nil {
		return "", &buildError{err, out}
	}
	return path, nil
})

type buildError struct {
	err error
	out []byte
}

func (e *buildError) Error() string {
	return "building scalebot: " + e.err.Error() + "\n" + string(e.out)
}

// scratch is for what all tests share.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "crash"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(scratch)
	os.Exit(code)
}
