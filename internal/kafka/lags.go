package kafka

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Lags reads the lag of all components in one sweep, with an entry for every one (T-18).
// What could not be read is an unknown reading, or a known one whose Unknown counts
// the partitions that are missing. It waits for twice the configured
// timeout at most, and one component's failure does not touch another's reading.
func (r *Reader) Lags(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Lag] {
	ctx, cancel := context.WithTimeout(ctx, 2*r.config.Timeout)
	defer cancel()
	s := &sweep{
		reader:   r,
		readings: make(map[string]scale.Reading[scale.Lag], len(components)),
		ends:     make(map[int8]*question),
	}
	s.admit(components)
	if len(s.components) == 0 {
		return s.readings
	}
	if err := s.survey(ctx); err != nil {
		s.failAll(r.fault("reading topics from Kafka", err))
		return s.readings
	}
	s.measure(ctx)
	s.readAgain(ctx)
	s.startOver(ctx)
	for _, c := range s.components {
		s.readings[c.Name] = s.reading(c)
	}
	return s.readings
}

// key names the commits of a group on a topic.
type key struct{ group, topic string }

// sweep is one reading of many components.
type sweep struct {
	reader     *Reader
	components []scale.Component
	wants      []string
	at         time.Time
	layout     *layout
	standings  map[string]found[standing]
	committed  map[key][]offset   // by partition
	ends       map[int8]*question // by isolation level
	starts     *question
	fallen     []string // topics that seem to be others than they were
	readings   map[string]scale.Reading[scale.Lag]
}

// admit returns the components that can be read at all.
func (s *sweep) admit(components []scale.Component) {
	s.at = s.reader.config.Clock.Now()
	wants := make(map[string]bool)
	for _, c := range components {
		if err := checkComponent(c); err != nil {
			s.readings[c.Name] = scale.Unknown[scale.Lag](err.Error(), s.at, source)
			continue
		}
		s.components = append(s.components, c)
		for _, t := range c.Topics {
			wants[t] = true
		}
	}
	s.wants = slices.Sorted(maps.Keys(wants))
}

func checkComponent(c scale.Component) error {
	switch {
	case c.Group == "":
		return fmt.Errorf("the runbook file names no consumer group for %s", c.Name)
	case len(c.Topics) == 0:
		return fmt.Errorf("the runbook file names no topic for %s", c.Name)
	}
	return nil
}

func (s *sweep) failAll(err error) {
	for _, c := range s.components {
		s.readings[c.Name] = scale.Unknown[scale.Lag](err.Error(), s.at, source)
	}
}

// survey finds the partitions and their leaders.
func (s *sweep) survey(ctx context.Context) (err error) {
	s.layout, err = s.reader.layoutFor(ctx, s.wants)
	return err
}

// measure reads commits, ends and, where they are not known, starts at the same time.
func (s *sweep) measure(ctx context.Context) {
	s.at = s.reader.config.Clock.Now()
	s.starts = newQuestion(atStart, readAll)
	groups := make(map[string]bool)
	for _, c := range s.components {
		groups[c.Group] = true
		s.plan(c)
	}
	questions := append(slices.Collect(maps.Values(s.ends)), s.starts)
	var both sync.WaitGroup
	both.Go(func() { s.reader.meet(ctx, s.components) })
	both.Go(func() { s.standings = s.reader.standingsOf(ctx, slices.Sorted(maps.Keys(groups))) })
	s.ask(ctx, questions...)
	both.Wait()
	s.learn(s.starts, s.ends)
	s.index()
}

// plan adds the component's partitions to the questions.
func (s *sweep) plan(c scale.Component) {
	names, err := s.layout.resolve(c)
	if err != nil {
		return // its reading will say so
	}
	ends := s.endsFor(c)
	for _, name := range names {
		t := s.layout.topics[name]
		ends.addTopic(name, len(t.leaders))
		if t.startsMissing() {
			s.starts.addTopic(name, len(t.leaders))
		}
	}
}

// index sorts the commits by group, topic and partition. A commit on a partition that the layout
// does not have means that the topic has grown.
func (s *sweep) index() {
	s.committed = make(map[key][]offset)
	for _, c := range s.components {
		names, err := s.layout.resolve(c)
		if err != nil {
			continue
		}
		for _, name := range names {
			k := key{c.Group, name}
			if s.committed[k] != nil {
				continue
			}
			of, grown := s.standings[c.Group].value.commits.on(name, len(s.layout.topics[name].leaders))
			s.committed[k] = of
			if grown {
				s.reader.distrust()
			}
		}
	}
}

