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
	{path: "internal/scale", subject: "the nouns and all judgement about them, pure"},
	{path: "internal/scale/scaletest", subject: "holds texts that people read against the numbers in them"},
	{
		path: "internal/runbook", subject: "the runbook as data: the embedded default, a team's own file, every mistake with its line",
		ours:    []arrow{{"scale", "fills its components and policy"}},
		outside: []arrow{{"go.yaml.in/yaml/v3", "keeps the line of every value"}},
	},
	{
		path: "internal/memstore", subject: "operations and episodes in memory",
		ours: []arrow{{"scale", "the records it keeps"}},
	},
	{
		path: "internal/audit", subject: "the trail of operations: hash-chained records, a timeline in Markdown; pure",
		ours: []arrow{{"scale", "the operations it tells of"}},
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
		path: "internal/kube", subject: "workloads, owners, usage and room; the write; operations as custom resources; the lease",
		ours:    []arrow{{"scale", "readings, operations, faults"}, {"pace", "the time of a reading"}},
		outside: []arrow{{kubernetesLibrary, "API types and client"}, {errgroupLibrary, "one call per kind of object at once"}},
	},
	{path: "internal/kube/kubetest", subject: "client-go's fakes with an API server's refusals, for tests", outside: []arrow{{kubernetesLibrary, "the fakes it wraps"}}},
	{
		path: "internal/engine", subject: "the verbs: Desk, Runner, Sampler, episodes; and the ports they need",
		ours:    []arrow{{"scale", "nouns, judgement"}, {"runbook", "components, policy, alert settings"}, {"pace", "waits and stamps"}},
		outside: []arrow{{errgroupLibrary, "reads several sources at once"}},
	},
	{
		path: "internal/storetest", subject: "the contract of engine.Store as a test suite",
		ours: []arrow{{"engine", "the port"}, {"scale", "the records"}},
	},
	{
		path: "internal/commands", subject: "the language people type; answers as nouns",
		ours: []arrow{{"scale", "nouns in answers"}, {"runbook", "names people call components by, links"}, {"engine", "the Desk that does it"}},
	},
	{
		path: "internal/slackui", subject: "Slack both ways: sockets, people, cards, pacing",
		ours: []arrow{
			{"scale", "the nouns it draws"}, {"runbook", "the links it shows"}, {"engine", "its ports for cards and people"}, {"commands", "hands over what was typed"},
			{"blockkit", "fits messages to Slack's limits"}, {"audit", "the timeline it draws"}, {"pace", "waits and stamps"},
		},
		outside: []arrow{
			{"github.com/slack-go/slack", "builds blocks, uploads pictures"}, {websocketLibrary, "Socket Mode"},
			{"github.com/wcharczuk/go-chart/v2", "draws the lag as PNG"},
		},
	},
	{
		path: "internal/doctor", subject: "examines an installation with the bot's own adapters",
		ours: []arrow{
			{"scale", "components, readings"}, {"runbook", "the names it checks"}, {"engine", "the ports it tries"}, {"slackui", "token, scopes, channel"},
			{"manifests", "the rights the Role grants"},
		},
		outside: []arrow{{"go.yaml.in/yaml/v3", "the Role's rules"}},
	},
	{
		path: "internal/app", subject: "the composition: configuration, adapters, probes, metrics",
		ours: []arrow{
			{"scale", "operations, for Events and counters"}, {"runbook", "loads it"}, {"engine", "assembles it"}, {"commands", "assembles it"}, {"slackui", "assembles it"},
			{"kafka", "adapter"}, {"kube", "adapter, store, lease"}, {"metrics", "adapter"}, {"pagerduty", "who is on call"}, {"memstore", "STORE=memory"},
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
			{"app", "the bot, and its configuration for the rest"}, {"stage", "demo, emulator"}, {"doctor", "doctor"}, {"audit", "audit export and verify"}, {"kube", "the stored operations to export"},
		},
		outside: []arrow{{"k8s.io/klog/v2", "client-go's log goes into ours"}},
	},
	{path: "internal/archtest", subject: "the shape of the program and its documents, as tests"},
}

// banned lists standard packages that pure judgement must not touch: it has no clock,
// no network, no files and no log.
var banned = map[string][]string{
	"internal/scale":    {"net", "os", "log/slog", "net/http", "context", "sync"},
	"internal/commands": {"net", "os", "net/http"},
	"internal/blockkit": {"net", "os", "net/http"},
}
