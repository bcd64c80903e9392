package demo

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func (s *stand) hasEvent(reason, part string) bool {
	for _, e := range s.events() {
		if e.Reason == reason && strings.Contains(e.Message, part) {
			return true
		}
	}
	return false
}

func (s *stand) pods() []corev1.Pod {
	s.t.Helper()
	list, err := s.Kubernetes().CoreV1().Pods(Namespace).List(s.t.Context(), metav1.ListOptions{LabelSelector: "app=" + downloadWorker})
	if err != nil {
		s.t.Fatal(err)
	}
	return list.Items
}

// scrape asks one worker for its metrics, at the address its pod's annotations tell.
func (s *stand) scrape(p corev1.Pod) (map[string]*dto.MetricFamily, int) {
	s.t.Helper()
	at := p.Annotations
	response, err := s.http.Get("http://" + p.Status.PodIP + ":" + at["prometheus.io/port"] + at["prometheus.io/path"])
	if err != nil {
		return nil, 0
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, response.Body)
		return nil, response.StatusCode
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return families, response.StatusCode
}

// total sums a metric over the workers of a component.
func (s *stand) total(name, label string) float64 {
	s.t.Helper()
	sum := 0.0
	for _, p := range s.pods() {
		families, status := s.scrape(p)
		if status != http.StatusOK {
			s.t.Fatalf("%s answered with status %d", p.Name, status)
		}
		for _, m := range families[name].GetMetric() {
			if label == "" || len(m.GetLabel()) > 0 && m.GetLabel()[0].GetValue() == label {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetHistogram().GetSampleSum()
			}
		}
	}
	return sum
}

// a spike brings more than 10,000 messages of lag within a minute (how many of them
// wait for a commit is chance), and twelve workers catch up with it.
func TestSpike(t *testing.T) {
	inWorld(t, func(s *stand) {
		s.pass(time.Minute)
		s.play("spike")
		s.within(time.Minute, "a lag of more than 10,000", func() bool { return s.component(downloadWorker).Lag > 10_000 })
		s.scaleTo(12)
		s.pass(4*time.Minute + 30*time.Second)
		if got := s.component(downloadWorker).Lag; got > 8_000 {
			t.Errorf("twelve workers left a lag of %d after four and a half minutes, want less than 8,000", got)
		}
		if got := s.State().Scenario; got != "spike" {
			t.Errorf("got scenario %q, want spike", got)
		}
	})
}

// Raised traffic ends by itself; what else a scenario brought stays.
func TestRaisedTrafficEnds(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ plays, after string }{{"spike", "calm"}, {"no-nodes", "no-nodes"}, {"bad-image", "bad-image"}} {
		for _, s := range scenarios {
			if s.name != c.plays {
				continue
			}
			var now climate
			now.set(s.weather(start, start))
			now.calmDown(start.Add(spikeTime - time.Second))
			if got := now.now(); got.scenario != c.plays || got.arrival[downloadWorker] != spikeRate {
				t.Errorf("%s ended early: %q at %.0f/s", c.plays, got.scenario, got.arrival[downloadWorker])
			}
			now.calmDown(start.Add(spikeTime))
			got := now.now()
			if got.scenario != c.after || got.arrival[downloadWorker] != 450 || got.fullNodes != (c.after == "no-nodes") || got.badImage != (c.after == "bad-image") {
				t.Errorf("%s left %+v, want %q with the normal traffic", c.plays, got, c.after)
			}
		}
	}
}

// T-10: behind a slow service more workers do not handle more, downloads take many
// times longer, and messages time out.
func TestSlowDownstream(t *testing.T) {
	inWorld(t, func(s *stand) {
		s.pass(2 * time.Minute)
		before := s.total("download_duration_seconds", "") / s.total("kafka_messages_consumed_total", "")
		s.play("slow-downstream")
		s.pass(2 * time.Minute)
		_, six := s.rates(downloadWorker)
		s.scaleTo(12)
		consumed, seconds := s.total("kafka_messages_consumed_total", ""), s.total("download_duration_seconds", "")
		s.pass(3 * time.Minute)
		_, twelve := s.rates(downloadWorker)
		if !near(six, 75, 0.2) || !near(twelve, six, 0.2) {
			t.Errorf("six workers handle %.0f/s and twelve %.0f/s, want about 75 of each", six, twelve)
		}
		after := (s.total("download_duration_seconds", "") - seconds) / (s.total("kafka_messages_consumed_total", "") - consumed)
		if after < 8*before {
			t.Errorf("a download takes %.3f s, %.3f s before: want at least eight times more", after, before)
		}
		share := s.total("kafka_processing_errors_total", kindTimeout) / (s.total("kafka_messages_consumed_total", "") - consumed)
		if share < 0.01 {
			t.Errorf("%.4f of the messages timed out, want more than 1 %%", share)
		}
		if got := s.total("circuit_breaker_open", ""); got == 0 {
			t.Error("no circuit breaker is open")
		}
	})
}

