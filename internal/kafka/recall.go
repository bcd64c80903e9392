package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// memory is the part of a group's last description that a sweep of lags cannot read.
type memory struct {
	// shares is set for share groups, which are asked in another way.
	shares bool
	// hidden is set for groups that read a topic which the bot may not describe.
	hidden bool
	// reads are the topics of which the members own partitions, sorted.
	reads []string
}

// recall returns what is remembered of a group; nothing for one that was never described.
func (r *Reader) recall(group string) memory {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.groups[group]
}

// meet describes the groups of components with a topic pattern that were never described. Their
// first lag then already says whether the pattern misses a topic.
func (r *Reader) meet(ctx context.Context, components []scale.Component) {
	var strangers []string
	r.mu.Lock()
	for _, c := range components {
		if _, met := r.groups[c.Group]; !met && slices.ContainsFunc(c.Topics, isPattern) {
			strangers = append(strangers, c.Group)
		}
	}
	r.mu.Unlock()
	slices.Sort(strangers)
	r.describe(ctx, slices.Compact(strangers))
}

// learnGroups remembers descriptions. A failed description changes nothing.
func (r *Reader) learnGroups(described map[string]found[description]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.groups)+len(described) > maxCoordinators {
		clear(r.groups)
	}
	for group, d := range described {
		hidden := errors.Is(d.err, errHiddenTopic)
		switch {
		case errors.Is(d.err, errNoGroup):
			delete(r.groups, group)
		case d.err == nil, hidden:
			r.groups[group] = memory{d.value.group.Type.SharesPartitions(), hidden, topicsOf(d.value.group)}
		}
	}
}

// topicsOf lists the topics of which members own partitions.
func topicsOf(g scale.Group) []string {
	var names []string
	for _, m := range g.Members {
		for name := range m.Partitions {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// maxNamed bounds the topics named in one sentence.
const maxNamed = 3

// unseen says why the component's patterns may match topics that are not counted: its members own
// matching topics that the broker does not list, or the group reads a hidden one. Topics named in
// full are never missed, because requesting them fails.
func (r *Reader) unseen(c scale.Component, counted []string) string {
	pattern := slices.IndexFunc(c.Topics, isPattern)
	if pattern < 0 {
		return ""
	}
	known := r.recall(c.Group)
	if known.hidden {
		return fmt.Sprintf("the group also reads a topic that may not be described; if %q matches it, its lag is missing", c.Topics[pattern])
	}
	var missing []string
	for _, name := range known.reads {
		matched := slices.ContainsFunc(c.Topics, func(p string) bool { return isPattern(p) && matches(p, name) })
		if matched && !slices.Contains(counted, name) {
			missing = append(missing, fmt.Sprintf("%q", name))
		}
	}
	if len(missing) == 0 {
		return ""
	}
	more := ""
	if n := len(missing) - maxNamed; n > 0 {
		missing, more = missing[:maxNamed], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("the members also own partitions of %s%s, which the broker does not list: their lag is missing",
		strings.Join(missing, ", "), more)
}
