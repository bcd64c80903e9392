package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

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
		ours:    []string{"scale", "runbook", "engine", "slackui", "kube"},
		outside: [][]string{kubeLibrary, {module + "manifests"}},
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

type goPackage struct {
	ImportPath, Doc string
	Imports         []string
}

// listed are the module's packages; to list them takes a second.
var listed = sync.OnceValues(func() ([]goPackage, error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Doc,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
})

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	packages, err := listed()
	if err != nil {
		t.Fatalf("listing the packages: %v", err)
	}
	return packages
}

func TestImportsFollowTheTable(t *testing.T) {
	packages := listPackages(t)
	if len(packages) < 10 {
		t.Fatalf("go list shows only %d packages", len(packages))
	}
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module)
		r, ok := rules[name]
		if !ok {
			t.Errorf("%s has no row in the table of arrows", name)
			continue
		}
		for _, imported := range p.Imports {
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
	for _, p := range listPackages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", strings.TrimPrefix(p.ImportPath, module))
		}
	}
}
