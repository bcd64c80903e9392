package kube

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

var deployments = schema.GroupResource{Group: "apps", Resource: "deployments"}

func statusError(code int32, message string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: code, Message: message}}
}

// A policy that refuses the change is no missing right, whatever code it answers with: the
// words are those of a real API server (1.37).
func TestAdmissionIsNoMissingRight(t *testing.T) {
	const policy = `deployments.apps "download-worker" is forbidden: ValidatingAdmissionPolicy 'few' with binding 'few-here' denied request: `
	for _, c := range []struct {
		name    string
		code    int32
		reason  metav1.StatusReason
		message string
		want    string
	}{
		{"policy, 422", 422, metav1.StatusReasonInvalid, policy + "at most 8 workers", "rejected by admission: at most 8 workers (ValidatingAdmissionPolicy 'few')"},
		{"policy, 403", 403, metav1.StatusReasonForbidden, policy + "at most 8 workers", "rejected by admission: at most 8 workers (ValidatingAdmissionPolicy 'few')"},
		{"policy that failed", 422, metav1.StatusReasonInvalid, policy + "expression 'object.x' resulted in error: no such key: x", "rejected by admission: expression"},
		{"policy without a binding that works", 403, metav1.StatusReasonForbidden, `policy 'few' with binding 'b' denied request: failed to configure binding: no params found`, "rejected by admission: failed to configure binding: no params found (policy 'few')"},
		{"webhook, 403", 403, metav1.StatusReasonForbidden, `admission webhook "p.example" denied the request: too many`, `rejected by admission: too many (admission webhook "p.example")`},
		{"webhook, 400", 400, metav1.StatusReasonBadRequest, `admission webhook "p.example" denied the request: too many`, `rejected by admission: too many (admission webhook "p.example")`},
		{"webhook, 500", 500, metav1.StatusReasonInternalError, `admission webhook "p.example" denied the request: too many`, `rejected by admission: too many`},
		{"webhook, 429", 429, metav1.StatusReasonTooManyRequests, `admission webhook "p.example" denied the request: not now`, `rejected by admission: not now`},
		{"no words", 403, metav1.StatusReasonForbidden, `admission webhook "p.example" denied the request without explanation`, `rejected by admission: admission webhook "p.example" gave no reason`},
		{"several lines", 403, metav1.StatusReasonForbidden, "admission webhook \"v.kyverno.svc\" denied the request: \n\npolicy x\n", `rejected by admission: policy x`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: c.code, Reason: c.reason, Message: c.message}}
			f := api.Fault("scaling", err, true)
			if f.Kind != scale.FaultRejected || !strings.HasPrefix(f.Detail, c.want) {
				t.Errorf("got %s: %q, want rejected: %q", f.Kind, f.Detail, c.want)
			}
		})
	}
	rbac := `deployments.apps "download-worker" is forbidden: User "system:serviceaccount:x:y" cannot update resource "deployments/scale" in API group "apps" in the namespace "denied request"`
	if f := api.Fault("scaling", statusError403(rbac), true); f.Kind != scale.FaultForbidden {
		t.Errorf("RBAC: got %s, want forbidden", f.Kind)
	}
}

func statusError403(message string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: 403, Reason: metav1.StatusReasonForbidden, Message: message}}
}

