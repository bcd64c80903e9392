package e2e

import (
	"strconv"
	"testing"
	"time"

	"github.com/scalebot/scalebot/test/e2e/cluster"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// BenchmarkReaction measures what people wait for: from the command to its card, and from the approval to the first new pod. The moments
// are those of the emulator's messages and of the API server's watch. The time from lag beyond the limit to the alert is in the log of the main job.
func BenchmarkReaction(b *testing.B) {
	pair(b)
	byHand(b, "event-ingester", 3)
	var toCard, toPod time.Duration
	for b.Loop() {
		asked := time.Now()
		card := ask(b, carl, "event-ingester 4")
		toCard += moment(b, card).Sub(asked)
		first := firstPod(b, "app=event-ingester")
		approved := time.Now()
		click(b, ben, card, "approve")
		toPod += (<-first).Sub(approved)
		becomes(b, operation(b, card, "event-ingester"), "watching")
		byHand(b, "event-ingester", 3)
	}
	b.ReportMetric(float64(toCard.Milliseconds())/float64(b.N), "command-to-card-ms")
	b.ReportMetric(float64(toPod.Milliseconds())/float64(b.N), "approval-to-pod-ms")
}

// moment is when a message was posted.
func moment(tb testing.TB, m message) time.Time {
	tb.Helper()
	seconds, err := strconv.ParseFloat(m.ts, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return time.UnixMicro(int64(seconds * 1e6))
}

// firstPod sends the moment in which the next pod appears.
func firstPod(tb testing.TB, selector string) <-chan time.Time {
	tb.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", real.Kubernetes.Kubeconfig())
	if err != nil {
		tb.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		tb.Fatal(err)
	}
	pods := client.CoreV1().Pods(cluster.Namespace)
	list, err := pods.List(tb.Context(), metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		tb.Fatal(err)
	}
	watcher, err := pods.Watch(tb.Context(), metav1.ListOptions{LabelSelector: selector, ResourceVersion: list.ResourceVersion})
	if err != nil {
		tb.Fatal(err)
	}
	appeared := make(chan time.Time, 1)
	go func() {
		defer watcher.Stop()
		for event := range watcher.ResultChan() {
			if event.Type == watch.Added {
				appeared <- time.Now()
				return
			}
		}
	}()
	return appeared
}
