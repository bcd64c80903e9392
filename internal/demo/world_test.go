package demo

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// memoryNetwork carries everything a world sends in memory, so that it runs on the
// fake clock of a synctest bubble.
type memoryNetwork struct {
	kfake.VirtualNetwork
	port atomic.Int64
}

func (n *memoryNetwork) listen(string) (net.Listener, error) {
	return n.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.FormatInt(20_000+n.port.Add(1), 10)))
}

// TestMain lets the collector rest: memory is not what these tests are short of.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// stand is a world in a bubble with what a test needs of it.
type stand struct {
	*World
	t    *testing.T
	http *http.Client
}

// inWorld runs a test in a world of its own at wall speed on a fake clock, in which the
// downloads are alone: the other components are half of what a test costs. The bubble fails
// if the world leaves anything running behind.
func inWorld(t *testing.T, test func(s *stand)) {
	t.Helper()
	inWorldWith(t, Config{components: onlyDownloads()}, test)
}

// inWorldOf is inWorld with that many consumers in each pod.
func inWorldOf(t *testing.T, perPod int, test func(s *stand)) {
	t.Helper()
	inWorldWith(t, Config{ConsumersPerPod: perPod, components: onlyDownloads()}, test)
}

func onlyDownloads() []component {
	c, _ := lookup(downloadWorker)
	return []component{c}
}

// inWorldWith is inWorld as the configuration says; the seed and the network are the test's.
func inWorldWith(t *testing.T, config Config, test func(s *stand)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := &memoryNetwork{}
		config.Seed, config.Listen = 7, network.listen
		config.Kafka = KafkaNetwork{Listen: network.Listen, Dial: network.DialContext, Ports: []int{9101}}
		w, err := Start(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		transport := &http.Transport{DialContext: network.DialContext, DisableKeepAlives: true}
		test(&stand{World: w, t: t, http: &http.Client{Transport: transport, Timeout: 5 * time.Second}})
	})
}

// pass lets time pass on the bubble's clock.
func (s *stand) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// within lets time pass until something is so, or too much has passed.
func (s *stand) within(most time.Duration, what string, so func() bool) {
	s.t.Helper()
	for began := time.Now(); !so(); s.pass(time.Second) {
		if time.Since(began) > most {
			s.t.Fatalf("%s did not come within %v; the state is %+v", what, most, s.State())
		}
	}
}

func (s *stand) component(name string) ComponentState {
	s.t.Helper()
	c, ok := s.State().Components[name]
	if !ok {
		s.t.Fatalf("the state has no component %q", name)
	}
	return c
}

func (s *stand) play(scenario string) {
	s.t.Helper()
	if err := s.Play(scenario); err != nil {
		s.t.Fatal(err)
	}
}

// rates are the measured rates of a component, which must be known.
func (s *stand) rates(name string) (arrival, consumption float64) {
	s.t.Helper()
	c := s.component(name)
	if c.Arrival == nil || c.Consumption == nil {
		s.t.Fatalf("the rates of %s are not known", name)
	}
	return *c.Arrival, *c.Consumption
}

func near(got, want, share float64) bool { return got >= want*(1-share) && got <= want*(1+share) }

// The world begins in the runbook's normal state and stays there: rates in balance and
// far less lag than any alarm needs.
func TestBaselineIsSteady(t *testing.T) {
	inWorldWith(t, Config{}, func(s *stand) {
		for range 5 {
			s.pass(time.Minute)
			for _, c := range pipeline {
				got := s.component(c.name)
				if got.Replicas != int(c.replicas) || got.Ready != int(c.replicas) || got.Members != int(c.replicas) || got.GroupState != "Stable" {
					t.Fatalf("%s has %d replicas, %d ready, %d members in a %s group, want %d of each in a Stable one",
						c.name, got.Replicas, got.Ready, got.Members, got.GroupState, c.replicas)
				}
				if most := int64(c.arrival*8) + 5; got.Lag > most {
					t.Errorf("%s lags by %d in calm weather, want at most %d", c.name, got.Lag, most)
				}
			}
		}
		arrival, consumption := s.rates(downloadWorker)
		if !near(arrival, 450, 0.1) || !near(consumption, 450, 0.1) {
			t.Errorf("got %.0f arriving and %.0f consumed per second, want about 450 of each", arrival, consumption)
		}
	})
}

// The end of the context stops the world's work, and Close may be called again.
func TestWorldEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		network := &memoryNetwork{}
		w, err := Start(ctx, Config{
			Listen: network.listen,
			Kafka:  KafkaNetwork{Listen: network.Listen, Dial: network.DialContext, Ports: []int{9101}},
		})
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		time.Sleep(time.Minute)
		if got := w.State().Components[downloadWorker].Members; got != 0 {
			t.Errorf("got %d members after the end, want 0", got)
		}
		w.Close()
		w.Close()
	})
}

func TestStartSaysWhatFailed(t *testing.T) {
	refuse := func(string, string) (net.Listener, error) { return nil, fmt.Errorf("no network today") }
	if w, err := Start(t.Context(), Config{Kafka: KafkaNetwork{Listen: refuse}}); err == nil {
		w.Close()
		t.Fatal("a world started without a network")
	}
	fail := func(string) (net.Listener, error) { return nil, fmt.Errorf("no ports left") }
	if w, err := Start(t.Context(), Config{Listen: fail}); err == nil {
		w.Close()
		t.Fatal("workers started without a port for their metrics")
	}
}
