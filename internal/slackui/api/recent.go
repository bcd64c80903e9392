package api

// Recent remembers the newest entries of a map and forgets the oldest ones above its limit. It is
// not safe for concurrent use; its owner's mutex guards it.
type Recent[K comparable, V any] struct {
	limit  int
	values map[K]V
	order  []K
}

// NewRecent returns a Recent for at most limit entries.
func NewRecent[K comparable, V any](limit int) *Recent[K, V] {
	return &Recent[K, V]{limit: limit, values: make(map[K]V)}
}

// Get returns what was put under a key, if it is still remembered.
func (r *Recent[K, V]) Get(k K) (V, bool) {
	v, ok := r.values[k]
	return v, ok
}

// Put remembers a value, and forgets the oldest if there are too many.
func (r *Recent[K, V]) Put(k K, v V) {
	if _, ok := r.values[k]; !ok {
		r.order = append(r.order, k)
	}
	r.values[k] = v
	for len(r.order) > r.limit {
		delete(r.values, r.order[0])
		r.order = r.order[1:]
	}
}

// Drop forgets a key.
func (r *Recent[K, V]) Drop(k K) {
	if _, ok := r.values[k]; !ok {
		return
	}
	delete(r.values, k)
	for i, other := range r.order {
		if other == k {
			r.order = append(r.order[:i:i], r.order[i+1:]...)
			return
		}
	}
}
