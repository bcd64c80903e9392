package records

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/kube/kubetest"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/ledger/ledgertest"
	"github.com/scalebot/scalebot/internal/scale"
)

func TestStoreKeepsTheContract(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledger.Store { return NewStore(dynamicClient(), namespace, quiet) })
}

func TestChangesWakeApart(t *testing.T) {
	ledgertest.WakesApart(t, NewStore(dynamicClient(), namespace, quiet))
}

func manyPartitions(n int) ledger.Operation {
	op := ledger.Operation{
		ID: "download-worker-1", Component: "download-worker", Number: 1, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}),
		Request: ledger.Request{By: scale.Person{ID: "U0ANA", Name: "Ana"}, Reason: "lag", At: seenAt},
		Events: []ledger.Event{
			{State: ledger.Proposed, At: seenAt, By: scale.Person{ID: "U0ANA", Name: "Ana"}},
			{Code: "not_on_call", At: seenAt, By: scale.Person{ID: "U0CARL", Name: "Carl"}},
			{State: ledger.Approved, At: seenAt, By: scale.Person{ID: "U0BEN", Name: "Ben"}},
		},
	}
	lag := scale.Lag{Total: 1 << 60}
	for i := range n {
		lag.Partitions = append(lag.Partitions, scale.PartitionLag{Topic: "xact.downloads.pending", Partition: int32(i), Committed: 1 << 60, End: 1<<60 + int64(i), Lag: int64(i)})
	}
	op.Before = scale.Snapshot{Component: op.Component, At: seenAt, Lag: scale.Known(lag, seenAt, "Kafka")}
	return op
}

// An object must stay far below the API server's limit, and the sums must stay true.
func TestLargeSnapshotsFit(t *testing.T) {
	store := NewStore(dynamicClient(), namespace, quiet)
	if _, err := store.Create(t.Context(), manyPartitions(10_000)); err != nil {
		t.Fatal(err)
	}
	object, err := store.operations.Get(t.Context(), "download-worker-1", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	if len(encoded) > 256<<10 {
		t.Errorf("the object is %d KiB, want at most 256", len(encoded)>>10)
	}
	got, err := store.Get(t.Context(), "download-worker-1")
	if err != nil {
		t.Fatal(err)
	}
	lag, known := got.Before.Lag.Get()
	if !known || lag.Total != 1<<60 || lag.Partitions[0].Lag != 9_999 || lag.Partitions[0].Committed != 1<<60 {
		t.Errorf("total %d, first %+v; want exact numbers and the worst partition first", lag.Total, lag.Partitions[0])
	}
	if !strings.Contains(got.Before.Lag.Note, "500 of 10000") {
		t.Errorf("note %q, want it to say what is missing", got.Before.Lag.Note)
	}
}

// kubectl shows who, what and the story.
func TestOperationObjectTellsTheStory(t *testing.T) {
	object, err := operationObject(manyPartitions(1))
	if err != nil {
		t.Fatal(err)
	}
	spec, _ := object.Object["spec"].(map[string]any)
	story := fmt.Sprint(spec["story"])
	if spec["by"] != "Ana" || spec["approvedBy"] != "Ben" || spec["state"] != "approved" || spec["to"] != int64(9) {
		t.Errorf("spec %v, want Ana, Ben, approved, 9", spec)
	}
	if !strings.Contains(story, "refused (not_on_call) by Carl") || !strings.Contains(story, "approved by Ben") {
		t.Errorf("story %s, want the refusal and the approval", story)
	}
}

// Creating reads one record and not the history; unfinished and recent ones are selected
// by label.
func TestStoreReadsLittle(t *testing.T) {
	client := dynamicClient()
	store := NewStore(client, namespace, quiet)
	op, err := store.Create(t.Context(), manyPartitions(1))
	if err != nil {
		t.Fatal(err)
	}
	client.ClearActions()
	op.Number = 2
	if _, err := store.Create(t.Context(), op); err != nil {
		t.Fatal(err)
	}
	for _, c := range kubetest.Calls(client.Actions()) {
		if c.Verb == "list" {
			t.Errorf("creating number 2 lists %s", c.Resource)
		}
	}
	client.ClearActions()
	_, unfinished := store.Unfinished(t.Context())
	recent, err := store.Between(t.Context(), seenAt.Add(-time.Hour), seenAt)
	if err := errors.Join(unfinished, err); err != nil || len(recent) != 2 {
		t.Fatalf("got %d recent operations and %v, want two", len(recent), err)
	}
	for _, action := range client.Actions() {
		if list, ok := action.(clienttesting.ListAction); !ok || list.GetListRestrictions().Labels.Empty() {
			t.Errorf("%+v reads all that is stored", action)
		}
	}
}

// A record somebody broke by hand does not hide the others.
func TestUnreadableRecordIsLeftOut(t *testing.T) {
	store := NewStore(dynamicClient(), namespace, quiet)
	if _, err := store.Create(t.Context(), manyPartitions(1)); err != nil {
		t.Fatal(err)
	}
	broken, err := operationObject(manyPartitions(1))
	if err != nil {
		t.Fatal(err)
	}
	broken.SetName("broken")
	broken.Object["spec"] = map[string]any{"component": "download-worker"}
	if _, err := store.operations.Create(t.Context(), broken, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if ops, err := store.Unfinished(t.Context()); err != nil || len(ops) != 1 {
		t.Errorf("got %d operations, %v; want the readable one", len(ops), err)
	}
	if _, err := store.Get(t.Context(), "broken"); err == nil {
		t.Error("the broken record was read without an error")
	}
}
