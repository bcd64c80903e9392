package judge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestScaleDownOfStaticMembersWarnsBefore(t *testing.T) {
	w := measuretest.CalmWorld().Workers(9).Consumers(measuretest.Each(9, 1)...).Named()
	scaletest.WantText(t, "the card", strings.Join(planned(w, 8, "").Warnings, "\n"), "static members (group.instance.id)", "45 s")
	if text := strings.Join(planned(w, 12, "").Warnings, "\n"); strings.Contains(text, "static") {
		t.Errorf("up: got %q, want no word of it", text)
	}
	if text := strings.Join(planned(measuretest.CalmWorld().Workers(9), 8, "").Warnings, "\n"); strings.Contains(text, "static") {
		t.Errorf("no static members: got %q, want no word of it", text)
	}
}

// KIP-345: until when the partitions of those that went wait is what the workers set, in a
// classic group; the other groups have their time-out from the broker.
func TestSessionTimeoutIsTheGroupsOwn(t *testing.T) {
	for _, c := range []struct {
		group scale.GroupType
		env   string
		want  string
	}{
		{scale.GroupClassic, "", "45 s unless it was set otherwise"},
		{scale.GroupClassic, "30000", "30 s by KAFKA_SESSION_TIMEOUT_MS"},
		{"", "30000", "30 s by KAFKA_SESSION_TIMEOUT_MS"},
		{scale.GroupClassic, "9223372036854775807", "45 s unless it was set otherwise"},
		{scale.GroupClassic, "2147483648", "45 s unless it was set otherwise"},
		{scale.GroupClassic, "soon", "45 s unless it was set otherwise"},
		{scale.GroupClassic, "0", "45 s unless it was set otherwise"},
		{scale.GroupConsumer, "30000", "45 s unless the broker's group setting says otherwise"},
		{scale.GroupStreams, "", "45 s unless the broker's group setting says otherwise"},
	} {
		w := measuretest.CalmWorld().Workers(9).Consumers(measuretest.Each(9, 1)...).Named()
		w.Now.Group.Value.Type, w.Now.Workload.Value.Env = c.group, map[string]string{measure.EnvSession: c.env}
		scaletest.WantText(t, fmt.Sprintf("%s %q", c.group, c.env), strings.Join(planned(w, 8, "").Warnings, "\n"), c.want)
	}
}
