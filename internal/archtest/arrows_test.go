package archtest

// Libraries that several packages use, as import path prefixes.
const (
	errgroupLibrary   = "golang.org/x/sync"
	franzLibrary      = "github.com/twmb/franz-go"
	kubernetesLibrary = "k8s.io/"
	prometheusLibrary = "github.com/prometheus/"
	websocketLibrary  = "github.com/gorilla/websocket"
)

// arrow is one permission to import, with what the importing package does with it. to is a
// package of the module (its path without internal/) or the prefix of an outside import path.
type arrow struct{ to, why string }

// packageRow is the place of one package in the program: what it is about, and what it may
// import besides the standard library.
type packageRow struct {
	path, subject string
	ours          []arrow
	outside       []arrow
}

// arrows is the table of arrows, from the ground up: a package imports only packages of rows
// above its own. A package without a row fails the test, so that a new one gets its place by
// decision and not by accident. ARCHITECTURE.md prints this table.
var arrows = []packageRow{
	{path: "internal/pace", subject: "the clock, which the demo runs faster than the wall"},
	{path: "internal/secret", subject: "text that never prints itself"},
	{path: "internal/memnet", subject: "a network in memory, for tests under a fake clock"},
	{path: "internal/blockkit", subject: "Slack's limits on messages and views: the bot fits to them, the emulator refuses by them"},
	{path: "manifests", subject: "the installation's YAML, embedded"},
	{path: "internal/scale", subject: "the vocabulary: component, reading, snapshot, lag, group, workload, owner, policy, refusal, fault"},
	{path: "internal/scale/scaletest", subject: "holds texts that people read against the numbers in them"},
	{path: "internal/change", subject: "what can be changed: a closed set of kinds with absolute values, one file for each"},
	{
		path: "internal/ledger", subject: "the durable story: operation, step, event, state table, plan, approval, report, episode",
		ours: []arrow{{"scale", "the nouns it records"}, {"change", "what each step sets"}},
	},
	{
		path: "internal/ledger/ledgertest", subject: "the contract of both ports of the store, as test suites",
		ours: []arrow{{"scale", "people, faults"}, {"change", "a change to store"}, {"ledger", "the ports, the records"}},
	},
	{
		path: "internal/measure", subject: "numbers from a snapshot and its past: rates, trend, window, members, capacity, drain; `measure.Case` bundles them",
		ours: []arrow{{"scale", "what is measured"}, {"ledger", "forecasts"}},
	},
	{
		path: "internal/measure/measuretest", subject: "worlds for the tests of judgement: a component at one moment with its past",
		ours: []arrow{{"scale", "what it makes up"}, {"scale/scaletest", "the moment all worlds begin at"}},
	},
	{
		path: "internal/ownership", subject: "what becomes of a count that somebody else owns: HPA, KEDA, GitOps, Helm, Rollout",
		ours: []arrow{{"scale", "the owner"}, {"measure", "how partitions are dealt out"}},
	},
	{
		path: "internal/judge", subject: "judgement before a change: triggers, vetoes, recommendation, plan, risks, refusals, alerts",
		ours: []arrow{{"scale", "findings, checks"}, {"ledger", "the plan it makes, the episode it moves"}, {"measure", "the case it judges"}, {"ownership", "who undoes the change"}},
	},
	{
		path: "internal/judge/judgetest", subject: "judges the worlds of measuretest for the tests of what comes after",
		ours: []arrow{{"scale", "findings, refusals"}, {"ledger", "plans"}, {"measure/measuretest", "the worlds"}, {"judge", "judges them"}},
	},
	{
		path: "internal/review", subject: "judgement after a change of a count: the checks of each report, verdict, next step, who set it back",
		ours: []arrow{
			{"scale", "checks, verdicts"}, {"ledger", "the operation it reviews"}, {"measure", "before and after"},
			{"judge", "the limits a report is held against"},
		},
	},
	{
		path: "internal/diagnose", subject: "the runbook's troubleshooting section, branch by branch, and tuning",
		ours: []arrow{
			{"scale", "checks"}, {"measure", "the case it looks through"}, {"ownership", "what an owner does"}, {"judge", "vetoes and their remedies"}, {"review", "what the last change brought"},
		},
	},
	{
		path: "internal/capacity", subject: "planning: how many workers a demand takes, and what would have to change",
		ours: []arrow{{"scale", "component, policy"}, {"measure", "what a worker manages, how partitions are dealt out"}, {"ownership", "where the count has to be set"}, {"judge", "what speaks against more workers"}},
	},
	{
		path: "internal/lever", subject: "one lever for each kind of change: propose, where it stands, drift, settle, report, undo; pure",
		ours: []arrow{
			{"scale", "snapshots, refusals"}, {"change", "the kinds it judges"}, {"ledger", "the operation and its rollout"}, {"measure", "members before and after"},
			{"ownership", "when to look for a revert"}, {"judge", "resolves, refuses, plans"}, {"review", "reports, who set it back"},
		},
	},
	{
		path: "internal/runbook", subject: "the runbook as data: the embedded default, a team's own file, every mistake with its line",
		ours: []arrow{
			{"scale", "fills its components and policy"}, {"measure", "the shortest window a rate is worth"}, {"ledger", "what operations and episodes are called"},
			{"judge", "the triggers, whose limits it reads and checks"},
		},
		outside: []arrow{{"go.yaml.in/yaml/v3", "keeps the line of every value"}},
	},
	{
		path: "internal/memstore", subject: "operations and episodes in memory",
		ours: []arrow{{"scale", "faults"}, {"ledger", "the records it keeps"}},
	},
	{
		path: "internal/audit", subject: "the trail of operations: hash-chained records, a timeline in Markdown; pure",
		ours: []arrow{{"scale", "readings and spans in words"}, {"change", "the figures of a change"}, {"ledger", "the operations it tells of"}, {"measure", "members of the group before a change"}},
	},
	{
		path: "internal/pagerduty", subject: "who is on call by a PagerDuty schedule",
		ours:    []arrow{{"scale", "people, faults"}},
		outside: []arrow{{"github.com/PagerDuty/go-pagerduty", "the API's client"}},
	},
	{
		path: "internal/kafka", subject: "lag, members and assignments of consumer groups",
		ours:    []arrow{{"scale", "readings, faults"}, {"pace", "the time of a reading"}},
		outside: []arrow{{franzLibrary, "the Kafka protocol"}, {errgroupLibrary, "all brokers at once"}},
	},
	{
		path: "internal/metrics", subject: "what the workers say of themselves, from Prometheus or their own pods",
		ours:    []arrow{{"scale", "signals, readings"}, {"pace", "the time of a reading"}},
		outside: []arrow{{prometheusLibrary, "the exposition format, the API's value types"}, {errgroupLibrary, "scrapes several pods at once"}},
	},
	{
		path: "internal/kube/api", subject: "how the API server is called: deadlines, pages, watches, and what its answers mean",
		ours: []arrow{{"scale", "faults"}}, outside: []arrow{{kubernetesLibrary, "API types and client"}},
	},
	{
		path: "internal/kube/records", subject: "operations and episodes as custom resources",
		ours:    []arrow{{"scale", "people, faults"}, {"ledger", "the records it stores"}, {"kube/api", "calls the API server"}},
		outside: []arrow{{kubernetesLibrary, "dynamic client"}},
	},
	{
		path: "internal/kube", subject: "workloads, owners, usage and room; the write; the lease",
		ours:    []arrow{{"scale", "readings, faults"}, {"change", "what it writes"}, {"ledger", "the operations its Events tell of"}, {"pace", "the time of a reading"}, {"kube/api", "calls the API server"}, {"kube/records", "the group and labels of records, which Events refer to"}},
		outside: []arrow{{kubernetesLibrary, "API types and client"}, {errgroupLibrary, "one call per kind of object at once"}},
	},
	{path: "internal/kube/kubetest", subject: "client-go's fakes with an API server's refusals, for tests", outside: []arrow{{kubernetesLibrary, "the fakes it wraps"}}},
	{
		path: "internal/sampler", subject: "reads every component in rounds, keeps one series of the past for every view; the ports it reads",
		ours: []arrow{
			{"scale", "readings, snapshots"}, {"measure", "the series, rates, consumers per pod"}, {"judge", "how far back the rules look"}, {"runbook", "which components, how often"}, {"pace", "the rounds"},
		},
		outside: []arrow{{errgroupLibrary, "reads several sources at once"}},
	},
	{
		path: "internal/engine", subject: "the verbs: Desk, Runner, episodes; and the ports they need",
		ours: []arrow{
			{"scale", "snapshots, people, faults"}, {"change", "the step it has written"}, {"ledger", "operations and episodes"}, {"sampler", "what was sampled, fresh readings"},
			{"judge", "recommends"}, {"lever", "judges the step of an operation"}, {"diagnose", "the diagnosis people ask for"},
			{"runbook", "components, policy, alert settings"}, {"pace", "waits and stamps"},
		},
		outside: []arrow{{errgroupLibrary, "reads several sources at once"}},
	},
	{
		path: "internal/commands", subject: "the language people type; answers as nouns",
		ours: []arrow{
			{"scale", "refusals, people"}, {"ledger", "operations in answers"}, {"judge", "what a target means"}, {"lever", "whether a change hangs"}, {"diagnose", "diagnoses in answers"}, {"capacity", "what was asked for, and the plan"},
			{"runbook", "names people call components by, links"}, {"engine", "the Desk that does it"},
		},
	},
	{
		path: "internal/slackui/cards", subject: "draws operations, reports, alerts and answers within Slack's limits; pure",
		ours: []arrow{
			{"scale", "the nouns it draws"}, {"change", "draws each kind its own way"}, {"lever", "whether a change hangs"}, {"ledger", "operations, episodes"}, {"measure", "members, spread"}, {"ownership", "facts about the owner"}, {"judge", "when an alert closes"},
			{"diagnose", "diagnoses"}, {"capacity", "plans of capacity"}, {"runbook", "the links it shows"}, {"engine", "the status of a component"},
			{"commands", "the answers it draws"}, {"blockkit", "fits messages to Slack's limits"}, {"audit", "the timeline"},
		},
		outside: []arrow{{"github.com/slack-go/slack", "builds blocks"}, {"github.com/wcharczuk/go-chart/v2", "draws the lag as PNG"}},
	},
	{
		path: "internal/slackui/api", subject: "asks Slack's Web API: pace, faults, messages posted once and found again, private answers",
		ours:    []arrow{{"scale", "people, faults"}, {"ledger", "none of its own: the places of messages"}, {"slackui/cards", "the looks it sends"}, {"pace", "waits"}},
		outside: []arrow{{"github.com/slack-go/slack", "error types, uploads"}},
	},
	{
		path: "internal/slackui/people", subject: "who may decide: the directory, who is on call, what kind of channel it is",
		ours: []arrow{{"scale", "people, rights"}, {"engine", "its port for people"}, {"slackui/api", "asks Slack"}, {"slackui/cards", "mentions"}},
	},
	{
		path: "internal/slackui/outbox", subject: "delivers: one lane per message that keeps its order, at Slack's pace, with a second way",
		ours: []arrow{
			{"scale", "places of messages, faults"}, {"ledger", "operations, episodes"}, {"engine", "its port for cards"}, {"blockkit", "cuts what is too long"},
			{"slackui/api", "sends"}, {"slackui/cards", "draws"}, {"slackui/people", "who is on call"},
		},
		outside: []arrow{{"github.com/slack-go/slack", "blocks"}},
	},
	{
		path: "internal/slackui/inbox", subject: "receives: sockets, commands, clicks and forms; acknowledged at once, answered once",
		ours: []arrow{
			{"scale", "people, refusals"}, {"ledger", "the operation a form is about"}, {"engine", "the Desk for clicks"},
			{"commands", "hands over what was typed"}, {"slackui/api", "answers"}, {"slackui/cards", "draws answers"}, {"slackui/outbox", "redraws a card"}, {"slackui/people", "who is let in"},
		},
		outside: []arrow{{"github.com/slack-go/slack", "views"}, {websocketLibrary, "Socket Mode"}},
	},
	{
		path: "internal/slackui/slackuitest", subject: "operations, reports and alerts in every state, and a small workspace, for tests",
		ours: []arrow{{"scale", "nouns"}, {"change", "a change"}, {"ledger", "operations"}, {"judge", "the states of an alert"}, {"runbook", "links"}, {"engine", "statuses"}},
	},
	{
		path: "internal/slackui/api/apitest", subject: "connects a client to that workspace, for tests",
		ours: []arrow{{"pace", "the clock"}, {"slackui/api", "the client"}, {"slackui/slackuitest", "the workspace"}},
	},
	{
		path: "internal/slackui/cards/cardstest", subject: "draws every message the bot can send, for tests",
		ours: []arrow{
			{"scale", "nouns"}, {"change", "a change"}, {"ledger", "operations"}, {"diagnose", "a diagnosis"}, {"capacity", "a plan"}, {"runbook", "links"}, {"engine", "statuses"}, {"commands", "answers"},
			{"slackui/cards", "draws"}, {"slackui/slackuitest", "what is drawn"},
		},
	},
	{
		path: "internal/incidents", subject: "the incidents of the runbook played without a clock, and as stories of what people see",
		ours: []arrow{{"scale", "readings"}, {"measure", "rates"}, {"runbook", "the component and its limits"}, {"slackui/slackuitest", "pods, the group, the moment"}},
	},
	{path: "internal/slackui", subject: "the rooms of Slack's side, and which does what"},
	{
		path: "internal/doctor", subject: "examines an installation with the bot's own adapters",
		ours: []arrow{
			{"scale", "components, readings"}, {"runbook", "the names it checks"}, {"sampler", "the ports it tries"}, {"slackui/api", "token, scopes"}, {"slackui/people", "the channel"},
			{"manifests", "the rights the Role grants"},
		},
		outside: []arrow{{"go.yaml.in/yaml/v3", "the Role's rules"}},
	},
	{
		path: "internal/app", subject: "the composition: configuration, adapters, probes, metrics",
		ours: []arrow{
			{"scale", "faults, people"}, {"ledger", "operations, for Events and counters"}, {"runbook", "loads it"}, {"sampler", "its ports"}, {"engine", "assembles it"}, {"commands", "assembles it"},
			{"slackui/api", "assembles it"}, {"slackui/people", "assembles it"}, {"slackui/outbox", "assembles it"}, {"slackui/inbox", "assembles it"},
			{"kafka", "adapter"}, {"kube", "adapter, lease"}, {"kube/records", "STORE=kubernetes"}, {"metrics", "adapter"}, {"pagerduty", "who is on call"}, {"memstore", "STORE=memory"},
			{"doctor", "examines this configuration"}, {"pace", "the clock for all"}, {"secret", "tokens"},
		},
		outside: []arrow{
			{prometheusLibrary, "/metrics"}, {kubernetesLibrary, "clients"}, {websocketLibrary, "its dialer"},
			{"github.com/sethvargo/go-envconfig", "environment variables"}, {errgroupLibrary, "runs the parts"},
		},
	},
	{
		path: "internal/slackemu", subject: "a Slack workspace in one HTTP handler, with a page",
		ours:    []arrow{{"blockkit", "refuses what Slack refuses"}, {"pace", "the clock"}},
		outside: []arrow{{websocketLibrary, "Socket Mode"}, {"golang.org/x/time", "Slack's rate limits"}},
	},
	{
		path: "internal/demo", subject: "the pretend world: Kafka with real consumers, a small cluster, traffic, incidents",
		ours: []arrow{{"pace", "the clock"}},
		outside: []arrow{
			{franzLibrary, "the broker in this process and its consumers"}, {kubernetesLibrary, "the pretend cluster"}, {prometheusLibrary, "the workers' metrics"},
		},
	},
	{
		path: "internal/stage", subject: "the real bot between the emulator and the pretend world",
		ours: []arrow{
			{"app", "the bot"}, {"slackemu", "its Slack"}, {"demo", "its world"}, {"runbook", "the components to pretend"}, {"scale", "spans of time in words"},
			{"pace", "one clock for all"}, {"secret", "the emulator's tokens"},
		},
		outside: []arrow{{errgroupLibrary, "runs the parts"}},
	},
	{
		path: "cmd/scalebot", subject: "the program: subcommands, signals, exit codes",
		ours: []arrow{
			{"app", "the bot, and its configuration for the rest"}, {"stage", "demo, emulator"}, {"doctor", "doctor"}, {"audit", "audit export and verify"}, {"kube/records", "the stored operations to export"},
		},
		outside: []arrow{{"k8s.io/klog/v2", "client-go's log goes into ours"}},
	},
	{path: "internal/archtest", subject: "the shape of the program and its documents, as tests"},
}

// pureOnly is what pure judgement must not touch.
var pureOnly = []string{"net", "os", "log/slog", "net/http", "context", "sync"}

// banned lists standard packages that pure judgement must not touch: it has no clock,
// no network, no files and no log.
var banned = map[string][]string{
	"internal/scale":         pureOnly,
	"internal/change":        pureOnly,
	"internal/ledger":        {"net", "os", "log/slog", "net/http", "sync"}, // its ports take a context.
	"internal/measure":       pureOnly,
	"internal/ownership":     pureOnly,
	"internal/judge":         pureOnly,
	"internal/review":        pureOnly,
	"internal/lever":         pureOnly,
	"internal/diagnose":      pureOnly,
	"internal/capacity":      pureOnly,
	"internal/slackui/cards": {"net", "os", "log/slog", "net/http", "context", "sync"},
	"internal/commands":      {"net", "os", "net/http"},
	"internal/blockkit":      {"net", "os", "net/http"},
}
