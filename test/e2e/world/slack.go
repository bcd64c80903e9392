package world

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/scalebot/scalebot/test/e2e/process"
)

// startSlack starts the emulator.
func (w *World) startSlack(ctx context.Context) error {
	ports, err := process.FreePorts(1)
	if err != nil {
		return err
	}
	address := fmt.Sprintf("%s:%d", process.Loopback, ports[0])
	w.Slack = "http://" + address
	p, err := w.run(process.Spec{Name: "slack", Path: w.programs.scalebot, Args: []string{"emulator", "--addr", address}})
	if err != nil {
		return err
	}
	return p.Until(ctx, time.Minute, func(ctx context.Context) error { return answers(ctx, w.Slack+"/emulator/state") })
}

// answers checks that an address answers with success.
func answers(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}
