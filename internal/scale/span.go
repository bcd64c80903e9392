package scale

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Span prints a duration the way people say it at night: "45 s", "12 min",
// "1 h 5 min", "2 d 3 h". It never prints more than two units.
func Span(d time.Duration) string {
	if d < 0 {
		// The most negative duration cannot be negated: it has no positive counterpart.
		return "-" + Span(-max(d, -math.MaxInt64))
	}
	if d < time.Second {
		return "under 1 s"
	}
	if s := d.Round(time.Second); s < 2*time.Minute {
		return fmt.Sprintf("%d s", s/time.Second)
	}
	if m := d.Round(time.Minute); m < time.Hour {
		return fmt.Sprintf("%d min", m/time.Minute)
	}
	if m := d.Round(time.Minute); m < 24*time.Hour {
		return TwoUnits(m, time.Hour, time.Minute, "h", "min")
	}
	return TwoUnits(d.Round(time.Hour), 24*time.Hour, time.Hour, "d", "h")
}

// TwoUnits prints a duration in a large unit and the rest in a small one: "5 min 30 s".
func TwoUnits(d, big, small time.Duration, bigName, smallName string) string {
	whole, rest := d/big, d%big/small
	if rest == 0 {
		return fmt.Sprintf("%d %s", whole, bigName)
	}
	return fmt.Sprintf("%d %s %d %s", whole, bigName, rest, smallName)
}

// Count prints a whole number with thousands separators: 14,200.
func Count(n int64) string {
	digits := fmt.Sprintf("%d", n)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Percent prints a share as a percentage: 0.824 is "82 %", 0.004 is "0.4 %". A share
// that is not zero never prints as zero.
func Percent(share float64) string {
	p := share * 100
	size := math.Abs(p)
	switch {
	case p > 0 && p < 0.005:
		return "under 0.01 %"
	case size < 0.095 && size > 0:
		return fmt.Sprintf("%.2f %%", p)
	case size < 9.95 && math.Abs(p-math.Round(p)) > 1e-9:
		return fmt.Sprintf("%.1f %%", p)
	}
	return fmt.Sprintf("%.0f %%", p)
}

// PerSecond prints a rate: "740 msg/s", "2.4 msg/s". A rate that is not zero never
// prints as zero.
func PerSecond(rate float64) string {
	switch {
	case rate > 0 && rate < 0.05:
		return "under 0.1 msg/s"
	case math.Abs(rate) < 9.95 && rate != math.Round(rate):
		return fmt.Sprintf("%.1f msg/s", rate)
	}
	return Count(int64(math.Round(rate))) + " msg/s"
}
