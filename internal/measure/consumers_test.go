package measure

import (
	"slices"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
)

func TestTheSameForEveryNumberOfConsumersInAPod(t *testing.T) {
	for _, c := range []struct {
		partitions, each int
		counts           []int
		ceiling          int
	}{
		{24, 3, []int{1, 2, 3, 4, 8}, 8}, {24, 2, []int{1, 2, 3, 4, 6, 12}, 12}, {25, 3, []int{1, 2, 3, 5, 9}, 9},
		{6, 4, []int{1, 2}, 2}, {3, 8, []int{1}, 1}, {24, 1, Efficient(24), 24},
	} {
		s := Sharing{Partitions: c.partitions, perPod: c.each}
		if got := s.Counts(); !slices.Equal(got, c.counts) || s.Ceiling() != c.ceiling {
			t.Errorf("%d partitions, %d each: got %v up to %d, want %v up to %d", c.partitions, c.each, got, s.Ceiling(), c.counts, c.ceiling)
		}
	}
	for partitions := 1; partitions <= 60; partitions++ {
		for each := 1; each <= 7; each++ {
			s := Sharing{Partitions: partitions, perPod: each}
			var want []int
			for n := 1; n <= s.Ceiling(); n++ {
				if s.Efficient(n) {
					want = append(want, n)
				}
			}
			if got := s.Counts(); !slices.Equal(got, want) {
				t.Fatalf("%d partitions, %d each: got %v, want %v", partitions, each, got, want)
			}
			for n := 1; n <= s.Ceiling(); n++ {
				if worth := s.Effective(n); worth > float64(n)+1e-9 || s.idle(n) >= each || s.idle(n) > s.Consumers(n) {
					t.Fatalf("%d partitions, %d pods with %d each: worth %v, %d idle", partitions, n, each, worth, s.idle(n))
				}
			}
		}
	}
}

func TestMembersAreMatchedWithPods(t *testing.T) {
	pods := []scale.Pod{{Name: "worker-1", IPs: []string{"10.0.0.1", "fd00::1"}}, {Name: "worker-10", IPs: []string{"10.0.0.10"}}, {Name: "host-a", IPs: []string{"10.1.1.1"}}, {Name: "host-b", IPs: []string{"10.1.1.1"}}}
	for host, want := range map[string]string{"10.0.0.1": "worker-1", "/10.0.0.10": "worker-10", "10.0.0.10:43210": "worker-10", "fd00::1": "worker-1", "[fd00::1]:9": "worker-1", "/fd00::1": "worker-1", "10.0.0.100": "", "": "",
		// Brokers are Java, which writes IPv6 out in full, and a name before the slash if it knows one.
		"/fd00:0:0:0:0:0:0:1": "worker-1", "/fd00:0:0:0:0:0:0:1%eth0": "worker-1", "[fd00:0:0:0:0:0:0:1]:9": "worker-1", "/0:0:0:0:0:ffff:a00:a": "worker-10",
		"node-7.example/10.0.0.10": "worker-10", "FD00::1": "worker-1", "/fd00:0:0:0:0:0:0:10": ""} {
		if got, _ := newRoster(pods, nil).podOf(scale.Member{Host: host}); got != want {
			t.Errorf("host %q: got %q, want %q", host, got, want)
		}
	}
	for client, want := range map[string]string{"worker-1": "worker-1", "worker-10": "worker-10", "worker-1-thread-2": "worker-1", "consumer.worker-10": "worker-10", "worker-100": "", "myworker-1": "", "": ""} {
		if got, _ := newRoster(pods, nil).podOf(scale.Member{Client: client}); got != want {
			t.Errorf("client %q: got %q, want %q", client, got, want)
		}
	}
	// Pods on the network of one node share its address: how many each has is what counts.
	members := []Consumer{{Member: scale.Member{Host: "10.1.1.1"}}, {Member: scale.Member{Host: "10.1.1.1"}}, {Member: scale.Member{Host: "10.1.1.1", Client: "host-b"}}, {Member: scale.Member{Host: "10.1.1.1"}}}
	got := map[string]int{}
	newRoster(pods, nil).assignPods(members)
	for _, m := range members {
		got[m.Pod]++
	}
	if got["host-a"] != 2 || got["host-b"] != 2 {
		t.Errorf("got %v, want two each", got)
	}
	// An address goes to another pod when its first one is gone.
	old := []scale.Pod{{Name: "gone", IPs: []string{"10.0.0.1"}}}
	if got, _ := newRoster(pods, old).podOf(scale.Member{Host: "10.0.0.1"}); got != "worker-1" {
		t.Errorf("a reused address: got %q, want worker-1", got)
	}
}
