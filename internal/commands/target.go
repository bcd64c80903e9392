package commands

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/scale"
)

// These bounds only reject nonsense. The desk judges which counts a component may have.
const (
	mostReplicas = 1000
	mostFactor   = 10
)

// scale reads "<target>" after a component: 9, to 9, 9 workers, +2, -1, x1.5,
// recommended, min, max.
func (p parser) scale(c scale.Component, words []string) (Command, *scale.Refusal) {
	typed := words
	to := false
	if words[0] == "to" || words[0] == "=" {
		to, words = true, words[1:]
	}
	if words = joined(words); len(words) == 0 {
		return nil, p.refuseNoNumber(c)
	}
	target, refusal := p.target(c, words[0], to)
	if refusal != nil {
		return nil, refusal
	}
	if target.Kind == "" {
		return nil, p.refuseWord([]string{c.Name}, typed)
	}
	rest := words[1:]
	if len(rest) > 0 && isUnit(rest[0]) {
		rest = rest[1:]
	}
	command := p.order(c, target)
	if len(rest) > 0 {
		return nil, refuseAfterNumber(command, rest)
	}
	return command, nil
}

// joined makes one word of a sign and the number after it: "+ 2", "x 1.5".
func joined(words []string) []string {
	if len(words) < 2 || !slices.Contains([]string{"+", "-", "x", "*", "×"}, words[0]) {
		return words
	}
	return slices.Concat([]string{words[0] + words[1]}, words[2:])
}

func isUnit(w string) bool {
	switch strings.TrimSuffix(w, "s") {
	case "worker", "replica", "pod", "instance", "consumer":
		return true
	}
	return false
}

var (
	wholeForm  = regexp.MustCompile(`^[0-9]+$`)
	stepForm   = regexp.MustCompile(`^[+-][0-9]+$`)
	timesForm  = regexp.MustCompile(`^[x*×]([0-9]+(?:\.[0-9]+)?)$|^([0-9]+(?:\.[0-9]+)?)[x×]$`)
	numberish  = regexp.MustCompile(`[0-9]`)
	fractional = regexp.MustCompile(`^[+-]?[0-9]*[.,][0-9]+$`)
	percentage = regexp.MustCompile(`^[+-]?[0-9]{1,4}%$`)
	between    = regexp.MustCompile(`^([0-9]{1,4})(?:-|\.\.)([0-9]{1,4})$`)
	grouped    = regexp.MustCompile(`^[0-9]{1,3}(?:[,._'][0-9]{3})+$`)
)

// target reads one word as a target; the zero target means that the word is not one. to says that
// the word "to" stood in front, after which only a count makes sense.
func (p parser) target(c scale.Component, w string, to bool) (judge.Target, *scale.Refusal) {
	switch w {
	case "recommended", "recommend", "rec":
		return judge.Target{Kind: judge.TargetRecommended}, nil
	case "min", "minimum":
		return judge.Target{Kind: judge.TargetMin}, nil
	case "max", "maximum":
		return judge.Target{Kind: judge.TargetMax}, nil
	case "up", "down", "more", "less", "fewer", "higher", "lower", "out", "in":
		return judge.Target{}, p.refuseDirection(c, w)
	}
	switch {
	case wholeForm.MatchString(w):
		return p.count(c, w)
	case stepForm.MatchString(w):
		return p.step(c, w, to)
	case timesForm.MatchString(w) && !to:
		return p.times(c, w)
	case numberish.MatchString(w), strings.ContainsFunc(w, foreignDigit):
		return judge.Target{}, p.refuseNumber(c, w)
	}
	return judge.Target{}, nil
}

func (p parser) count(c scale.Component, w string) (judge.Target, *scale.Refusal) {
	switch n := number(w); {
	case n == 0:
		return judge.Target{}, p.refuseZero(c)
	case n > mostReplicas:
		return judge.Target{}, p.refuseHuge(c, w)
	default:
		return judge.Exactly(n), nil
	}
}

func (p parser) step(c scale.Component, w string, to bool) (judge.Target, *scale.Refusal) {
	n := number(w[1:])
	switch {
	case to && w[0] == '-':
		return judge.Target{}, p.refuseNegative(c, w)
	case n > mostReplicas:
		return judge.Target{}, p.refuseHuge(c, w)
	case to:
		return p.count(c, w[1:])
	case n == 0:
		return judge.Target{}, p.refuseNothing(c, w)
	case w[0] == '-':
		n = -n
	}
	return judge.Target{Kind: judge.TargetBy, N: n}, nil
}

func (p parser) times(c scale.Component, w string) (judge.Target, *scale.Refusal) {
	m := timesForm.FindStringSubmatch(w)
	text := m[1] + m[2]
	factor, err := strconv.ParseFloat(text, 64)
	_, decimals, _ := strings.Cut(text, ".")
	switch {
	case err != nil, factor > mostFactor, factor == 0, len(decimals) > 2:
		return judge.Target{}, p.refuseFactor(c, w)
	case factor == 1:
		return judge.Target{}, p.refuseNothing(c, w)
	}
	return judge.Target{Kind: judge.TargetTimes, Factor: factor}, nil
}

// number reads digits. A number that does not fit an int becomes larger than every bound.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return math.MaxInt
	}
	return n
}
