package cards

import (
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// SparkPoints is how many points a sparkline shows; more would wrap on a phone.
const SparkPoints = 20

var sparkBlocks = []rune("▁▂▃▄▅▆▇█")

// Sparkline draws the last few values, scaled between their lowest and highest. A negative value
// means unknown and is drawn as a gap, never as zero. With fewer than two known values it draws
// nothing.
func Sparkline(values []int64) string {
	if len(values) > SparkPoints {
		values = values[len(values)-SparkPoints:]
	}
	low, high, known := bounds(values)
	if known < 2 {
		return ""
	}
	var b strings.Builder
	for _, v := range values {
		b.WriteRune(sparkRune(v, low, high))
	}
	return b.String()
}

func sparkRune(v, low, high int64) rune {
	switch {
	case v < 0:
		return '·'
	case high == low:
		return sparkBlocks[0]
	}
	step := float64(v-low) / float64(high-low) * float64(len(sparkBlocks)-1)
	return sparkBlocks[int(step+0.5)]
}

func bounds(values []int64) (low, high int64, known int) {
	for _, v := range values {
		if v < 0 {
			continue
		}
		if known == 0 {
			low, high = v, v
		}
		low, high, known = min(low, v), max(high, v), known+1
	}
	return low, high, known
}

// barCells is the width of the replicas bar.
const barCells = 12

// Bar draws how many of all are done, as a bar of barCells.
func Bar(done, all int) string {
	if all <= 0 || done < 0 {
		return ""
	}
	cells := min(all, barCells)
	full := min(cells, done*cells/all)
	return strings.Repeat("▰", full) + strings.Repeat("▱", cells-full)
}

// arrow shows the direction in which the lag moves.
func arrow(t scale.Trend) string {
	switch t {
	case scale.Rising:
		return "↗"
	case scale.Falling:
		return "↘"
	case scale.Steady:
		return "→"
	case scale.TrendUnknown:
	}
	return ""
}
