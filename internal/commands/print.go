package commands

import (
	"strings"
	"time"
)

// invocation stands in front of a command in a line that people can copy.
const invocation = "/scale "

// line is the command as a complete line to copy.
func line(c Command) string { return invocation + c.String() }

// phrase joins the words that are not empty.
func phrase(words ...string) string {
	var present []string
	for _, w := range words {
		if w != "" {
			present = append(present, w)
		}
	}
	return strings.Join(present, " ")
}

func reasonOption(reason string) string {
	if reason == "" {
		return ""
	}
	return "--reason " + quoteText(reason)
}

// flagged is an option without a value, where it is set.
func flagged(set bool, name string) string {
	if set {
		return name
	}
	return ""
}

// String is "overview".
func (Fleet) String() string { return "overview" }

// String is "status download-worker" or "why download-worker".
func (c Show) String() string {
	if c.Why {
		return phrase("why", c.Component)
	}
	return phrase("status", c.Component)
}

// String is "download-worker 9", with the options it has.
func (c Scale) String() string {
	return phrase(c.Component, c.Target.String(), flagged(c.DryRun, optionDryRun), flagged(c.OverrideMinimum, optionOverride),
		flagged(c.BreakGlass, optionGlass), reasonOption(c.Reason))
}

// String is "approve download-worker-17", with the reason if there is one.
func (c Decide) String() string {
	return phrase(string(c.Choice), c.Operation, flagged(c.BreakGlass, optionGlass), reasonOption(c.Reason))
}

// String is "history download-worker".
func (c History) String() string { return phrase("history", c.Component) }

// String is "oncall".
func (OnCall) String() string { return "oncall" }

// String is "watch download-worker for 10m".
func (c Watch) String() string { return phrase("watch", c.Component, "for", spell(c.Length)) }

// String is "diagnose download-worker".
func (c Diagnose) String() string { return phrase("diagnose", c.Component) }

// String is "snooze download-worker 30m" or "snooze download-worker recovery".
func (c Snooze) String() string {
	if c.Length == 0 {
		return phrase("snooze", c.Component, recovery)
	}
	return phrase("snooze", c.Component, spell(c.Length))
}

// String is "help approve".
func (c Help) String() string { return phrase("help", c.Topic) }

// String is "version".
func (Version) String() string { return "version" }

// spell prints a duration the way people type it: 1h30m.
func spell(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
