package records

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

// What was decoded once is handed out again for the same version of the same object only,
// and nobody who holds it can change it for the next one.
func TestWhatIsDecodedIsOfThisVersion(t *testing.T) {
	var d decoded
	read := func(uid types.UID, version, reason string) string {
		t.Helper()
		op := manyPartitions(1)
		op.Request.Reason = reason
		o, err := operationObject(op)
		if err != nil {
			t.Fatal(err)
		}
		o.SetUID(uid)
		o.SetResourceVersion(version)
		got, err := d.operation(o)
		if err != nil || got.Version != version {
			t.Fatalf("got version %q and %v, want %q", got.Version, err, version)
		}
		seen := got.Request.Reason + " " + got.Events[0].Note
		got.Events[0].Note, got.Before.Lag.Value.Partitions[0].Lag = "scribbled", 77
		return seen
	}
	for _, step := range []struct {
		uid             types.UID
		version, reason string
		want            string
	}{
		{"u-1", "5", "first", "first "},
		{"u-1", "5", "cannot be, the version is the same", "first "},
		{"u-1", "6", "changed", "changed "},
		{"u-1", "5", "an older answer that was late", "an older answer that was late "},
		{"u-2", "5", "made again under the same name", "made again under the same name "},
		{"", "5", "no identity", "no identity "},
		{"", "5", "another without identity", "another without identity "},
		{"u-3", "", "no version", "no version "},
		{"u-3", "", "still none", "still none "},
	} {
		if got := read(step.uid, step.version, step.reason); got != step.want {
			t.Errorf("%s at %s: got %q, want %q", step.uid, step.version, got, step.want)
		}
	}
}

// An unreadable record stays unreadable, and however many there are, few are kept.
func TestWhatIsDecodedIsBounded(t *testing.T) {
	var d decoded
	o, err := operationObject(manyPartitions(1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 * decodedMost {
		o.SetUID(types.UID(fmt.Sprint("u-", i)))
		o.SetResourceVersion("5")
		if _, err := d.operation(o); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(d.of); n > decodedMost {
		t.Errorf("%d operations are kept, want at most %d", n, decodedMost)
	}
	o.Object["spec"] = map[string]any{}
	o.SetUID("u-broken")
	for range 2 {
		if _, err := d.operation(o); err == nil {
			t.Error("a record without content was read")
		}
	}
}
