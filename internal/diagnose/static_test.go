package diagnose

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// Kafka's consumers of the newer protocols refuse to start with session.timeout.ms.
func TestR134AdviceFitsTheProtocol(t *testing.T) {
	for kind, want := range map[scale.GroupType]string{
		scale.GroupClassic: "KAFKA_SESSION_TIMEOUT_MS is not set", "": "KAFKA_SESSION_TIMEOUT_MS is not set",
		scale.GroupConsumer: "its group setting consumer.session.timeout.ms, 45 to 60 s",
		scale.GroupStreams:  "its group setting streams.session.timeout.ms, 45 to 60 s",
	} {
		w := measuretest.CalmWorld()
		w.Now.Group.Value.Type, w.Now.Group.Value.State = kind, "PreparingRebalance"
		w.Now.Group.Value.RebalancingSince = w.Now.At.Add(-3 * time.Minute)
		text := strings.Join(Diagnose(w.Component, w.Policy, w.Now, w.Past).Next, "\n")
		scaletest.WantText(t, fmt.Sprintf("%q", kind), text, want)
		if kind == scale.GroupConsumer && strings.Contains(text, "SESSION_TIMEOUT") {
			t.Errorf("%s: got %q, want no client setting", kind, text)
		}
	}
}
