package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Spec is a program to start.
type Spec struct {
	// Name is how errors call it.
	Name string
	Path string
	Args []string
	// Env is added to the environment of this process.
	Env []string
	// Log is the file that gets what it prints.
	Log string
}

// Process is a program that was started. Stop or Kill must be called once it is not needed.
type Process struct {
	name    string
	log     string
	process *os.Process
	gone    chan struct{} // closed once it has ended
	err     error         // how it ended; set before gone is closed
}

// Start starts a program as the leader of a process group of its own.
func Start(spec Spec) (*Process, error) {
	file, err := os.OpenFile(spec.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", spec.Name, err)
	}
	cmd := exec.Command(spec.Path, spec.Args...)
	cmd.Env = append(os.Environ(), spec.Env...)
	cmd.Stdout, cmd.Stderr = file, file
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p := &Process{name: spec.Name, log: spec.Log, gone: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel sends the death signal when the thread that started the child ends, so that thread has to stay.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer file.Close()
		err := cmd.Start()
		p.process = cmd.Process
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.gone)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", spec.Name, err)
	}
	return p, nil
}

// Pid is the number of the process.
func (p *Process) Pid() int { return p.process.Pid }

// Gone is closed when the process has ended.
func (p *Process) Gone() <-chan struct{} { return p.gone }

// Signal sends a signal to the process alone; one that has ended is left alone.
func (p *Process) Signal(signal syscall.Signal) error {
	if err := p.process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("sending %v to %s: %w", signal, p.name, err)
	}
	return nil
}

// Stop asks the process to end, kills its whole group if it has not within the time, and waits until it is gone.
func (p *Process) Stop(within time.Duration) error {
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.gone:
		return nil
	case <-time.After(within):
		p.Kill()
		return fmt.Errorf("%s did not end within %v of SIGTERM and was killed", p.name, within)
	}
}

// Kill ends the process and its group with SIGKILL and waits until it is gone.
func (p *Process) Kill() {
	_ = syscall.Kill(-p.process.Pid, syscall.SIGKILL) // The only error is that there is nobody left.
	<-p.gone
}

// Until asks again and again until check returns nil, the time is over or the process has ended; the error tells why the last check failed.
func (p *Process) Until(ctx context.Context, within time.Duration, check func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-p.gone:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := Until(ctx, within, check)
	select {
	case <-p.gone:
		return fmt.Errorf("%s ended (%w); it said:\n%s", p.name, p.ended(), p.Tail(20))
	default:
	}
	if err != nil {
		return fmt.Errorf("%s is not ready: %w; it said:\n%s", p.name, err, p.Tail(20))
	}
	return nil
}

func (p *Process) ended() error {
	if p.err == nil {
		return errors.New("with success")
	}
	return p.err
}

// Tail is the last lines of what the process printed.
func (p *Process) Tail(lines int) string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
