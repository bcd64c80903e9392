package stage

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/demo"
)

// TestTheTrailIsLeft: each step of a change is one event of its Deployment, and the story
// can be had in private, as Markdown (issue 3, audit).
func TestTheTrailIsLeft(t *testing.T) {
	quietly(t, Config{}, func(h *hall) {
		card := h.ask(ana, "download-worker 9 because of <the> lag")
		h.click(ben, card, "approve")
		h.see(ana, "the rollout's end", at(card.ts), saying("9/9 ready", "watching what it does"))
		var reasons []string
		h.eventually(h.soon, func() bool {
			list, err := h.cluster().EventsV1().Events(demo.Namespace).List(h.Context(), metav1.ListOptions{})
			if err != nil {
				h.Fatal(err)
			}
			reasons = nil
			for _, e := range list.Items {
				if e.ReportingController == "scalebot.dev/scalebot" && e.Regarding.Name == "download-worker" {
					reasons = append(reasons, e.Name+" "+e.Reason)
				}
			}
			return len(reasons) >= 5
		})
		want := []string{
			"download-worker-1.0 ScalingProposed", "download-worker-1.1 ScalingApproved", "download-worker-1.2 ScalingApplying",
			"download-worker-1.3 ScalingSettling", "download-worker-1.4 ScalingWatching",
		}
		if got := strings.Join(reasons, ", "); got != strings.Join(want, ", ") {
			t.Errorf("got events %s, want %s", got, strings.Join(want, ", "))
		}
		told := h.answer(carl, "timeline dw")
		h.wants("the timeline", told.all, "# download-worker-1: download-worker from 6 to 9 replicas", "ben | approved |", "&amp;lt;the&amp;gt;")
	})
}