// lags are a component's lag by partition.
func (s *stand) lags(topic string) []int64 {
	c, _ := lookup(downloadWorker)
	var lags []int64
	for _, m := range s.broker.read(c)[topic] {
		lags = append(lags, m.lag())
	}
	return lags
}

// T-33: the lag of a hot partition grows while the others keep up.
func TestHotPartition(t *testing.T) {
	inWorld(t, func(s *stand) {
		s.pass(time.Minute)
		s.play("hot-partition")
		s.pass(3 * time.Minute)
		checkOnePartition(t, s.lags("xact.downloads.pending"), hotPartition, 10_000)
	})
}

// A poisoned partition stands still, moves with its lag to whoever owns it, and goes
// on without losing a message once the cause is gone.
func TestPoison(t *testing.T) {
	inWorld(t, func(s *stand) {
		s.pass(time.Minute)
		s.play("poison")
		s.pass(30 * time.Second)
		stuck := s.committed(poisonPartition)
		s.pass(2 * time.Minute)
		s.scaleTo(8)
		s.pass(3 * time.Minute)
		if got := s.committed(poisonPartition); got != stuck {
			t.Errorf("the poisoned partition's commit went from %d to %d", stuck, got)
		}
		checkOnePartition(t, s.lags("xact.downloads.pending"), poisonPartition, 4_000)
		if s.total("kafka_processing_errors_total", kindDecode) == 0 {
			t.Error("no failed try was counted")
		}
		s.play("hot-partition")
		s.pass(2 * time.Minute)
		if got := s.committed(poisonPartition); got <= stuck {
			t.Errorf("the commit still stands at %d after the cause is gone", got)
		}
		if got := s.lags("xact.downloads.pending")[poisonPartition]; got > 1_000 {
			t.Errorf("the partition still lags by %d", got)
		}
	})
}

func (s *stand) committed(partition int) int64 {
	c, _ := lookup(downloadWorker)
	return s.broker.read(c)["xact.downloads.pending"][partition].committed
}

// checkOnePartition expects one partition to lag by more than least, and no other by
// more than a tenth of it.
func checkOnePartition(t *testing.T, lags []int64, bad int, least int64) {
	t.Helper()
	for p, lag := range lags {
		switch {
		case p == bad && lag <= least:
			t.Errorf("partition %d lags by %d, want more than %d", p, lag, least)
		case p != bad && lag > least/10:
			t.Errorf("partition %d lags by %d while only %d should", p, lag, bad)
		}
	}
}

// full nodes leave new pods Pending with the scheduler's sentence; when there is
// room again they start.
func TestNoNodes(t *testing.T) {
	inWorld(t, func(s *stand) {
		s.play("no-nodes")
		s.scaleTo(9)
		s.pass(2 * time.Minute)
		const why = "0/3 nodes are available: 3 Insufficient cpu."
		pending := 0
		for _, p := range s.pods() {
			for _, condition := range p.Status.Conditions {
				if p.Status.Phase == corev1.PodPending && condition.Type == corev1.PodScheduled && condition.Message == why {
					pending++
				}
			}
		}
		if pending != 3 || s.component(downloadWorker).Ready != 6 {
			t.Errorf("got %d pending pods with the reason and %d ready, want 3 and 6", pending, s.component(downloadWorker).Ready)
		}
		if !s.hasEvent("FailedScheduling", why) {
			t.Error("no event tells why")
		}
		s.play("spike")
		s.pass(90 * time.Second)
		if got := s.component(downloadWorker).Ready; got != 9 {
			t.Errorf("got %d ready once there is room, want 9", got)
		}
	})
}

