package measure_test

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/measure"
)

// Nine workers on 24 partitions are no faster than eight: the busiest one has three
// partitions either way. These are the counts that lower the busiest worker's load.
func ExampleEfficient() {
	fmt.Println(measure.Efficient(24))
	// Output: [1 2 3 4 5 6 8 12 24]
}
