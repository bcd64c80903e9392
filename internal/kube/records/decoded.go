package records

import (
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/scalebot/scalebot/internal/ledger"
)

// decodedMost bounds the operations that are remembered. Callers ask for the open ones and for
// those of the last days again and again; beyond this bound they are decoded each time.
const decodedMost = 100

// decoded caches decoded operations by the version of their objects. The lists that the bot reads
// every few seconds contain mostly the same objects, and decoding a record costs more than
// everything else done with it. UID and resource version identify the content; an object without
// one of them is decoded each time.
type decoded struct {
	mu sync.Mutex
	of map[types.UID]decodedOperation
}

type decodedOperation struct {
	version string
	op      ledger.Operation
}

// operation is [operationOf] for an object that may be in the cache. The caller may change the
// result.
func (d *decoded) operation(o *unstructured.Unstructured) (ledger.Operation, error) {
	uid, version := o.GetUID(), o.GetResourceVersion()
	if uid == "" || version == "" {
		return operationOf(o)
	}
	if op, known := d.get(uid, version); known {
		return op.Clone(), nil
	}
	op, err := operationOf(o)
	if err == nil {
		d.put(uid, decodedOperation{version, op.Clone()})
	}
	return op, err
}

func (d *decoded) get(uid types.UID, version string) (ledger.Operation, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	one, known := d.of[uid]
	return one.op, known && one.version == version
}

func (d *decoded) put(uid types.UID, one decodedOperation) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, known := d.of[uid]; d.of == nil || !known && len(d.of) >= decodedMost {
		d.of = map[types.UID]decodedOperation{}
	}
	d.of[uid] = one
}
