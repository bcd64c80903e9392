package archtest

import (
	"go/ast"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestMain lets the collector rest: memory is not what these tests are short of.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

const module = "github.com/scalebot/scalebot/"

// Names for the libraries a package may use, as import path prefixes.
var (
	slackLibrary      = []string{"github.com/slack-go/slack", "github.com/gorilla/websocket"}
	kafkaLibrary      = []string{"github.com/twmb/franz-go"}
	kubeLibrary       = []string{"k8s.io/"}
	prometheusLibrary = []string{"github.com/prometheus/"}
)

// rule says what a package may import besides the standard library: packages of ours
// by their name under internal/, and outside libraries by prefix.
type rule struct {
	ours    []string
	outside [][]string
}

// rules is the table of arrows. A package without a row fails the test, so that a new
// one gets its place by decision and not by accident.
var rules = map[string]rule{
	"internal/pace":     {},
	"internal/secret":   {},
	"internal/memnet":   {},
	"internal/scale":    {},
	"internal/blockkit": {},
	"internal/runbook":  {ours: []string{"scale"}, outside: [][]string{{"go.yaml.in/yaml/v3"}}},
	"internal/engine":   {ours: []string{"scale", "runbook", "pace"}, outside: [][]string{{"golang.org/x/sync"}}},
	"internal/commands": {ours: []string{"scale", "runbook", "engine"}},
	"internal/audit":    {ours: []string{"scale"}},
	"internal/memstore": {ours: []string{"scale"}},
	"internal/slackui": {
		ours:    []string{"scale", "runbook", "commands", "engine", "blockkit", "pace", "audit"},
		outside: [][]string{slackLibrary, {"github.com/wcharczuk/go-chart/v2", "golang.org/x/time"}},
	},
	"internal/kafka":     {ours: []string{"scale", "pace"}, outside: [][]string{kafkaLibrary, {"golang.org/x/sync"}}},
	"internal/metrics":   {ours: []string{"scale", "pace"}, outside: [][]string{prometheusLibrary, {"golang.org/x/sync"}}},
	"internal/kube":      {ours: []string{"scale", "pace"}, outside: [][]string{kubeLibrary, {"golang.org/x/sync"}}},
	"internal/pagerduty": {ours: []string{"scale"}, outside: [][]string{{"github.com/PagerDuty/go-pagerduty"}}},
	"manifests":          {},
	"internal/doctor": {
		ours:    []string{"scale", "runbook", "engine", "slackui"},
		outside: [][]string{{"go.yaml.in/yaml/v3", module + "manifests"}},
	},
	"internal/app": {
		ours:    []string{"doctor", "scale", "runbook", "engine", "commands", "slackui", "kafka", "kube", "metrics", "memstore", "pace", "pagerduty", "secret"},
		outside: [][]string{prometheusLibrary, kubeLibrary, {"github.com/gorilla/websocket", "github.com/sethvargo/go-envconfig", "golang.org/x/sync"}},
	},
	"internal/slackemu": {ours: []string{"blockkit", "pace"}, outside: [][]string{{"github.com/gorilla/websocket", "golang.org/x/time"}}},
	"internal/demo": {
		ours:    []string{"pace", "kube/kubetest"},
		outside: [][]string{kafkaLibrary, kubeLibrary, prometheusLibrary, {"golang.org/x/sync"}},
	},
	"internal/stage":           {ours: []string{"app", "demo", "slackemu", "pace", "secret", "runbook", "scale"}, outside: [][]string{{"golang.org/x/sync"}}},
	"internal/kube/kubetest":   {outside: [][]string{kubeLibrary}},
	"internal/scale/scaletest": {},
	"internal/storetest":       {ours: []string{"engine", "scale"}},
	"internal/archtest":        {},
	"cmd/scalebot":             {ours: []string{"audit", "doctor", "app", "stage", "pace", "kube"}, outside: [][]string{{"k8s.io/klog/v2"}}},
}

// banned lists standard packages that pure judgement must not touch: it has no clock,
// no network, no files and no log.
var banned = map[string][]string{
	"internal/scale":    {"net", "os", "log/slog", "net/http", "context", "sync"},
	"internal/commands": {"net", "os", "net/http"},
	"internal/blockkit": {"net", "os", "net/http"},
}

// loaded is the module, type-checked without tests against the export data of what it imports;
// to load it takes seconds.
var loaded = sync.OnceValues(func() ([]*packages.Package, error) {
	return packages.Load(&packages.Config{
		Dir:  "../..",
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports,
	}, "./...")
})

func loadModule(t *testing.T) []*packages.Package {
	t.Helper()
	module, err := loaded()
	if err != nil {
		t.Fatalf("loading the packages: %v", err)
	}
	for _, p := range module {
		for _, problem := range p.Errors {
			t.Fatalf("loading %s: %v", p.PkgPath, problem)
		}
	}
	return module
}

func TestImportsFollowTheTable(t *testing.T) {
	loaded := loadModule(t)
	if len(loaded) < 10 {
		t.Fatalf("only %d packages were loaded", len(loaded))
	}
	for _, p := range loaded {
		name := strings.TrimPrefix(p.PkgPath, module)
		r, ok := rules[name]
		if !ok {
			t.Errorf("%s has no row in the table of arrows", name)
			continue
		}
		for imported := range p.Imports {
			if !r.allows(imported) || slices.Contains(banned[name], imported) {
				t.Errorf("%s must not import %s", name, imported)
			}
		}
	}
}

func (r rule) allows(imported string) bool {
	if ours, ok := strings.CutPrefix(imported, module+"internal/"); ok {
		return slices.Contains(r.ours, ours)
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return true
	}
	for _, library := range r.outside {
		for _, prefix := range library {
			if strings.HasPrefix(imported, prefix) {
				return true
			}
		}
	}
	return false
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range loadModule(t) {
		if !slices.ContainsFunc(p.Syntax, func(file *ast.File) bool { return file.Doc.Text() != "" }) {
			t.Errorf("%s has no package comment", strings.TrimPrefix(p.PkgPath, module))
		}
	}
}
