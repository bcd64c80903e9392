package engine

import (
	"context"
	"sync"
)

// keyLock has one lock for each key, so that no mutex is held during a call to another system.
type keyLock struct {
	mu    sync.Mutex
	locks map[string]*lockedKey
}

type lockedKey struct {
	turn    chan struct{}
	waiting int
}

// held reports whether somebody holds the key's lock or waits for it.
func (k *keyLock) held(key string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.locks[key] != nil
}

// lock waits until the key's lock is free or the context ends.
func (k *keyLock) lock(ctx context.Context, key string) (unlock func(), err error) {
	k.mu.Lock()
	if k.locks == nil {
		k.locks = map[string]*lockedKey{}
	}
	l, ok := k.locks[key]
	if !ok {
		l = &lockedKey{turn: make(chan struct{}, 1)}
		k.locks[key] = l
	}
	l.waiting++
	k.mu.Unlock()
	leave := func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if l.waiting--; l.waiting == 0 {
			delete(k.locks, key)
		}
	}
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
