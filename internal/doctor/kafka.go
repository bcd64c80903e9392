package doctor

import (
	"context"
	"errors"
	"fmt"

	"github.com/scalebot/scalebot/internal/scale"
)

func (s patient) brokers(ctx context.Context) []Line {
	if err := s.ping(ctx); err != nil {
		return bad(Fail, err, "Check KAFKA_BROKERS, KAFKA_TLS and the KAFKA_SASL_ variables, and the network policy's port.")
	}
	return well("a broker answers and accepts the credentials")
}

// groups reads every group and topic of the runbook once, as the bot will.
func (s patient) groups(ctx context.Context) []Line {
	if s.ping(ctx) != nil {
		return bad(Fail, errors.New("unknown, because no broker answers"), "Repair the way to Kafka first.")
	}
	lags, groups := s.Kafka.Lags(ctx, s.Book.Components), s.Kafka.Groups(ctx, s.Book.Components)
	var lines []Line
	for _, c := range s.Book.Components {
		lines = append(lines, offsets(c, lags[c.Name])...)
		lines = append(lines, members(c, groups[c.Name])...)
	}
	return lines
}

const offsetsNext = "Check the topics and group in the runbook file, and that the user may describe both."

func offsets(c scale.Component, reading scale.Reading[scale.Lag]) []Line {
	lag, ok := reading.Get()
	switch {
	case !ok:
		return bad(Fail, fmt.Errorf("%s: lag of group %s is unknown: %s", c.Name, c.Group, reading.Why()), offsetsNext)
	case len(lag.Partitions) == 0:
		return bad(Fail, fmt.Errorf("%s: no topic matches %v", c.Name, c.Topics), offsetsNext)
	case !lag.Complete():
		return bad(Warn, fmt.Errorf("%s: %d of %d partitions cannot be read %s", c.Name, lag.Unknown, len(lag.Partitions), reading.Note), offsetsNext)
	}
	return well("%s: %d partitions, lag %s", c.Name, len(lag.Partitions), scale.Count(lag.Total))
}

func members(c scale.Component, reading scale.Reading[scale.Group]) []Line {
	group, ok := reading.Get()
	if !ok {
		return bad(Fail, fmt.Errorf("%s: group %s cannot be read: %s", c.Name, c.Group, reading.Why()), offsetsNext)
	}
	if len(group.Members) == 0 {
		return bad(Warn, errors.New(c.Name+": group "+c.Group+" has no members"), "If workers are running, the group's name in the runbook file is not theirs.")
	}
	return nil
}
