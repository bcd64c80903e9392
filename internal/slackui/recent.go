package slackui

// recent remembers the newest entries of a map and forgets the oldest beyond its
// limit. It is not safe for concurrent use; its owner's mutex guards it.
type recent[K comparable, V any] struct {
	limit  int
	values map[K]V
	order  []K
}

func newRecent[K comparable, V any](limit int) *recent[K, V] {
	return &recent[K, V]{limit: limit, values: make(map[K]V)}
}

func (r *recent[K, V]) get(k K) (V, bool) {
	v, ok := r.values[k]
	return v, ok
}

func (r *recent[K, V]) put(k K, v V) {
	if _, ok := r.values[k]; !ok {
		r.order = append(r.order, k)
	}
	r.values[k] = v
	for len(r.order) > r.limit {
		delete(r.values, r.order[0])
		r.order = r.order[1:]
	}
}

func (r *recent[K, V]) drop(k K) {
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
