package kube

import (
	"maps"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// alone is up to how many components of a namespace are read one by one, by name and
	// selector. With more of them, listing the whole namespace takes fewer calls.
	alone = 4
	// sharesAtOnce bounds how many shares are read at the same time.
	sharesAtOnce = 8
)

// byNamespace groups components by their namespace.
func byNamespace(components []scale.Component) map[string][]scale.Component {
	spaces := map[string][]scale.Component{}
	for _, c := range components {
		spaces[c.Namespace] = append(spaces[c.Namespace], c)
	}
	return spaces
}

// shares groups components that are read together: each alone when a namespace has few of them,
// else all of the namespace.
func shares(components []scale.Component) [][]scale.Component {
	var cut [][]scale.Component
	for _, space := range byNamespace(components) {
		if len(space) > alone {
			cut = append(cut, space)
			continue
		}
		for i := range space {
			cut = append(cut, space[i:i+1])
		}
	}
	return cut
}

// gather reads the shares, several at once, and merges the readings by component.
func gather[T any](cut [][]scale.Component, read func([]scale.Component) map[string]scale.Reading[T]) map[string]scale.Reading[T] {
	var mu sync.Mutex
	all := map[string]scale.Reading[T]{}
	var group errgroup.Group
	group.SetLimit(sharesAtOnce)
	for _, share := range cut {
		group.Go(func() error {
			part := read(share)
			mu.Lock()
			defer mu.Unlock()
			maps.Copy(all, part)
			return nil
		})
	}
	_ = group.Wait()
	return all
}

// everyone gives all components the same reading.
func everyone[T any](components []scale.Component, reading scale.Reading[T]) map[string]scale.Reading[T] {
	all := make(map[string]scale.Reading[T], len(components))
	for _, c := range components {
		all[c.Name] = reading
	}
	return all
}