// Every answer of an API server has one meaning, and after a write whose answer was lost
// the outcome is unknown.
func TestFaultKinds(t *testing.T) {
	webhook := apierrors.NewForbidden(deployments, "download-worker", errors.New(`admission webhook "policy.example" denied the request: too many`))
	for _, c := range []struct {
		name          string
		err           error
		read, written scale.FaultKind
	}{
		{"403", apierrors.NewForbidden(deployments, "download-worker", errors.New("no")), scale.FaultForbidden, scale.FaultForbidden},
		{"401", apierrors.NewUnauthorized("expired"), scale.FaultForbidden, scale.FaultForbidden},
		{"admission", webhook, scale.FaultRejected, scale.FaultRejected},
		{"webhook down", apierrors.NewInternalError(errors.New(`failed calling webhook "policy.example"`)), scale.FaultUnreachable, scale.FaultUnreachable},
		{"404", apierrors.NewNotFound(deployments, "download-worker"), scale.FaultNotFound, scale.FaultNotFound},
		{"409", apierrors.NewConflict(deployments, "download-worker", errors.New("old")), scale.FaultConflict, scale.FaultConflict},
		{"422", statusError(422, "spec.replicas: Invalid value"), scale.FaultRejected, scale.FaultRejected},
		{"429", apierrors.NewTooManyRequests("slow down", 7), scale.FaultThrottled, scale.FaultThrottled},
		{"500", apierrors.NewInternalError(errors.New("etcd")), scale.FaultUnreachable, scale.FaultUnknownOutcome},
		{"503", apierrors.NewServiceUnavailable("starting"), scale.FaultUnreachable, scale.FaultUnknownOutcome},
		{"504", apierrors.NewTimeoutError("slow", 1), scale.FaultUnreachable, scale.FaultUnknownOutcome},
		{"deadline", context.DeadlineExceeded, scale.FaultUnreachable, scale.FaultUnknownOutcome},
		{"broken", io.ErrUnexpectedEOF, scale.FaultUnreachable, scale.FaultUnknownOutcome},
		{"reset", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, scale.FaultUnreachable, scale.FaultUnknownOutcome},
		{"refused", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, scale.FaultUnreachable, scale.FaultUnreachable},
		{"own limiter", errors.New("client rate limiter Wait returned an error: would exceed context deadline"), scale.FaultThrottled, scale.FaultThrottled},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := api.Fault("reading", c.err, false).Kind; got != c.read {
				t.Errorf("a read: got %s, want %s", got, c.read)
			}
			f := api.Fault("scaling", c.err, true)
			if f.Kind != c.written {
				t.Errorf("a write: got %s, want %s", f.Kind, c.written)
			}
			if !errors.Is(f, c.err) || f.Detail == "" {
				t.Errorf("the fault %q loses its cause or says nothing", f)
			}
		})
	}
	if f := api.Fault("scaling", apierrors.NewTooManyRequests("slow down", 7), true); f.After != 7*time.Second {
		t.Errorf("wait %s, want the 7 s the server asked for", f.After)
	}
}

func (s stand) replicas(t *testing.T) int32 {
	t.Helper()
	got, err := s.kubernetes.AppsV1().Deployments(namespace).GetScale(t.Context(), "download-worker", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return got.Spec.Replicas
}

// T-01: the write carries what was seen, names its author, and returns the new version.
func TestReplicasAreSet(t *testing.T) {
	s := newStand(deployment(6), set("dw-2", "2", 6))
	seen := known(t, s.Workload(t.Context(), worker))
	version, err := s.Set(t.Context(), worker, change.Step{Do: change.Replicas{From: 6, To: 9}}, seen.ResourceVersion, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.replicas(t); got != 9 {
		t.Errorf("got %d replicas, want 9", got)
	}
	if after := known(t, s.Workload(t.Context(), worker)); after.ResourceVersion != version || version == seen.ResourceVersion {
		t.Errorf("version %s, want the deployment's new one %s", version, after.ResourceVersion)
	}
	for _, action := range s.kubernetes.Actions() {
		if update, ok := action.(clienttesting.UpdateActionImpl); ok && update.UpdateOptions.FieldManager != "scalebot" {
			t.Errorf("field manager %q, want scalebot", update.UpdateOptions.FieldManager)
		}
	}
}

func TestReplicasAreSetUnderAPrecondition(t *testing.T) {
	for _, c := range []struct{ name, version string }{{"old version", "6"}, {"no version", ""}} {
		s := newStand(deployment(6))
		_, err := s.Set(t.Context(), worker, change.Step{Do: change.Replicas{From: 6, To: 9}}, c.version, false)
		if !scale.IsFault(err, scale.FaultConflict) || s.replicas(t) != 6 {
			t.Errorf("%s: got %v and %d replicas, want a conflict and 6", c.name, err, s.replicas(t))
		}
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	s := newStand(deployment(6))
	dry := func() error {
		_, err := s.Set(t.Context(), worker, change.Step{Do: change.Replicas{From: 6, To: 9}}, "7", true)
		return err
	}
	if err := dry(); err != nil || s.replicas(t) != 6 {
		t.Errorf("got %v and %d replicas, want no error and 6", err, s.replicas(t))
	}
	// Nothing can have happened, so a lost answer is no unknown outcome.
	s.refuse("update", "deployments", context.DeadlineExceeded)
	if err := dry(); !scale.IsFault(err, scale.FaultUnreachable) {
		t.Errorf("got %v, want unreachable", err)
	}
}

func TestLostAnswerIsAnUnknownOutcome(t *testing.T) {
	s := newStand(deployment(6))
	s.refuse("update", "deployments", io.EOF)
	_, err := s.Set(t.Context(), worker, change.Step{Do: change.Replicas{From: 6, To: 9}}, "7", false)
	if !scale.IsFault(err, scale.FaultUnknownOutcome) || !strings.Contains(err.Error(), "from 6 to 9") {
		t.Errorf("got %v, want an unknown outcome that says what was tried", err)
	}
}