// an image that cannot be pulled.
func TestBadImage(t *testing.T) {
	inWorld(t, func(s *stand) {
		s.play("bad-image")
		s.scaleTo(8)
		seen := map[string]bool{}
		for range 60 {
			s.pass(2 * time.Second)
			for _, p := range s.component(downloadWorker).Pods {
				seen[p.Phase] = true
			}
		}
		if !seen["ErrImagePull"] || !seen["ImagePullBackOff"] || s.component(downloadWorker).Ready != 6 {
			t.Errorf("saw the phases %v with %d ready, want both image errors and 6", seen, s.component(downloadWorker).Ready)
		}
		if !s.hasEvent("Failed", "Failed to pull image") || !s.hasEvent("BackOff", "Back-off pulling image") {
			t.Error("the events do not tell why")
		}
		s.play("calm")
		s.pass(2 * time.Minute)
		if got := s.component(downloadWorker); got.Ready != 6 || len(got.Pods) != 6 {
			t.Errorf("got %d of %d pods ready after calm, want 6 of 6", got.Ready, len(got.Pods))
		}
	})
}

// T-01: an HPA that steers by utilisation lets a higher count stand for its window and the
// delay of its metrics, and puts one outside its bounds back at its next look, under its own
// name.
func TestHPAOwned(t *testing.T) { owned(t, "hpa-owned", hpaName, hpaWindow+hpaMetrics) }

// T-01, T-03: KEDA, which steers by a total over an average value, does so at its next look,
// through the HPA it owns.
func TestKEDAOwned(t *testing.T) { owned(t, "keda-owned", kedaHPAName, 0) }

