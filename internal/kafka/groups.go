package kafka

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Groups reads state, members and assignment of every component's group, with an
// entry for every component. A group that does not exist is unknown, not empty. It waits for twice
// the configured timeout at most.
func (r *Reader) Groups(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Group] {
	groups := make(map[string]bool)
	for _, c := range components {
		if c.Group != "" {
			groups[c.Group] = true
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*r.config.Timeout)
	defer cancel()
	now := r.config.Clock.Now()
	known := r.describe(ctx, slices.Sorted(maps.Keys(groups)))
	out := make(map[string]scale.Reading[scale.Group], len(components))
	for _, c := range components {
		out[c.Name] = r.groupReading(c, known[c.Group], now)
	}
	return out
}

func (r *Reader) groupReading(c scale.Component, d found[description], now time.Time) scale.Reading[scale.Group] {
	if c.Group == "" {
		return scale.Unknown[scale.Group](fmt.Sprintf("the runbook file names no consumer group for %s", c.Name), now, source)
	}
	if d.err != nil {
		return scale.Unknown[scale.Group](r.fault(fmt.Sprintf("group %q", c.Group), d.err).Error(), now, source)
	}
	out := scale.Known(d.value.group, now, source)
	if d.value.opaque > 0 {
		out.Note = fmt.Sprintf("the assignment of %d of %d members could not be read", d.value.opaque, len(d.value.group.Members))
	}
	return out
}

func newMember(id, client, host string, owned map[string][]int32) scale.Member {
	for _, partitions := range owned {
		slices.Sort(partitions)
	}
	return scale.Member{ID: id, Client: client, Host: strings.TrimPrefix(host, "/"), Partitions: owned}
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// sorted is an ordered copy; nil stays nil.
func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

// sort orders the members, so that two readings of the same group are alike.
func (d *description) sort() {
	slices.SortFunc(d.group.Members, func(a, b scale.Member) int { return strings.Compare(a.ID, b.ID) })
}
