package demo

import (
	"strings"
	"testing"
	"time"
)

// Pods that run three consumers each are three members of the group each, named after
// their pod, and handle together what a pod handles.
func TestPodsMayRunSeveralConsumers(t *testing.T) {
	inWorldOf(t, 3, func(s *stand) {
		s.pass(2 * time.Minute)
		got := s.component(downloadWorker)
		if got.Ready != 6 || got.Members != 18 || got.GroupState != "Stable" {
			t.Fatalf("got %d ready pods and %d members in a %s group, want 6, 18 and Stable", got.Ready, got.Members, got.GroupState)
		}
		if arrival, consumption := s.rates(downloadWorker); !near(consumption, arrival, 0.1) {
			t.Errorf("got %.0f arriving and %.0f consumed per second", arrival, consumption)
		}
		perPod := map[string]int{}
		for _, m := range s.broker.cluster.GroupInfo("xact-download-worker").Members {
			for _, p := range got.Pods {
				if strings.HasPrefix(m.ClientID, p.Name+"-") {
					perPod[p.Name]++
				}
			}
		}
		for _, p := range got.Pods {
			if perPod[p.Name] != 3 {
				t.Errorf("%s has %d members, want 3", p.Name, perPod[p.Name])
			}
		}
	})
}