func owned(t *testing.T, scenario, hpa string, stands time.Duration) {
	inWorld(t, func(s *stand) {
		s.pass(time.Minute)
		s.play(scenario)
		s.pass(20 * time.Second)
		s.scaleTo(14)
		s.pass(hpaEvery + 2*time.Second)
		if got := s.scale().Spec.Replicas; got != 12 {
			t.Errorf("after a look a count above the maximum is %d, want the maximum", got)
		}
		s.scaleTo(9)
		if stands > 0 {
			s.pass(stands - 5*time.Second)
			if got := s.scale().Spec.Replicas; got != 9 {
				t.Errorf("before its time is up the count is %d, want still 9", got)
			}
		}
		s.pass(hpaEvery + 7*time.Second)
		if got := s.scale().Spec.Replicas; got != 6 {
			t.Errorf("after its time is up the count is %d, want 6 again", got)
		}
		d, err := s.deployments().Get(t.Context(), downloadWorker, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		last := d.ManagedFields[len(d.ManagedFields)-1]
		if last.Manager != hpaManager || last.Subresource != "scale" {
			t.Errorf("the count was written by %s through %q", last.Manager, last.Subresource)
		}
		if !s.hasEvent("SuccessfulRescale", "New size: 6") {
			t.Error("no event tells of it")
		}
		got, err := s.Kubernetes().AutoscalingV2().HorizontalPodAutoscalers(Namespace).Get(t.Context(), hpa, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if *got.Spec.MinReplicas != 4 || got.Spec.MaxReplicas != 12 || len(got.Status.CurrentMetrics) != 1 {
			t.Errorf("got bounds %d to %d and %d current metrics", *got.Spec.MinReplicas, got.Spec.MaxReplicas, len(got.Status.CurrentMetrics))
		}
		s.play("calm")
		if _, err := s.Kubernetes().AutoscalingV2().HorizontalPodAutoscalers(Namespace).Get(t.Context(), hpa, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			t.Errorf("the HPA outlived its scenario: %v", err)
		}
	})
}

// T-04: a paused ScaledObject has no HPA and undoes nothing.
func TestPausedKEDA(t *testing.T) {
	inWorld(t, func(s *stand) {
		s.play("keda-owned")
		objects := s.Dynamic().Resource(scaledObjectResource).Namespace(Namespace)
		object, err := objects.Get(t.Context(), scaledObjectName, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		object.SetAnnotations(map[string]string{"autoscaling.keda.sh/paused": "true"})
		if _, err := objects.Update(t.Context(), object, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		s.pass(5 * time.Second)
		s.scaleTo(9)
		s.pass(2 * time.Minute)
		if got := s.scale().Spec.Replicas; got != 9 {
			t.Errorf("got %d replicas while KEDA is paused, want 9", got)
		}
		hpas, err := s.Kubernetes().AutoscalingV2().HorizontalPodAutoscalers(Namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(hpas.Items) != 0 {
			t.Errorf("got %d HPAs while KEDA is paused, want none", len(hpas.Items))
		}
	})
}

// T-04: KEDA's pauses hold and move the count as its operator does.
func TestKEDAsPauses(t *testing.T) {
	cases := []struct {
		name        string
		annotations map[string]string
		to, want    int32
	}{
		{"with a blank", map[string]string{pausedAll: "false "}, 9, 9},
		{"off", map[string]string{pausedAll: "false"}, 9, 6},
		{"scale-in keeps a higher count", map[string]string{pausedScaleIn: "true"}, 9, 9},
		{"scale-in raises a lower one", map[string]string{pausedScaleIn: "true"}, 5, 6},
		{"scale-in, above the maximum", map[string]string{pausedScaleIn: "true"}, 14, 12},
		{"scale-out keeps a lower count", map[string]string{pausedScaleOut: "true"}, 5, 5},
		{"both", map[string]string{pausedScaleIn: "true", pausedScaleOut: "true"}, 9, 9},
		{"at a count, and another stays", map[string]string{pausedReplicas: "8"}, 9, 9},
		{"at a count that is no number", map[string]string{pausedReplicas: "8 "}, 9, 9},
	}
	inWorld(t, func(s *stand) {
		objects := s.Dynamic().Resource(scaledObjectResource).Namespace(Namespace)
		for _, c := range cases {
			s.play("calm")
			s.scaleTo(6)
			s.play("keda-owned")
			object, err := objects.Get(t.Context(), scaledObjectName, metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			object.SetAnnotations(c.annotations)
			if _, err := objects.Update(t.Context(), object, metav1.UpdateOptions{}); err != nil {
				t.Fatal(err)
			}
			s.pass(2 * time.Second)
			if count, ok := c.annotations[pausedReplicas]; ok {
				object, _ = objects.Get(t.Context(), scaledObjectName, metav1.GetOptions{})
				at, there, _ := unstructured.NestedInt64(object.Object, "status", "pausedReplicaCount")
				if there != (count == "8") || there && (at != 8 || s.scale().Spec.Replicas != 8) {
					t.Errorf("%s: KEDA is at %d replicas and says %d (%t)", c.name, s.scale().Spec.Replicas, at, there)
				}
			}
			s.scaleTo(c.to)
			s.pass(2*hpaEvery + 2*time.Second)
			if got := s.scale().Spec.Replicas; got != c.want {
				t.Errorf("%s: got %d replicas two looks after %d was set, want %d", c.name, got, c.to, c.want)
			}
		}
	})
}

// T-28: with the metrics down nobody gets a number, and it passes.
func TestMetricsDown(t *testing.T) {
	inWorld(t, func(s *stand) {
		s.pass(10 * time.Second)
		s.play("metrics-down")
		statuses := map[int]bool{}
		for range 2 {
			_, status := s.scrape(s.pods()[0])
			statuses[status] = true
			s.pass(time.Second)
		}
		if statuses[http.StatusOK] {
			t.Errorf("a worker answered well: statuses %v", statuses)
		}
		list := func() error {
			_, err := s.PodMetrics().MetricsV1beta1().PodMetricses(Namespace).List(t.Context(), metav1.ListOptions{})
			return err
		}
		if err := list(); !apierrors.IsServiceUnavailable(err) {
			t.Errorf("the metrics API answered with error %v", err)
		}
		s.play("calm")
		if _, status := s.scrape(s.pods()[0]); status != http.StatusOK || list() != nil {
			t.Errorf("after calm a worker answers %d and the metrics API %v", status, list())
		}
	})
}

// Every scenario can be played from every state and twice in a row, and calm brings
// the normal world back, backlog included.
func TestScenariosFollowEachOther(t *testing.T) {
	inWorld(t, func(s *stand) {
		for _, name := range Scenarios() {
			for range 2 {
				s.play(name)
				s.pass(10 * time.Second)
			}
			if got := s.State().Scenario; got != name {
				t.Errorf("got scenario %q, want %q", got, name)
			}
		}
		s.play("spike")
		s.scaleTo(9)
		s.pass(2 * time.Minute)
		s.play("calm")
		s.pass(2 * time.Minute)
		c := s.component(downloadWorker)
		if c.Replicas != 6 || c.Ready != 6 || c.Lag > 4000 {
			t.Errorf("calm left %d of %d ready and a lag of %d", c.Ready, c.Replicas, c.Lag)
		}
		if err := s.Play("earthquake"); err == nil || !strings.Contains(err.Error(), "hot-partition") {
			t.Errorf("an unknown scenario got error %v, want one that lists the known ones", err)
		}
	})
}
