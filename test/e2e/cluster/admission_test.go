package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/cluster"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// fewWorkers is a policy about the bot's own writes, which answers as it is told to.
const fewWorkers = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: few-workers}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments/scale]}]
  matchConditions: [{name: governed, expression: "object.metadata.name == 'governed'"}]
  validations: [{expression: "object.spec.replicas <= 3", message: "at most 3 workers before noon", reason: %s}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: few-workers}
spec: {policyName: few-workers, validationActions: [Deny]}
`

// What a policy refuses is not a right that the bot's role lacks, whichever of its two codes the API server answers with, and nothing is written.
func TestAPolicyRefusesTheCount(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "governed", Replicas: 2})
	w := seen(t, worker, ready(2))
	eyes := eyes(t)
	t.Cleanup(func() {
		kubectl(t, "delete", "validatingadmissionpolicybindings,validatingadmissionpolicies", "few-workers")
	})
	for _, reason := range []string{"Invalid", "Forbidden"} { // 422 and 403
		if err := real.Apply(t.Context(), fmt.Sprintf(fewWorkers, reason)); err != nil {
			t.Fatal(err)
		}
		want := "rejected by admission: at most 3 workers before noon (ValidatingAdmissionPolicy 'few-workers')"
		eventually(t, time30, func(ctx context.Context) error {
			_, err := eyes.Set(ctx, worker, change.Step{Do: change.Replicas{From: 2, To: 4}}, w.ResourceVersion, true)
			var fault *scale.Fault
			if !errors.As(err, &fault) || fault.Kind != scale.FaultRejected || fault.Detail != want {
				return fmt.Errorf("%s: got %v, want it %s", reason, err, want)
			}
			if code := codeOf(fault); code != map[string]int32{"Invalid": 422, "Forbidden": 403}[reason] {
				return fmt.Errorf("%s: still the code %d of the other one", reason, code)
			}
			return nil
		})
		_, err := eyes.Set(t.Context(), worker, change.Step{Do: change.Replicas{From: 2, To: 4}}, w.ResourceVersion, false)
		if err == nil || !strings.Contains(err.Error(), "scaling governed from 2 to 4: "+want) {
			t.Errorf("%s: got %v, want %s", reason, err, want)
		}
	}
	if _, err := eyes.Set(t.Context(), worker, change.Step{Do: change.Replicas{From: 2, To: 3}}, w.ResourceVersion, false); err != nil {
		t.Errorf("what the policy allows, with the version from before the refusals: got %v", err)
	}
}

func codeOf(fault *scale.Fault) int32 {
	var status apierrors.APIStatus
	if !errors.As(fault, &status) {
		return 0
	}
	return status.Status().Code
}
