package kube

import (
	"errors"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/scalebot/scalebot/internal/scale"
)

func terminating(p *corev1.Pod) {
	at := metav1.NewTime(seenAt)
	p.DeletionTimestamp, p.Finalizers = &at, []string{"test"}
}

// T-37: only pods of the newest ReplicaSet that are not ending count.
func TestWorkloadCountsTheCurrentPods(t *testing.T) {
	evicted := func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed }
	s := newStand(deployment(2, managedBy("kubectl", replicasField)), set("dw-1", "1", 1), set("dw-2", "2", 2),
		pod("new-a", "dw-2"), pod("new-b", "dw-2"), pod("ending", "dw-2", terminating), pod("old", "dw-1"),
		pod("gone", "dw-2", evicted), pod("foreign", "another-set"))
	w := known(t, s.Workload(t.Context(), worker))
	if len(w.Counted()) != 2 || len(w.Pods) != 4 || !w.Rolling {
		t.Errorf("got %d counted of %d pods, rolling %t; want 2 of 4 during a rollout", len(w.Counted()), len(w.Pods), w.Rolling)
	}
	if w.Desired != 2 || w.Image != "download-worker:1.2.3" || w.Revision != "2" || !w.RolledAt.Equal(seenAt) {
		t.Errorf("got %+v, want two of image 1.2.3, revision 2, rolled out at %s", w, seenAt)
	}
	if w.ReplicasBy != "kubectl" {
		t.Errorf("the count is by %q, want kubectl", w.ReplicasBy)
	}
	if w.Env["BATCH_SIZE"] != "50" || w.Env["DATABASE_PASSWORD"] != "" {
		t.Errorf("got environment %v, want the tuning variables alone", w.Env)
	}
	if w.Requests != (scale.Resources{CPU: 500, Memory: 512 << 20}) || w.Limits != (scale.Resources{CPU: 1000, Memory: 1 << 30}) {
		t.Errorf("got requests %+v and limits %+v", w.Requests, w.Limits)
	}
}

// each reason why a pod does not start has its cause and its sentence.
func TestPodCauses(t *testing.T) {
	unschedulable := func(p *corev1.Pod) {
		p.Status.Phase = corev1.PodPending
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Message: "0/3 nodes are available: 3 Insufficient cpu."}}
	}
	initImage := func(p *corev1.Pod) {
		waiting("ImagePullBackOff", "no such image", "")(p)
		p.Status.InitContainerStatuses = p.Status.ContainerStatuses
		waiting("PodInitializing", "", "")(p)
	}
	for _, c := range []struct {
		name    string
		pod     func(*corev1.Pod)
		event   *corev1.Event
		cause   scale.PodCause
		trouble string
	}{
		{"no node", unschedulable, nil, scale.CauseNodes, "Insufficient cpu"},
		{"no node, by event", waiting("", "", ""), warning("e", "Pod", "new", "FailedScheduling", "0/3 nodes are available", seenAt), scale.CauseNodes, "0/3 nodes"},
		{"image", waiting("ImagePullBackOff", `Back-off pulling image "x"`, ""), nil, scale.CauseImage, "pulling image"},
		{"image of an init container", initImage, nil, scale.CauseImage, "no such image"},
		{"crash", waiting("CrashLoopBackOff", "back-off 40s", "Error"), nil, scale.CauseCrash, "back-off 40s"},
		{"memory", waiting("CrashLoopBackOff", "back-off 40s", "OOMKilled"), nil, scale.CauseMemory, "OOMKilled"},
		{"starting", waiting("ContainerCreating", "", ""), nil, scale.CauseStarting, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			objects := []runtime.Object{deployment(1), set("dw-2", "2", 1), pod("new", "dw-2", c.pod)}
			if c.event != nil {
				objects = append(objects, c.event)
			}
			w := known(t, newStand(objects...).Workload(t.Context(), worker))
			if got := w.Pods[0]; got.Cause != c.cause || !strings.Contains(got.Trouble, c.trouble) || got.Ready {
				t.Errorf("got cause %q, trouble %q; want %q and %q", got.Cause, got.Trouble, c.cause, c.trouble)
			}
		})
	}
}

