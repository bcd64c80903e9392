package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// storedBudget is what may be asked of the store in a minute while nothing happens; that
	// is counted, so that it holds on any machine.
	storedBudget = 30
	// interval is the runbook's between two samples.
	interval = 15 * time.Second
	// tries is how often each time is taken.
	tries = 3
)

// before is the environment variable that names another build of scalebot, to be measured
// beside this one.
const before = "SCALEBOT_BEFORE"

// BenchmarkFleet runs the real program with its records in the API server beside 500
// components. It counts what is asked of the store while nothing happens, and times how
// long people wait for the fleet and for a decision without a name, how late an alert is,
// and how long the doctor takes. The program's own bound on requests per second is in play.
// Only what is counted can fail; the times are for an idle machine.
func BenchmarkFleet(b *testing.B) {
	b.Run("this", func(b *testing.B) { measureFleet(b, "", true) })
	if other := os.Getenv(before); other != "" {
		b.Run("before", func(b *testing.B) { measureFleet(b, other, false) })
	}
}

func measureFleet(b *testing.B, program string, held bool) {
	world := around(b, startCluster(b), names("worker"))
	world.runbook = fleet(b)
	write(b, world.runbook, readFile(b, world.runbook)+"scaleUp: {lag: {above: 2000}}\n")
	if program != "" {
		world.program = program
	}
	for b.Loop() {
		bot := world.start(b, "STORE=kubernetes")
		idle := 2 * time.Minute
		if testing.Short() {
			idle = 30 * time.Second
		}
		time.Sleep(time.Minute) // it takes the lead, and knows what there is.
		began, so := time.Now(), world.asked(b)
		time.Sleep(idle)
		now, minutes := world.asked(b), time.Since(began).Minutes()
		stored := float64(now.Stored-so.Stored) / minutes
		b.ReportMetric(stored, "stored-requests/min")
		b.ReportMetric(float64(now.All-so.All)/minutes, "requests/min")
		if held && stored > storedBudget {
			b.Errorf("%.0f requests a minute for what is stored, want at most %d\n%s", stored, storedBudget, bot.said)
		}
		if testing.Short() {
			bot.stop()
			continue
		}
		report(b, "fleet", world.answers(b, "", "worker-000"))
		report(b, "approve", world.answers(b, "approve", "which operation"))
		report(b, "alert", world.alerts(b))
		took, failures := world.doctor(b)
		b.ReportMetric(took.Seconds(), "doctor-s")
		b.ReportMetric(float64(failures), "doctor-failures")
		bot.stop()
	}
}

func readFile(tb testing.TB, path string) string {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

// asked is what the API server was asked for.
func (s surroundings) asked(tb testing.TB) (so asked) {
	tb.Helper()
	_, body := get(tb.Context(), s.kubernetes+"/asked")
	if err := json.Unmarshal([]byte(body), &so); err != nil {
		tb.Fatalf("asking the API server what it was asked for: %v: %s", err, body)
	}
	return so
}

// answers is how long a person waits after a command for the answer, which holds some words.
func (s surroundings) answers(tb testing.TB, text, words string) (took []time.Duration) {
	tb.Helper()
	for range tries {
		seen := len(s.messages(tb))
		began := time.Now()
		if err := command(tb.Context(), s.slack, text); err != nil {
			tb.Fatal(err)
		}
		s.until(tb, time.Minute, "an answer to /scale "+text, func() bool {
			all := s.messages(tb)
			return slices.ContainsFunc(all[min(seen, len(all)):], func(m string) bool { return strings.Contains(m, words) })
		})
		took = append(took, time.Since(began))
	}
	return took
}

// alerts is how late alerts are, beyond the interval in which no sample may be taken.
func (s surroundings) alerts(tb testing.TB) (took []time.Duration) {
	tb.Helper()
	for i := range tries {
		n := groups - 1 - i
		began := time.Now()
		if err := produce(tb.Context(), s.brokers, names("topic")[n], 4000); err != nil {
			tb.Fatal(err)
		}
		s.until(tb, 2*time.Minute, "an alert of "+names("worker")[n], func() bool {
			return slices.ContainsFunc(s.messages(tb), func(m string) bool { return strings.Contains(m, names("worker")[n]) })
		})
		took = append(took, max(0, time.Since(began)-interval))
	}
	return took
}

func produce(ctx context.Context, brokers []string, topic string, many int) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.DefaultProduceTopic(topic))
	if err != nil {
		return err
	}
	defer client.Close()
	all := make([]*kgo.Record, many)
	for i := range all {
		all[i] = kgo.StringRecord("x")
	}
	return client.ProduceSync(ctx, all...).FirstErr()
}

// messages are the texts that the person sees in the channel.
func (s surroundings) messages(tb testing.TB) (texts []string) {
	tb.Helper()
	_, body := get(tb.Context(), s.slack+"/emulator/messages?"+url.Values{"channel": {"C0INCIDENT"}, "user": {"U0ANA"}}.Encode())
	var answer struct {
		Messages []struct {
			Text string `json:"text"`
		} `json:"messages"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		tb.Fatalf("reading the channel: %v: %.200s", err, body)
	}
	for _, m := range answer.Messages {
		texts = append(texts, m.Text)
	}
	return texts
}

func (s surroundings) until(tb testing.TB, most time.Duration, what string, done func() bool) {
	tb.Helper()
	for began := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > most {
			tb.Fatalf("there is no %s after %v", what, most)
		}
	}
}

// doctor examines the installation, and reports how long that took and what fails.
func (s surroundings) doctor(tb testing.TB) (took time.Duration, failures int) {
	tb.Helper()
	c := exec.CommandContext(tb.Context(), s.program, "doctor")
	c.Env = append(os.Environ(), append(s.environment(), "STORE=kubernetes")...)
	began := time.Now()
	out, err := c.CombinedOutput()
	took = time.Since(began)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tb.Fatal(err)
	}
	failures = strings.Count("\n"+string(out), "\nFAIL")
	if failures > 0 {
		tb.Logf("the doctor, in %v:\n%.3000s", took, fmt.Sprint(string(out)))
	}
	return took, failures
}
