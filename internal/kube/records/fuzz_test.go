package records

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/scalebot/scalebot/internal/ledger"
)

// mostGrowth bounds what is written for a record by what was read: the few fields for
// kubectl repeat a part of it, and times and zero values may be written longer than they
// came in.
const mostGrowth = 40

// stored wraps a text as an API server would hand over a record with it, or skips what an
// API server cannot hold.
func stored(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	var record any
	if utiljson.Unmarshal([]byte(text), &record) != nil {
		t.Skip("an API server keeps only JSON")
	}
	o := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"record": record}}}
	o.SetName("download-worker-1")
	o.SetResourceVersion("7")
	return o
}

// FuzzOperation: whatever somebody has written into a stored operation, reading it is an
// error or an operation that can be told, written back at about the same size, and read
// again as the same.
func FuzzOperation(f *testing.F) {
	op, err := json.Marshal(manyPartitions(3))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(op))
	f.Add(`{"events":[{"state":"é","note":"` + strings.Repeat("…", 600) + `"},{"code":"x"}],"reports":[{}]}`)
	f.Add(`{"change":{"from":-1,"to":99999999999},"before":{"lag":{"value":{"partitions":[{"lag":-9223372036854775808}]}}}}`)
	f.Add(`{"id":7}`)
	f.Add(`{"ID":"a-1","id":"b-2","number":1e3,"request":{"at":"2026-11-24T03:00:00+23:59"},"message":{"ts":"1.2"}}`)
	f.Add(`{"before":{"signals":{"errors":{"value":{"share":1e308},"at":"9999-12-31T23:59:59Z"}},"group":{"err":"x","value":{"members":[{}]}}}}`)
	f.Add(`{"advice":{"options":[{},{}],"reasons":["\u0000"]},"plan":{"warnings":[""],"risks":null},"rollout":{"now":{"spark":[1,2,3]}}}`)
	f.Add(`null`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, text string) {
		read, err := operationOf(stored(t, text))
		if err != nil {
			return
		}
		object, err := operationObject(read)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		checkGrowth(t, object, text)
		again, err := operationOf(object)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if want := fit(read); !same(t, again, want) || again.Version != want.Version {
			t.Errorf("got %+v, want %+v", again, want)
		}
	})
}

// FuzzEpisode is the same for episodes.
func FuzzEpisode(f *testing.F) {
	e, err := json.Marshal(ledger.Episode{ID: "download-worker-alert-1", Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 1, OpenedAt: seenAt, Lag: 1 << 60})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(e))
	f.Add(`{"kind":"none","urgency":77,"closedAt":"0001-01-01T00:00:00Z"}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, text string) {
		read, err := episodeOf(stored(t, text))
		if err != nil {
			return
		}
		object, err := episodeObject(read)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		checkGrowth(t, object, text)
		again, err := episodeOf(object)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if !same(t, again, read) || again.Version != read.Version {
			t.Errorf("got %+v, want %+v", again, read)
		}
	})
}

// same compares as JSON does: a list that is missing and one that is empty are one.
func same(t *testing.T, got, want any) bool {
	t.Helper()
	return reflect.DeepEqual(plain(t, got), plain(t, want))
}

func plain(t *testing.T, v any) (out any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err == nil {
		err = utiljson.Unmarshal(data, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// checkGrowth makes sure that a record does not swell by being written.
func checkGrowth(t *testing.T, object *unstructured.Unstructured, text string) {
	t.Helper()
	data, err := object.MarshalJSON()
	if err != nil {
		t.Fatalf("what was read cannot be sent: %v", err)
	}
	if most := 8<<10 + mostGrowth*len(text); len(data) > most {
		t.Errorf("%d bytes became %d, want at most %d", len(text), len(data), most)
	}
}
