package commands

import (
	"fmt"
	"slices"
)

// help returns the page of one command, or all pages.
func (h *Handler) help(c Help) Helped {
	all := pages()
	helped := Helped{Topic: c.Topic, Footer: h.footer(), Runbooks: h.Book.Links}
	if c.Topic == "" {
		for _, p := range all {
			helped.Pages = append(helped.Pages, p.Page)
		}
		return helped
	}
	for _, p := range all {
		if slices.Contains(p.topics, c.Topic) {
			helped.Pages = append(helped.Pages, p.Page)
		}
	}
	return helped
}

// footer names the runbook that the bot follows (R-138, T-38).
func (h *Handler) footer() string {
	return fmt.Sprintf("Runbook of %s, last updated %s (%s). In a thread, mention the bot and write the same without /scale.",
		h.Book.Owner, h.Book.Updated, h.Book.Origin)
}

// topic is a page and the commands it is about.
type topic struct {
	topics []string
	Page
}

// pages is the help in the order people need it.
func pages() []topic {
	return slices.Concat(showPages(), changePages(), otherPages())
}

func showPages() []topic {
	return []topic{
		{[]string{"overview"}, Page{
			Usage: "/scale", Summary: "All components at a glance.",
			Detail:   "One line each: replicas, lag and where it is going, what the runbook says, and what is under way.",
			Examples: []string{"/scale", "/scale overview"},
		}},
		{[]string{"status"}, Page{
			Usage: "/scale [status] <component>", Summary: "One component with its evidence and the recommendation. Never scales.",
			Detail:   "A component may be called by its name, an alias or its topic: download-worker, dw, download worker, downloads.pending. In the thread of a card the component may be left out.",
			Examples: []string{"/scale download-worker", "/scale status dw", "/scale recommend downloads.pending"},
		}},
		{[]string{"why"}, Page{
			Usage: "/scale why <component>", Summary: "Which rules of the runbook hold, with every number and its age.",
			Detail:   "Lists all rules, those that could not be judged too, and the argument that leads to the recommendation.",
			Examples: []string{"/scale why download-worker"},
		}},
		{[]string{"diagnose"}, Page{
			Usage: "/scale diagnose <component>", Summary: "The runbook's troubleshooting applied to what is seen now.",
			Detail:   "Says whether more workers could help at all: bottleneck elsewhere, partitions, limits, rebalance, pods that do not start.",
			Examples: []string{"/scale diagnose download-worker"},
		}},
		capacityPage(),
		{[]string{"watch"}, Page{
			Usage: "/scale watch <component> [for <length>]", Summary: "A live view that keeps itself current.",
			Detail:   "It ends by itself after 10 minutes unless a length from 1m to 1h is given.",
			Examples: []string{"/scale watch download-worker", "/scale watch dw for 30m"},
		}},
		{[]string{"history"}, Page{
			Usage: "/scale history [component]", Summary: "The latest changes: who asked, who decided, what became of it.",
			Examples: []string{"/scale history", "/scale history download-worker"},
		}},
		{[]string{"timeline"}, Page{
			Usage: "/scale timeline <operation or component>", Summary: "The story of one change as Markdown, to copy into a post-mortem.",
			Detail:   "Times in UTC and since the request, who did what, the numbers and the reports. A component means its newest change.",
			Examples: []string{"/scale timeline download-worker-17", "/scale timeline download-worker"},
		}},
	}
}

func changePages() []topic {
	return []topic{
		{[]string{"scale"}, Page{
			Usage: "/scale <component> <target> [because <reason>] [options]", Summary: "Proposes another number of replicas. Nothing changes before somebody on call approves.",
			Detail: "A target is 9, to 9, 9 workers, +2, -1, x1.5, recommended, min or max. Options may stand anywhere: --dry-run, --reason \"text\", " +
				"--override-minimum to go below the minimum, --break-glass to carry alone what needs two people; the last two need a reason. " +
				"A reason may also follow the word because at the end.",
			Examples: []string{
				"/scale download-worker 9", "/scale dw +2 because lag is rising", "/scale event ingester recommended",
				`/scale rp x1.5 --reason "slow batches" --dry-run`, "/scale dw 14 --break-glass because nobody else is awake",
			},
		}},
		{[]string{"plan"}, Page{
			Usage: "/scale plan <component> <target>", Summary: "Shows what a change would do and changes nothing; the same as --dry-run.",
			Examples: []string{"/scale plan download-worker 12", "/scale download-worker 12 --dry-run"},
		}},
		{[]string{"approve"}, Page{
			Usage: "/scale approve <operation or component>", Summary: "Approves a proposal; only people on call may.",
			Detail: "The same as the button on the card. In the thread of the card the operation may be left out. A risky change takes two different people; " +
				"alone on call, add --break-glass and a reason: it is marked, recorded and announced.",
			Examples: []string{"/scale approve download-worker-17", "/scale approve dw --break-glass because nobody else is awake"},
		}},
		{[]string{"decline"}, Page{
			Usage: "/scale decline <operation or component> [because <reason>]", Summary: "Declines a proposal; only people on call may.",
			Examples: []string{"/scale decline download-worker-17 because the backlog is gone", "/scale reject dw"},
		}},
		{[]string{"cancel"}, Page{
			Usage: "/scale cancel <operation or component>", Summary: "Takes a change back before it is carried out.",
			Detail:   "Who asked for it may, and everybody on call.",
			Examples: []string{"/scale cancel download-worker-17", "/scale cancel download-worker"},
		}},
		{[]string{"undo"}, Page{
			Usage: "/scale undo <operation or component>", Summary: "Goes back to the number of replicas before a change.",
			Detail:   "Only as long as nothing else has changed since. It is a change of its own, with the same checks and reports.",
			Examples: []string{"/scale undo download-worker-17", "/scale rollback download-worker"},
		}},
	}
}

func otherPages() []topic {
	return []topic{
		{[]string{"snooze"}, Page{
			Usage: "/scale snooze <component> <length or recovery>", Summary: "Silences the alert of a component.",
			Detail:   "From 5m to 24h, or until it recovers. A higher urgency speaks nevertheless.",
			Examples: []string{"/scale snooze download-worker 30m", "/scale snooze dw until recovery"},
		}},
		{[]string{"oncall"}, Page{
			Usage: "/scale oncall", Summary: "Who may decide now, and how that is known.",
			Examples: []string{"/scale oncall"},
		}},
		{[]string{"help"}, Page{
			Usage: "/scale help [command]", Summary: "This list, or one command with examples.",
			Examples: []string{"/scale help", "/scale help approve"},
		}},
		{[]string{"version"}, Page{
			Usage: "/scale version", Summary: "Which version of the bot answers.",
			Examples: []string{"/scale version"},
		}},
	}
}
