package scale_test

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

var now = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// A reading that failed has no value, so that nobody can take it for zero.
func ExampleReading() {
	read := scale.Known(14_200, now, "Kafka")
	failed := scale.Unknown[int]("no answer within 3 s", now, "Kafka")
	for _, lag := range []scale.Reading[int]{read, failed, read.CurrentAt(now.Add(5*time.Minute), time.Minute)} {
		if messages, ok := lag.Get(); ok {
			fmt.Println("lag", messages)
		} else {
			fmt.Println("lag unknown:", lag.Why())
		}
	}
	// Output:
	// lag 14200
	// lag unknown: no answer within 3 s
	// lag unknown: last seen 5 min ago
}
