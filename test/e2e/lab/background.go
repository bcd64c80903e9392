package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/scalebot/scalebot/test/e2e/process"
)

// start leaves a process behind that serves the world.
func (l lab) start(ctx context.Context) error {
	if pid, ok := l.pid(); ok {
		return fmt.Errorf("it is running already, as process %d; end it first", pid)
	}
	if err := os.RemoveAll(l.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(l.dir, 0o755); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.Create(l.log())
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(self, "serve")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting the lab: %w", err)
	}
	if err := os.WriteFile(l.pidFile(), []byte(strconv.Itoa(cmd.Process.Pid)), 0o644); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	fmt.Println("starting the lab")
	return l.await(ctx, ended)
}

// await prints the welcome once the world stands.
func (l lab) await(ctx context.Context, ended <-chan error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-ended:
			cancel(errors.New("it ended"))
		case <-ctx.Done():
		}
	}()
	err := process.Until(ctx, startTime, func(context.Context) error {
		text, err := os.ReadFile(l.welcome())
		if err == nil {
			fmt.Print(string(text))
		}
		return err
	})
	if err != nil {
		said, _ := os.ReadFile(l.log())
		return fmt.Errorf("the lab does not stand: %w\n%s", errors.Join(context.Cause(ctx), err), said)
	}
	return nil
}

// stop asks the serving process to end and waits for it.
func (l lab) stop(ctx context.Context) error {
	pid, ok := l.pid()
	if !ok {
		fmt.Println("the lab is not running")
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return fmt.Errorf("ending process %d: %w", pid, err)
	}
	err := process.Until(ctx, time.Minute, func(context.Context) error {
		if _, ok := l.pid(); ok {
			return fmt.Errorf("process %d is still there", pid)
		}
		return nil
	})
	if err == nil {
		err = os.RemoveAll(l.dir)
	}
	return err
}

// pid is the serving process, if it lives: the number alone may be somebody else's by now.
func (l lab) pid() (int, bool) {
	text, err := os.ReadFile(l.pidFile())
	if err != nil {
		return 0, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, false
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return pid, err == nil && strings.HasSuffix(string(line), "\x00serve\x00")
}
