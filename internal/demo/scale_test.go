package demo

import (
	"slices"
	"testing"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	appsclient "k8s.io/client-go/kubernetes/typed/apps/v1"
)

func (s *stand) deployments() appsclient.DeploymentInterface {
	return s.Kubernetes().AppsV1().Deployments(Namespace)
}

func (s *stand) scale() *autoscalingv1.Scale {
	s.t.Helper()
	scale, err := s.deployments().GetScale(s.t.Context(), downloadWorker, metav1.GetOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	return scale
}

// scaleTo writes the count the way the bot does: on what was just read.
func (s *stand) scaleTo(replicas int32) {
	s.t.Helper()
	scale := s.scale()
	scale.Spec.Replicas = replicas
	if _, err := s.deployments().UpdateScale(s.t.Context(), downloadWorker, scale, metav1.UpdateOptions{FieldManager: "scalebot"}); err != nil {
		s.t.Fatal(err)
	}
}

// six to nine workers through the scale subresource. Pods take
// 30–60 s, then nine members share 24 partitions.
func TestScaleUpSharesThePartitions(t *testing.T) {
	inWorld(t, func(s *stand) {
		s.pass(30 * time.Second)
		s.scaleTo(9)
		s.pass(2 * time.Second)
		if got := s.component(downloadWorker); got.Replicas != 9 || got.Ready != 6 || len(got.Pods) != 9 {
			t.Fatalf("just after the write there are %d wanted, %d ready and %d pods, want 9, 6 and 9", got.Replicas, got.Ready, len(got.Pods))
		}
		s.pass(26 * time.Second)
		if got := s.component(downloadWorker).Ready; got != 6 {
			t.Errorf("after 28 s %d pods are ready, want still 6", got)
		}
		s.pass(33 * time.Second)
		if got := s.component(downloadWorker).Ready; got != 9 {
			t.Errorf("after 61 s %d pods are ready, want 9", got)
		}
		s.pass(time.Minute)
		s.checkShares(9)
	})
}

// checkShares expects a stable group of n members that own every partition evenly.
func (s *stand) checkShares(n int) {
	s.t.Helper()
	group := s.broker.cluster.GroupInfo("xact-download-worker")
	if group.State != "Stable" || len(group.Members) != n {
		s.t.Fatalf("the group is %s with %d members, want Stable with %d", group.State, len(group.Members), n)
	}
	var owned []int32
	for _, m := range group.Members {
		partitions := m.Assignment["xact.downloads.pending"]
		if len(partitions) < 24/n || len(partitions) > (24+n-1)/n {
			s.t.Errorf("a member owns %d of 24 partitions among %d", len(partitions), n)
		}
		owned = append(owned, partitions...)
	}
	slices.Sort(owned)
	if len(slices.Compact(owned)) != 24 {
		s.t.Errorf("%d partitions are owned, want 24", len(slices.Compact(owned)))
	}
}

// The rebalance that a new member causes takes the runbook's 10–30 s, so a bot
// can see it happen.
func TestRebalanceCanBeSeen(t *testing.T) {
	inWorld(t, func(s *stand) {
		s.pass(20 * time.Second)
		s.scaleTo(7)
		var began, ended time.Time
		for began.IsZero() || ended.IsZero() {
			s.pass(500 * time.Millisecond)
			c := s.component(downloadWorker)
			switch {
			case began.IsZero() && c.GroupState != "Stable":
				began = time.Now()
			case !began.IsZero() && c.GroupState == "Stable" && c.Members == 7 && s.evenShares(7):
				ended = time.Now()
			}
			if time.Since(s.climate.now().since) > 5*time.Minute {
				t.Fatal("no rebalance came to its end within five minutes")
			}
		}
		if took := ended.Sub(began); took < 3*time.Second || took > 30*time.Second {
			t.Errorf("the rebalance took %s, want 3 to 30 s", took)
		}
	})
}

func (s *stand) evenShares(n int) bool {
	total := 0
	for _, m := range s.broker.cluster.GroupInfo("xact-download-worker").Members {
		if m.NumAssigned() == 0 {
			return false
		}
		total += m.NumAssigned()
	}
	return total == 24 && n > 0
}

// A write through the scale subresource is seen in the Deployment as a real API server
// would show it: generation, version, and who owns the count now (T-01).
func TestScaleWriteLeavesItsTrace(t *testing.T) {
	inWorld(t, func(s *stand) {
		before, err := s.deployments().Get(t.Context(), downloadWorker, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		s.scaleTo(8)
		after, err := s.deployments().Get(t.Context(), downloadWorker, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if *after.Spec.Replicas != 8 || after.Generation != before.Generation+1 || after.ResourceVersion == before.ResourceVersion {
			t.Errorf("got %d replicas, generation %d and version %s after generation %d and version %s",
				*after.Spec.Replicas, after.Generation, after.ResourceVersion, before.Generation, before.ResourceVersion)
		}
		var owners []string
		for _, e := range after.ManagedFields {
			if e.FieldsV1.GetRawString() == `{"f:spec":{"f:replicas":{}}}` {
				owners = append(owners, e.Manager+"/"+e.Subresource)
				if e.Time != nil {
					t.Errorf("%s has a time, want none for a write through the scale subresource", e.Manager)
				}
			}
		}
		if !slices.Equal(owners, []string{"scalebot/scale"}) {
			t.Errorf("spec.replicas is owned by %v, want scalebot through scale", owners)
		}
		s.pass(90 * time.Second)
		d, err := s.deployments().Get(t.Context(), downloadWorker, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if d.Status.ObservedGeneration != d.Generation || d.Status.ReadyReplicas != 8 || d.Status.UpdatedReplicas != 8 || d.Status.AvailableReplicas != 8 {
			t.Errorf("got status %+v, want everything at 8", d.Status)
		}
		if !s.hasEvent("ScalingReplicaSet", "from 6 to 8") {
			t.Error("no event tells of the scaling")
		}
	})
}

func TestScalePreconditions(t *testing.T) {
	inWorld(t, func(s *stand) {
		stale := s.scale()
		s.scaleTo(7)
		write := func(change func(*autoscalingv1.Scale), options metav1.UpdateOptions) error {
			scale := s.scale()
			scale.Spec.Replicas = 12
			change(scale)
			_, err := s.deployments().UpdateScale(t.Context(), scale.Name, scale, options)
			return err
		}
		cases := []struct {
			name   string
			change func(*autoscalingv1.Scale)
			refuse func(error) bool
		}{
			{"stale version", func(w *autoscalingv1.Scale) { w.ResourceVersion = stale.ResourceVersion }, apierrors.IsConflict},
			{"other uid", func(w *autoscalingv1.Scale) { w.UID = "another" }, apierrors.IsConflict},
			{"negative", func(w *autoscalingv1.Scale) { w.Spec.Replicas = -1 }, apierrors.IsInvalid},
			{"unknown name", func(w *autoscalingv1.Scale) { w.Name = "upload-worker" }, apierrors.IsNotFound},
		}
		for _, c := range cases {
			if err := write(c.change, metav1.UpdateOptions{}); !c.refuse(err) {
				t.Errorf("%s: got error %v", c.name, err)
			}
		}
		if err := write(func(*autoscalingv1.Scale) {}, metav1.UpdateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
			t.Errorf("a dry run was refused: %v", err)
		}
		if got := s.scale().Spec.Replicas; got != 7 {
			t.Errorf("got %d replicas after refused and dry writes, want 7", got)
		}
	})
}

// kubectl scale patches the subresource; it takes the same preconditions.
func TestScalePatch(t *testing.T) {
	inWorld(t, func(s *stand) {
		stale := s.scale().ResourceVersion
		patch := func(kind types.PatchType, body string) error {
			_, err := s.deployments().Patch(t.Context(), downloadWorker, kind, []byte(body), metav1.PatchOptions{FieldManager: "kubectl"}, "scale")
			return err
		}
		// The typed client expects a Deployment back, which no scale subresource
		// returns; only the write counts here.
		write := func() (err error) {
			defer func() { _ = recover() }()
			return patch(types.MergePatchType, `{"spec":{"replicas":8}}`)
		}
		if err := write(); err != nil {
			t.Fatal(err)
		}
		if got := s.scale().Spec.Replicas; got != 8 {
			t.Errorf("got %d replicas, want 8", got)
		}
		if err := patch(types.MergePatchType, `{"metadata":{"resourceVersion":"`+stale+`"},"spec":{"replicas":9}}`); !apierrors.IsConflict(err) {
			t.Errorf("a stale patch got error %v", err)
		}
		if err := patch(types.JSONPatchType, `[]`); !apierrors.IsBadRequest(err) {
			t.Errorf("a JSON patch got error %v", err)
		}
	})
}

// one worker fewer leaves its group at once, and its partitions go to others.
func TestScaleDownLeavesTheGroup(t *testing.T) {
	inWorld(t, func(s *stand) {
		s.pass(20 * time.Second)
		s.scaleTo(5)
		s.pass(3 * time.Second)
		terminating := 0
		for _, p := range s.component(downloadWorker).Pods {
			if p.Phase == "Terminating" {
				terminating++
			}
		}
		if terminating != 1 {
			t.Errorf("got %d terminating pods, want 1", terminating)
		}
		s.pass(time.Minute)
		if got := len(s.component(downloadWorker).Pods); got != 5 {
			t.Errorf("got %d pods, want 5", got)
		}
		s.checkShares(5)
	})
}

// A pod that somebody deletes is replaced.
func TestDeletedPodIsReplaced(t *testing.T) {
	inWorld(t, func(s *stand) {
		victim := s.component(downloadWorker).Pods[0].Name
		if err := s.Kubernetes().CoreV1().Pods(Namespace).Delete(t.Context(), victim, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		s.pass(90 * time.Second)
		c := s.component(downloadWorker)
		if c.Ready != 6 || c.Members != 6 {
			t.Errorf("got %d ready and %d members, want 6 of each", c.Ready, c.Members)
		}
		if slices.ContainsFunc(c.Pods, func(p Pod) bool { return p.Name == victim }) {
			t.Errorf("the deleted pod %s is still there", victim)
		}
	})
}

// T-37: a changed template is a rollout with a ReplicaSet of its own, and three
// quarters of the pods serve all the time.
func TestRolloutReplacesEveryPod(t *testing.T) {
	inWorld(t, func(s *stand) {
		d, err := s.deployments().Get(t.Context(), downloadWorker, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		d.Spec.Template.Spec.Containers[0].Env[0].Value = "10"
		if _, err := s.deployments().Update(t.Context(), d, metav1.UpdateOptions{FieldManager: "kubectl-edit"}); err != nil {
			t.Fatal(err)
		}
		for range 60 {
			s.pass(5 * time.Second)
			if got := s.component(downloadWorker).Ready; got < 5 {
				t.Fatalf("only %d of 6 pods serve during the rollout", got)
			}
		}
		sets, err := s.Kubernetes().AppsV1().ReplicaSets(Namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "app=" + downloadWorker})
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]int32{}
		for _, set := range sets.Items {
			counts[set.Annotations[revisionAnnotation]] = set.Status.ReadyReplicas
		}
		if len(counts) != 2 || counts["1"] != 0 || counts["2"] != 6 {
			t.Errorf("got ready pods by revision %v, want none of 1 and six of 2", counts)
		}
		s.checkShares(6)
	})
}

func TestStaleDeploymentUpdateIsRefused(t *testing.T) {
	inWorld(t, func(s *stand) {
		d, err := s.deployments().Get(t.Context(), downloadWorker, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		s.scaleTo(7)
		if _, err := s.deployments().Update(t.Context(), d, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
			t.Errorf("an update from an old version got error %v", err)
		}
		if got := s.scale().Spec.Replicas; got != 7 {
			t.Errorf("got %d replicas, want 7", got)
		}
	})
}

func (s *stand) events() []corev1.Event {
	s.t.Helper()
	list, err := s.Kubernetes().CoreV1().Events(Namespace).List(s.t.Context(), metav1.ListOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	return list.Items
}
