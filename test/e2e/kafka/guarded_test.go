package kafka_test

import (
	"errors"
	"testing"

	botkafka "github.com/scalebot/scalebot/internal/kafka"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// addUser makes a SCRAM user and waits until the broker knows it.
func (w *world) addUser(name, password string) {
	w.t.Helper()
	answers, err := w.admin.AlterUserSCRAMs(w.t.Context(), nil, []kadm.UpsertSCRAM{{User: name, Mechanism: kadm.ScramSha512, Iterations: 4096, Password: password}})
	if err == nil {
		err = answers[name].Err
	}
	if err != nil {
		w.t.Fatal(err)
	}
	reader := w.newReader(w.as(botkafka.ScramSHA512, name, password))
	w.eventually(reader.Ping)
}

// as is the bot's configuration for a user of the guarded listener.
func (w *world) as(mechanism, name, password string) botkafka.Config {
	return botkafka.Config{Brokers: w.cluster.GuardedAddresses(), SASLMechanism: mechanism, SASLUsername: name, SASLPassword: password}
}

// allow lets a user describe the named groups and topics, which is all the bot needs.
func (w *world) allow(user string, groups, topics []string) {
	w.t.Helper()
	builder := kadm.NewACLs().Allow("User:" + user).AllowHosts().Groups(groups...).Topics(topics...).
		ResourcePatternType(kmsg.ACLResourcePatternTypeLiteral).Operations(kadm.OpDescribe)
	answers, err := w.admin.CreateACLs(w.t.Context(), builder)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, a := range answers {
		if a.Err != nil {
			w.t.Fatal(a.Err)
		}
	}
}

func TestWrongPassword(t *testing.T) {
	w := newWorld(t, cluster)
	w.addUser("known", "right")
	for name, c := range map[string]botkafka.Config{
		"SCRAM": w.as(botkafka.ScramSHA512, "known", "wrong"),
		"PLAIN": w.as(botkafka.Plain, kafka.PlainUser, "wrong"),
	} {
		var fault *scale.Fault
		if err := w.newReader(c).Ping(t.Context()); !errors.As(err, &fault) || fault.Kind != scale.FaultForbidden {
			t.Errorf("%s: got %v, want a forbidden fault", name, err)
		}
	}
	if err := w.newReader(w.as(botkafka.Plain, kafka.PlainUser, kafka.PlainPassword)).Ping(t.Context()); err != nil {
		t.Errorf("the right password with PLAIN: got %v", err)
	}
}

// The right to describe is all the bot needs, and what it may not see does not touch what it may.
func TestWhatMayBeDescribed(t *testing.T) {
	w := newWorld(t, cluster)
	w.addUser("describer", "secret")
	for _, topic := range []string{"seen", "hidden"} {
		w.topic(topic)
		w.commit("group-"+topic, topic, 40, 40, 40)
	}
	w.commit("group-of-others", "seen", 10, 10, 10)
	w.allow("describer", []string{"group-seen", "group-hidden"}, []string{"seen"})
	w.reader = w.newReader(w.as(botkafka.ScramSHA512, "describer", "secret"))
	components := []scale.Component{
		{Name: "seen", Group: "group-seen", Topics: []string{"seen"}, Reset: scale.ResetEarliest},
		{Name: "hidden", Group: "group-hidden", Topics: []string{"hidden"}, Reset: scale.ResetEarliest},
		{Name: "others", Group: "group-of-others", Topics: []string{"seen"}, Reset: scale.ResetEarliest},
	}
	w.becomes(components[0], "180 of 3")
	got := w.reader.Lags(t.Context(), components)
	for name, want := range map[string]string{
		"seen":   "180 of 3",
		"hidden": `unknown: topic "hidden": Kafka does not allow describing the topic`,
		"others": `unknown: group "group-of-others": Kafka does not allow describing the group`,
	} {
		if got := picture(got[name]); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if g := w.group(components[0]); !g.Known() {
		t.Errorf("the group that may be described: %s", g.Why())
	}
	w.refusesToWrite(components[0])
}

// refusesToWrite checks that the rights end where they should.
func (w *world) refusesToWrite(c scale.Component) {
	w.t.Helper()
	config := w.as(botkafka.ScramSHA512, "describer", "secret")
	client, err := kgo.NewClient(kgo.SeedBrokers(config.Brokers...),
		kgo.SASL(scram.Auth{User: config.SASLUsername, Pass: config.SASLPassword}.AsSha512Mechanism()))
	if err != nil {
		w.t.Fatal(err)
	}
	defer client.Close()
	var offsets kadm.Offsets
	offsets.AddOffset(c.Topics[0], 0, 0, -1)
	if err := kadm.NewClient(client).CommitAllOffsets(w.t.Context(), c.Group, offsets); !errors.Is(err, kerr.TopicAuthorizationFailed) && !errors.Is(err, kerr.GroupAuthorizationFailed) {
		w.t.Errorf("committing with the right to describe: got %v, want not authorised", err)
	}
}
