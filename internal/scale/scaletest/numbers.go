// Package scaletest holds texts that people read against the numbers in them. It serves
// tests alone.
package scaletest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	// compared is "54 < 1,000", with units and "of limit" behind the first number.
	compared = regexp.MustCompile(`(?:^|[\s*(])([\d,]+(?:\.\d+)?)(?: (?:%|s|msg/s))?(?: of (?:limit|request))? ([<>]) ([\d,]+(?:\.\d+)?)`)
	// between is "7 s to 16 min" in brackets, or behind "between" with "and".
	bracketed = regexp.MustCompile(`\(([^()]+) to ([^()]+)\)`)
	between   = regexp.MustCompile(`between ([^,;.]+?) and ([^,;.]+)`)
	dashed    = regexp.MustCompile(`(?:^| )(\d+)–(\d+)\b`)
	exceeded  = regexp.MustCompile(`([\d,]+(?:\.\d+)?)(?: (?:%|s|msg/s))? (?:is|are) (over|under|above|below) ([\d,]+(?:\.\d+)?)`)
	length    = regexp.MustCompile(`^(?:under )?(\d+) (s|min|h|d)(?: (\d+) (min|h))?$`)
)

// useless is how many times its lower end the upper end of an interval may be before it has
// to be called uncertain.
const useless = 10

// Untrue lists what a text says about numbers that the numbers in it do not bear out:
// comparisons that are false, intervals that are points, intervals without use that are
// not called uncertain, forecasts that are compared with and no longer apply.
func Untrue(text string) []string {
	var faults []string
	add := func(what string, found ...string) {
		faults = append(faults, fmt.Sprintf("%s: %q in %q", what, found, text))
	}
	for _, m := range append(compared.FindAllStringSubmatch(text, -1), exceeded.FindAllStringSubmatch(text, -1)...) {
		if !holds(Number(m[1]), m[2], Number(m[3])) {
			add("the comparison is false", m[0])
		}
	}
	for _, m := range append(bracketed.FindAllStringSubmatch(text, -1), between.FindAllStringSubmatch(text, -1)...) {
		low, isLow := Length(m[1])
		high, isHigh := Length(m[2])
		switch {
		case !isLow || !isHigh:
		case low >= high:
			add("the interval is none", m[0])
		case high > useless*max(low, time.Second) && !strings.Contains(text, "uncertain"):
			add("the interval is without use", m[0])
		}
	}
	for _, m := range dashed.FindAllStringSubmatch(text, -1) {
		if Number(m[1]) >= Number(m[2]) {
			add("the range is none", m[0])
		}
	}
	if strings.Contains(text, "no longer applies") && regexp.MustCompile(`(as|than) predicted`).MatchString(text) {
		add("a forecast that does not apply is compared with")
	}
	return faults
}

func holds(a float64, sign string, b float64) bool {
	switch sign {
	case "<", "under", "below":
		return a < b
	}
	return a > b
}

// Number reads a printed number: "14,200" is 14200.
func Number(text string) float64 {
	v, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	if err != nil {
		return 0
	}
	return v
}

// Length reads a printed duration, such as "1 h 37 min".
func Length(text string) (time.Duration, bool) {
	m := length.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, false
	}
	units := map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour}
	return time.Duration(Number(m[1]))*units[m[2]] + time.Duration(Number(m[3]))*units[m[4]], true
}
