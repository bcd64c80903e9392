package kafka

import (
	"context"
	"errors"
	"maps"
	"sync"

	"github.com/scalebot/scalebot/internal/scale"
)

// standing is the progress of a group: its commits or, for a share group, its acknowledgements.
type standing struct {
	// kind is GroupShare, or empty for the groups that commit offsets.
	kind    scale.GroupType
	commits commits
	shares  shares
}

// none reports that the broker knows nothing of the group's progress.
func (s standing) none() bool {
	if s.kind.SharesPartitions() {
		return s.shares.none()
	}
	return s.commits.none()
}

// standingsOf reads the progress of all groups, with an entry for every group. Kafka gives the
// same answer for a group without progress, for a group that does not exist, and for a group of
// another type. Such groups are described, to distinguish them.
func (r *Reader) standingsOf(ctx context.Context, groups []string) map[string]found[standing] {
	var committing, sharing []string
	for _, group := range groups {
		if r.recall(group).shares {
			sharing = append(sharing, group)
		} else {
			committing = append(committing, group)
		}
	}
	out := r.fetchStandings(ctx, committing, sharing)
	var nothing []string
	for group, f := range out {
		if f.err == nil && f.value.none() {
			nothing = append(nothing, group)
		}
	}
	committing, sharing = nil, nil
	for group, d := range r.describe(ctx, nothing) {
		switch kind := out[group].value.kind; {
		case d.err != nil && !errors.Is(d.err, errHiddenTopic):
			out[group] = found[standing]{err: d.err}
		case d.value.group.Type.SharesPartitions() == kind.SharesPartitions():
		case kind.SharesPartitions():
			committing = append(committing, group)
		default:
			sharing = append(sharing, group)
		}
	}
	maps.Copy(out, r.fetchStandings(ctx, committing, sharing))
	return out
}

// fetchStandings asks for commits and acknowledgements at the same time.
func (r *Reader) fetchStandings(ctx context.Context, committing, sharing []string) map[string]found[standing] {
	var both sync.WaitGroup
	var committed, acknowledged map[string]found[standing]
	if len(committing) > 0 {
		both.Go(func() { committed = perCoordinator(ctx, r, committing, r.fetchCommits) })
	}
	if len(sharing) > 0 {
		both.Go(func() { acknowledged = perCoordinator(ctx, r, sharing, r.fetchShares) })
	}
	both.Wait()
	out := make(map[string]found[standing], len(committed)+len(acknowledged))
	maps.Copy(out, committed)
	maps.Copy(out, acknowledged)
	return out
}