// endsFor is the question for the ends that the component's consumers see.
func (s *sweep) endsFor(c scale.Component) *question {
	isolation := readAll
	if c.ReadCommitted {
		isolation = readCommitted
	}
	if s.ends[isolation] == nil {
		s.ends[isolation] = newQuestion(atEnd, isolation)
	}
	return s.ends[isolation]
}

// readAgain repeats some questions, because commits and ends are read at the same time. When a
// commit is beyond the end, and a second reading of the end has passed it, the commit was only
// read later. And a partition without a commit needs its present start.
func (s *sweep) readAgain(ctx context.Context) {
	starts, ends := newQuestion(atStart, readAll), make(map[int8]*question)
	for _, c := range s.components {
		names, err := s.layout.resolve(c)
		if err != nil || s.standings[c.Group].err != nil {
			continue
		}
		for _, name := range names {
			if s.standings[c.Group].value.kind.SharesPartitions() {
				s.recheckShares(c, name, starts)
				continue
			}
			s.recheckCommits(c, name, ends)
			s.recheckStarts(c, name, starts)
		}
	}
	questions := slices.Collect(maps.Values(ends))
	if len(starts.asked) > 0 {
		questions = append(questions, starts)
	}
	if len(questions) == 0 {
		return
	}
	s.ask(ctx, questions...)
	s.learn(starts, ends)
	for isolation, again := range ends {
		s.ends[isolation].amend(again)
	}
}

// ask sends questions to the leaders. If that required a new layout in which a topic has another
// shape, the topic is added to fallen: the answers are about the old one.
func (s *sweep) ask(ctx context.Context, questions ...*question) {
	before := s.layout
	s.layout = s.reader.ask(ctx, before, s.wants, questions...)
	if s.layout != before {
		s.fallen = append(s.fallen, s.layout.reshaped(before)...)
	}
}

// learn stores the answers in the layout, and adds to fallen the topics whose offsets went back.
func (s *sweep) learn(starts *question, ends map[int8]*question) {
	s.fallen = append(s.fallen, s.layout.learn(starts)...)
	for _, q := range ends {
		s.fallen = append(s.fallen, s.layout.outgrow(q)...)
	}
}

// recheckCommits asks again for the ends of partitions whose commit is beyond the end.
func (s *sweep) recheckCommits(c scale.Component, name string, ends map[int8]*question) {
	q := s.endsFor(c)
	for p, commit := range s.committed[key{c.Group, name}] {
		if end := q.answer(name, p); end.err != nil || commit.value <= end.value {
			continue
		}
		if ends[q.isolation] == nil {
			ends[q.isolation] = newQuestion(atEnd, q.isolation)
		}
		ends[q.isolation].add(name, int32(p))
	}
}

// recheckShares asks for the starts of partitions on which a share group has more lag than the
// log holds from the last known start: that start may belong to a deleted topic.
func (s *sweep) recheckShares(c scale.Component, name string, starts *question) {
	if _, asked := s.starts.asked[name]; asked {
		return
	}
	group, ends := s.standings[c.Group].value.shares, s.endsFor(c)
	for p := range s.layout.topics[name].leaders {
		got, end := group.at(name, int32(p)), ends.answer(name, p)
		if got.err == nil && end.err == nil && got.lag > end.value-s.layout.start(name, p) {
			starts.add(name, int32(p))
		}
	}
}

// recheckStarts asks for the starts that this sweep needs and has not read: those of partitions
// without a commit, and those of partitions whose commit is below the last known start. The
// latter means that records are lost, or that the topic was deleted and created again.
func (s *sweep) recheckStarts(c scale.Component, name string, starts *question) {
	if _, asked := s.starts.asked[name]; asked {
		return
	}
	t := s.layout.topics[name]
	if t.startsMissing() {
		starts.addTopic(name, len(t.leaders))
		return
	}
	ends := s.endsFor(c)
	for p, commit := range s.committed[key{c.Group, name}] {
		missing := commit.value < 0 && c.Reset == scale.ResetEarliest
		passed := commit.value >= 0 && commit.value < s.layout.start(name, p)
		if (missing || passed) && commit.err == nil && ends.answer(name, p).err == nil {
			starts.add(name, int32(p))
		}
	}
}