const overQuota = `pods "dw-x" is forbidden: exceeded quota: team, requested: pods=1, used: pods=6, limited: pods=6`

// unable is a ReplicaSet that cannot make pods.
func unable(s *appsv1.ReplicaSet) *appsv1.ReplicaSet {
	s.Status.Conditions = []appsv1.ReplicaSetCondition{{Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: overQuota}}
	return s
}

// a quota is seen where no pod can be made: by the deployment's condition, and by
// the ReplicaSet's, which a paused deployment does not take over. An event is kept for an
// hour and says nothing about now.
func TestQuotaStopsTheReplicaSet(t *testing.T) {
	failing := func(d *appsv1.Deployment) {
		d.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: overQuota}}
	}
	for _, c := range []struct {
		name    string
		objects []runtime.Object
		want    scale.PodCause
	}{
		{"the deployment says so", []runtime.Object{deployment(2, failing), set("dw-2", "2", 2)}, scale.CauseQuota},
		{"the ReplicaSet says so", []runtime.Object{deployment(2), unable(set("dw-2", "2", 2))}, scale.CauseQuota},
		{"another one did", []runtime.Object{deployment(2), unable(set("dw-1", "1", 0)), set("dw-2", "2", 2)}, scale.CauseNone},
		{"an event did", []runtime.Object{deployment(2), set("dw-2", "2", 2), warning("e", "ReplicaSet", "dw-2", "FailedCreate", overQuota, seenAt)}, scale.CauseNone},
	} {
		s := newStand(append(c.objects, pod("new", "dw-2"))...)
		if w := known(t, s.Workload(t.Context(), worker)); w.StuckCause != c.want || (c.want != scale.CauseNone) != (w.Stuck == overQuota) {
			t.Errorf("%s: got %q (%s), want %q", c.name, w.StuckCause, w.Stuck, c.want)
		}
	}
}

func TestProgressDeadline(t *testing.T) {
	late := func(d *appsv1.Deployment) {
		d.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse, Message: "has timed out progressing"}}
	}
	if w := known(t, newStand(deployment(1, late), set("dw-2", "2", 1)).Workload(t.Context(), worker)); !strings.Contains(w.Stuck, "timed out") {
		t.Errorf("got %q, want what the controller says", w.Stuck)
	}
}

// What may not be read is unknown and says so; events alone are no reason to know nothing.
func TestWorkloadForbidden(t *testing.T) {
	for _, c := range []struct {
		kind  string
		known bool
	}{{"deployments", false}, {"replicasets", false}, {"pods", false}, {"events", true}} {
		s := newStand(deployment(2), set("dw-2", "2", 2), pod("new", "dw-2"))
		s.refuse("*", c.kind, apierrors.NewForbidden(schema.GroupResource{Resource: c.kind}, "", errors.New("no right")))
		got := s.Workload(t.Context(), worker)
		if got.Known() != c.known || !c.known && !strings.Contains(got.Why(), "no right") {
			t.Errorf("%s: known is %t (%s), want %t", c.kind, got.Known(), got.Why(), c.known)
		}
	}
}

func TestScrapeAddress(t *testing.T) {
	configured := worker
	configured.Metrics.Port, configured.Metrics.Path = 8000, "/metrics"
	annotated := pod("a", "dw-2", func(p *corev1.Pod) {
		p.Annotations = map[string]string{"prometheus.io/port": "9100", "prometheus.io/path": "/m"}
	})
	noAddress := pod("c", "dw-2", func(p *corev1.Pod) { p.Status.PodIP = "" })
	for _, c := range []struct {
		pod  *corev1.Pod
		want string
	}{{annotated, "10.0.0.7:9100/m"}, {pod("b", "dw-2"), "10.0.0.7:8000/metrics"}, {noAddress, ""}} {
		if got := describePod(c.pod, configured).Address; got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
