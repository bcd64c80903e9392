package kube

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// lagTrigger reads the options of KEDA's Kafka scaler. It is not known when KEDA would reject one
// of the options, because then the trigger does not exist.
func lagTrigger(values map[string]string) (scale.LagTrigger, bool) {
	r := options{values: values, ok: true}
	t := scale.LagTrigger{
		Topic: values["topic"], Threshold: r.number("lagThreshold", 10), Activation: r.number("activationLagThreshold", 0),
		Earliest: values["offsetResetPolicy"] == "earliest", ZeroWithoutCommit: r.flag("scaleToZeroOnInvalidOffset"),
		IdleConsumers: r.flag("allowIdleConsumers"), LaggingOnly: r.flag("limitToPartitionsWithLag"),
		Even: r.flag("ensureEvenDistributionOfPartitions"), ExcludePersistent: r.flag("excludePersistentLag"),
	}
	if t.Topic != "" {
		t.Partitions = r.partitions("partitionLimitation")
	}
	return t, r.ok && t.Threshold > 0
}

// options reads values one by one and notes whether one is invalid.
type options struct {
	values map[string]string
	ok     bool
}

func (r *options) number(name string, otherwise int64) int64 {
	text := cmp.Or(strings.TrimSpace(r.values[name]), strconv.FormatInt(otherwise, 10))
	n, err := strconv.ParseInt(text, 10, 64)
	r.ok = r.ok && err == nil && n >= 0
	return n
}

func (r *options) flag(name string) bool {
	text := cmp.Or(strings.TrimSpace(r.values[name]), "false")
	on, err := strconv.ParseBool(text)
	r.ok = r.ok && err == nil
	return on
}

// mostPartitions bounds how many partitions a range is expanded to.
const mostPartitions = 10_000

// partitions reads "0-2,7".
func (r *options) partitions(name string) []int32 {
	if strings.TrimSpace(r.values[name]) == "" {
		return nil
	}
	var all []int32
	for part := range strings.SplitSeq(r.values[name], ",") {
		from, to, span := strings.Cut(strings.TrimSpace(part), "-")
		if !span {
			to = from
		}
		first, err := strconv.ParseInt(strings.TrimSpace(from), 10, 32)
		last, other := strconv.ParseInt(strings.TrimSpace(to), 10, 32)
		if err != nil || other != nil || first < 0 || last-first >= mostPartitions || len(all) > mostPartitions {
			r.ok = false
			return nil
		}
		for n := first; n <= last; n++ {
			all = append(all, int32(n))
		}
	}
	return all
}
