package doctor

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/scalebot/scalebot/internal/scale"
)

func (s patient) brokers(ctx context.Context) []Line {
	if err := s.ping(ctx); err != nil {
		return bad(Fail, err, "Check KAFKA_BROKERS, KAFKA_TLS and the KAFKA_SASL_ variables, and the network policy's port.")
	}
	return well("a broker answers and accepts the credentials")
}

// groups reads every group and topic of the runbook once, as the bot would.
func (s patient) groups(ctx context.Context) []Line {
	if s.ping(ctx) != nil {
		return bad(Fail, errors.New("unknown, because no broker answers"), "Repair the way to Kafka first.")
	}
	var lags map[string]scale.Reading[scale.Lag]
	var groups map[string]scale.Reading[scale.Group]
	var both sync.WaitGroup
	both.Go(func() { lags = s.Kafka.Lags(ctx, s.Book.Components) })
	both.Go(func() { groups = s.Kafka.Groups(ctx, s.Book.Components) })
	both.Wait()
	var found []finding
	for _, c := range s.Book.Components {
		found = append(found, offsets(c, lags[c.Name]))
		found = append(found, members(c, groups[c.Name])...)
	}
	return summarise(len(s.Book.Components), "groups and topics", found)
}

const offsetsNext = "Check the topics and group in the runbook file, and that the user may describe both."

func offsets(c scale.Component, reading scale.Reading[scale.Lag]) finding {
	f := finding{level: Fail, component: c.Name, next: offsetsNext}
	lag, ok := reading.Get()
	switch {
	case !ok:
		f.what, f.alike = fmt.Sprintf("lag of group %s is unknown: %s", c.Group, reading.Why()), "the lag is unknown: "+reading.Why()
	case len(lag.Partitions) == 0:
		f.what = fmt.Sprintf("no topic matches %v", c.Topics)
	case !lag.Complete():
		f.level, f.what = Warn, fmt.Sprintf("%d of %d partitions cannot be read %s", lag.Unknown, len(lag.Partitions), reading.Note)
	default:
		return finding{level: OK, component: c.Name, what: fmt.Sprintf("%d partitions, lag %s", len(lag.Partitions), scale.Count(lag.Total))}
	}
	return f
}

func members(c scale.Component, reading scale.Reading[scale.Group]) []finding {
	group, ok := reading.Get()
	if !ok {
		return []finding{{
			level: Fail, component: c.Name, next: offsetsNext,
			what: "group " + c.Group + " cannot be read: " + reading.Why(), alike: "the group cannot be read: " + reading.Why(),
		}}
	}
	if len(group.Members) == 0 {
		return []finding{{
			level: Warn, component: c.Name, what: "group " + c.Group + " has no members", alike: "the group has no members",
			next: "If workers are running, the group's name in the runbook file is not theirs.",
		}}
	}
	return nil
}
