package slackemu

// store holds the newest values by key and forgets the oldest.
type store[T any] struct {
	most  int
	order []string
	byKey map[string]T
}

func newStore[T any](most int) store[T] { return store[T]{most: most, byKey: map[string]T{}} }

func (k *store[T]) put(key string, value T) {
	if _, known := k.byKey[key]; !known {
		k.order = append(k.order, key)
	}
	k.byKey[key] = value
	for len(k.order) > k.most {
		delete(k.byKey, k.order[0])
		k.order = k.order[1:]
	}
}

func (k *store[T]) get(key string) (T, bool) {
	value, ok := k.byKey[key]
	return value, ok
}

func (k *store[T]) drop(key string) {
	delete(k.byKey, key)
	for i, one := range k.order {
		if one == key {
			k.order = append(k.order[:i:i], k.order[i+1:]...)
			return
		}
	}
}

// each lists the stored values, oldest first.
func (k *store[T]) each(yield func(string, T) bool) {
	for _, key := range k.order {
		if !yield(key, k.byKey[key]) {
			return
		}
	}
}
