package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	burst = 1000
	// Slack shows an error after slackPatience; calm is what the 99th percentile is held to.
	slackPatience = 3 * time.Second
	calm          = 50 * time.Millisecond
)

// BenchmarkAckLatency sends 1,000 slash commands at once through the emulator to the real
// program, each in a process of its own. ack is from the moment the emulator puts the
// envelope on the wire until the acknowledgement has come back, as its traffic recording
// says; post is what the person sees, from sending POST /emulator/slash to its answer,
// and holds the emulator's own work for a thousand people at once.
func BenchmarkAckLatency(b *testing.B) {
	world := around(b, startRunbookCluster(b), []string{"download-worker"})
	bot := world.start(b)
	warmUp(b, world.slack)
	var acks, posts []time.Duration
	for b.Loop() {
		after := newest(b, world.slack)
		posts = append(posts, sendBurst(b, world.slack)...)
		acks = append(acks, ackTimes(b, world.slack, after)...)
	}
	report(b, "ack", acks)
	report(b, "post", posts)
	slices.Sort(acks)
	if worst := acks[len(acks)-1]; worst > slackPatience {
		b.Errorf("an acknowledgement took %v, want all within %v\n%s", worst, slackPatience, bot.said)
	}
	if p99 := acks[len(acks)*99/100]; p99 > calm {
		b.Logf("the 99th percentile of acknowledging is %v, above the %v that is wanted of an idle machine", p99, calm)
	}
}

func report(b *testing.B, name string, all []time.Duration) {
	slices.Sort(all)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(all[len(all)/2]), name+"-p50-ms")
	b.ReportMetric(ms(all[len(all)*99/100]), name+"-p99-ms")
	b.ReportMetric(ms(all[len(all)-1]), name+"-max-ms")
}

// people sends commands; every request has a connection of its own, as people do.
var people = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: burst}}

func warmUp(b *testing.B, slack string) {
	for range 3 {
		if err := command(b.Context(), slack, "help"); err != nil {
			b.Fatal(err)
		}
	}
}

// sendBurst sends the burst and returns how long each answer took.
func sendBurst(b *testing.B, slack string) []time.Duration {
	took := make([]time.Duration, burst)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range took {
		all.Go(func() {
			<-begin
			start := time.Now()
			if err := command(b.Context(), slack, "download-worker"); err != nil {
				b.Error(err)
			}
			took[i] = time.Since(start)
		})
	}
	close(begin)
	all.Wait()
	return took
}

// command sends /scale as a person and waits for the acknowledgement.
func command(ctx context.Context, slack, text string) error {
	body, err := json.Marshal(map[string]string{"user": "U0ANA", "channel": "C0INCIDENT", "text": text})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, slack+"/emulator/slash", bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := people.Do(req)
	if err != nil {
		return fmt.Errorf("sending a command: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("reading the answer to a command: %w", err)
	}
	if !strings.Contains(string(answer), `"ok":true`) {
		return fmt.Errorf("a command was refused: %s", answer)
	}
	return nil
}

// line is what is needed of a line of the emulator's traffic.
type line struct {
	N       int     `json:"n"`
	Kind    string  `json:"kind"`
	Note    string  `json:"note"`
	Latency float64 `json:"latency_ms"`
}

func traffic(b *testing.B, slack string) []line {
	status, body := get(b.Context(), slack+"/emulator/traffic")
	if status != http.StatusOK {
		b.Fatalf("reading the traffic: %s", body)
	}
	var out []line
	lines := bufio.NewScanner(strings.NewReader(body))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			b.Fatalf("reading the traffic: %v", err)
		}
		out = append(out, l)
	}
	return out
}

// newest is the number of the last line of the traffic.
func newest(b *testing.B, slack string) int {
	all := traffic(b, slack)
	return all[len(all)-1].N
}

// ackTimes reads how long the acknowledgements of the burst took, as soon as all of them
// are recorded. Each came over the connection its envelope went to, once and in time.
func ackTimes(b *testing.B, slack string, after int) []time.Duration {
	var took []time.Duration
	for deadline := time.Now().Add(5 * time.Second); len(took) < burst; {
		if time.Now().After(deadline) {
			b.Fatalf("%d of %d commands were acknowledged", len(took), burst)
		}
		took = took[:0]
		for _, l := range traffic(b, slack) {
			if l.Kind != "ack" || l.N <= after {
				continue
			}
			if l.Note != "" {
				b.Errorf("an acknowledgement %s", l.Note)
			}
			took = append(took, time.Duration(l.Latency*float64(time.Millisecond)))
		}
	}
	return took
}
