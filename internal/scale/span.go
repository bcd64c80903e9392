package scale

import (
	"fmt"
	"strings"
	"time"
)

// Span prints a duration the way people say it at night: "45 s", "12 min",
// "1 h 05 min", "2 d 3 h". It never prints more than two units.
func Span(d time.Duration) string {
	if d < 0 {
		return "-" + Span(-d)
	}
	switch {
	case d < time.Second:
		return "under 1 s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	case d < 24*time.Hour:
		return twoUnits(d.Round(time.Minute), time.Hour, time.Minute, "h", "min")
	default:
		return twoUnits(d.Round(time.Hour), 24*time.Hour, time.Hour, "d", "h")
	}
}

func twoUnits(d, big, small time.Duration, bigName, smallName string) string {
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

// Percent prints a share as a percentage: 0.824 is "82 %", 0.004 is "0.4 %".
func Percent(share float64) string {
	if p := share * 100; p < 10 && p > -10 && p != float64(int(p)) {
		return fmt.Sprintf("%.1f %%", p)
	}
	return fmt.Sprintf("%.0f %%", share*100)
}

// PerSecond prints a rate: "740 msg/s", "2.4 msg/s".
func PerSecond(rate float64) string {
	if rate < 10 && rate > -10 && rate != float64(int(rate)) {
		return fmt.Sprintf("%.1f msg/s", rate)
	}
	return Count(int64(rate+0.5)) + " msg/s"
}
