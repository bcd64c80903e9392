package commands

import (
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// verb is one word of the language that begins a command.
type verb struct {
	// names are the word and its synonyms, the usual one first.
	names []string
	// component says that the verb is about a component, so that it may follow one.
	component bool
	read      func(p parser, words []string) (Command, *scale.Refusal)
}

// verbs is the language in the order of the help.
func verbs() []verb {
	return []verb{
		{names: []string{"overview", "fleet"}, read: fixed(Fleet{}, "overview")},
		{names: []string{"status", "recommend"}, component: true, read: showVerb(false, "status")},
		{names: []string{"scale", "set"}, component: true, read: order("scale", false)},
		{names: []string{"plan", "preview"}, component: true, read: order("plan", true)},
		{names: []string{"why"}, component: true, read: showVerb(true, "why")},
		{names: []string{"approve"}, component: true, read: decide(Approve)},
		{names: []string{"decline", "reject"}, component: true, read: decide(Decline)},
		{names: []string{"cancel"}, component: true, read: decide(Cancel)},
		{names: []string{"undo", "rollback"}, component: true, read: decide(Undo)},
		{names: []string{"watch"}, component: true, read: watch},
		{names: []string{"diagnose"}, component: true, read: parseDiagnose},
		{names: []string{"capacity"}, component: true, read: parseCapacity},
		{names: []string{"snooze"}, component: true, read: snooze},
		{names: []string{"history"}, component: true, read: history},
		{names: []string{"timeline", "postmortem", "post-mortem"}, component: true, read: timeline},
		{names: []string{"oncall", "on-call"}, read: fixed(OnCall{}, "oncall")},
		{names: []string{"help", "?"}, read: func(p parser, words []string) (Command, *scale.Refusal) { return p.help(words) }},
		{names: []string{"version"}, read: fixed(Version{}, "version")},
	}
}

func verbOf(w string) (verb, bool) {
	all := verbs()
	i := slices.IndexFunc(all, func(v verb) bool { return slices.Contains(v.names, w) })
	if i < 0 {
		return verb{}, false
	}
	return all[i], true
}

// verbNames are all words that begin a command.
func verbNames() []string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.names...)
	}
	return names
}

// fixed is a command without arguments.
func fixed(c Command, name string) func(parser, []string) (Command, *scale.Refusal) {
	return func(p parser, words []string) (Command, *scale.Refusal) {
		if len(words) > 0 {
			return nil, p.refuseRest([]string{name}, words)
		}
		return c, nil
	}
}

func showVerb(why bool, name string) func(parser, []string) (Command, *scale.Refusal) {
	return func(p parser, words []string) (Command, *scale.Refusal) {
		component, refusal := p.mayBeComponent([]string{name}, words)
		if refusal != nil {
			return nil, refusal
		}
		return Show{Component: component, Why: why}, nil
	}
}

// order is "scale <component> <target>" and "plan <component> <target>".
func order(name string, dryRun bool) func(parser, []string) (Command, *scale.Refusal) {
	return func(p parser, words []string) (Command, *scale.Refusal) {
		p.in.dryRun = p.in.dryRun || dryRun
		if len(words) == 0 {
			return nil, p.refuseNoComponent(name)
		}
		component, rest, ok := p.component(words)
		if !ok {
			return nil, p.refuseWord([]string{name}, words)
		}
		if len(rest) == 0 {
			return nil, p.refuseNoNumber(component)
		}
		return p.scale(component, rest)
	}
}

func decide(choice Choice) func(parser, []string) (Command, *scale.Refusal) {
	return func(p parser, words []string) (Command, *scale.Refusal) {
		operation, refusal := p.operation(choice, words)
		if refusal != nil {
			return nil, refusal
		}
		return Decide{Choice: choice, Operation: operation, Reason: p.in.reason, BreakGlass: p.in.glass && choice == Approve}, nil
	}
}

// operation reads an operation's id or a component, or nothing.
func (p parser) operation(choice Choice, words []string) (string, *scale.Refusal) {
	return p.named(string(choice), words, func(id string) Command {
		return Decide{Choice: choice, Operation: id, Reason: p.in.reason, BreakGlass: p.in.glass && choice == Approve}
	})
}

// named reads the words after a verb about operations. retry makes the command for an id that was
// probably meant.
func (p parser) named(verb string, words []string, retry func(id string) Command) (string, *scale.Refusal) {
	before := []string{verb}
	if len(words) == 0 {
		return "", nil
	}
	if name, number, err := ledger.ParseOperationID(words[0]); err == nil {
		c, ok := p.book.Component(name)
		if !ok {
			return "", p.refuseOperation(verb, name, number, retry)
		}
		if len(words) > 1 {
			return "", p.refuseRest([]string{verb, ledger.OperationID(c.Name, number)}, words[1:])
		}
		return ledger.OperationID(c.Name, number), nil
	}
	return p.mayBeComponent(before, words)
}

func history(p parser, words []string) (Command, *scale.Refusal) {
	component, refusal := p.mayBeComponent([]string{"history"}, words)
	if refusal != nil {
		return nil, refusal
	}
	return History{Component: component}, nil
}

func parseDiagnose(p parser, words []string) (Command, *scale.Refusal) {
	component, refusal := p.mayBeComponent([]string{"diagnose"}, words)
	if refusal != nil {
		return nil, refusal
	}
	return Diagnose{Component: component}, nil
}

// The bounds of a live view; it ends by itself.
const (
	watchUsual = 10 * time.Minute
	watchLeast = time.Minute
	watchMost  = time.Hour
)

func watch(p parser, words []string) (Command, *scale.Refusal) {
	component, text, refusal := p.lengthAfter("watch", words)
	if refusal != nil {
		return nil, refusal
	}
	c := Watch{Component: component, Length: watchUsual}
	if text == "" {
		return c, nil
	}
	length, ok := parseLength(text)
	if !ok || length < watchLeast || length > watchMost {
		return nil, refuseLength(text, c, watchLeast, watchMost)
	}
	c.Length = length
	return c, nil
}

// snoozeUsual is the length that examples name.
const snoozeUsual = 30 * time.Minute

// recovery is the length of a snooze that lasts until the component recovers.
const recovery = "recovery"

func snooze(p parser, words []string) (Command, *scale.Refusal) {
	component, text, refusal := p.lengthAfter("snooze", words)
	if refusal != nil {
		return nil, refusal
	}
	if untilRecovery(text) {
		return Snooze{Component: component}, nil
	}
	length, ok := parseLength(text)
	if !ok || length < scale.SnoozeLeast || length > scale.SnoozeMost {
		return nil, refuseLength(text, Snooze{Component: component, Length: snoozeUsual}, scale.SnoozeLeast, scale.SnoozeMost)
	}
	return Snooze{Component: component, Length: length}, nil
}

func (p parser) help(words []string) (Command, *scale.Refusal) {
	if len(words) == 0 {
		return Help{}, nil
	}
	v, ok := verbOf(words[0])
	switch {
	case ok && len(words) == 1:
		return Help{Topic: v.names[0]}, nil
	case ok:
		return nil, p.refuseRest([]string{"help", v.names[0]}, words[1:])
	}
	if _, _, ok := p.component(words); ok {
		return Help{Topic: "scale"}, nil
	}
	return nil, p.refuseTopic(words[0])
}
