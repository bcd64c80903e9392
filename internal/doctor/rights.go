package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/scalebot/scalebot/manifests"
)

// optional are the API groups, or resources of one, without which the bot works but knows less.
var optional = []string{"metrics.k8s.io", "events.k8s.io", "keda.sh", "autoscaling", "argoproj.io", "statefulsets.apps", "limitranges"}

// rule is what a Role allows: every verb on every resource of every group.
type rule struct {
	Groups    []string `yaml:"apiGroups"`
	Resources []string `yaml:"resources"`
	Verbs     []string `yaml:"verbs"`
}

// role reads the rules of the Role in the manifests.
func role() ([]rule, error) {
	for documents := yaml.NewDecoder(bytes.NewReader(manifests.Role)); ; {
		var document struct {
			Kind  string `yaml:"kind"`
			Rules []rule `yaml:"rules"`
		}
		err := documents.Decode(&document)
		switch {
		case errors.Is(err, io.EOF):
			return nil, errors.New("the manifests have no Role")
		case err != nil:
			return nil, fmt.Errorf("reading the Role: %w", err)
		case document.Kind == "Role":
			return document.Rules, nil
		}
	}
}

// rights checks exactly the verbs of the Role, one check for each resource.
func (s Subject) rights() []check {
	rules, err := role()
	if err != nil {
		return []check{{"kubernetes rights", func(context.Context) []Line { return bad(Fail, err, "") }}}
	}
	var checks []check
	for _, rule := range rules {
		for _, group := range rule.Groups {
			for _, resource := range rule.Resources {
				checks = append(checks, check{"kubernetes rights", func(ctx context.Context) []Line {
					return s.may(ctx, group, resource, rule.Verbs)
				}})
			}
		}
	}
	return checks
}

// namespaces are where a permission is needed: for the bot's own records the namespace it runs
// in, for everything else those of the workloads.
func (s Subject) namespaces(group string) []string {
	if group == s.RecordGroup || group == "coordination.k8s.io" {
		return []string{s.Namespace}
	}
	var names []string
	for _, c := range s.Book.Components {
		if !slices.Contains(names, c.Namespace) {
			names = append(names, c.Namespace)
		}
	}
	return names
}

func (s Subject) may(ctx context.Context, group, resource string, verbs []string) []Line {
	what := strings.TrimSuffix(resource+"."+group, ".")
	level := Fail
	if slices.Contains(optional, group) || slices.Contains(optional, what) {
		level = Warn
	}
	for _, namespace := range s.namespaces(group) {
		var refused []string
		for _, verb := range verbs {
			ok, err := s.Cluster.Allowed(ctx, namespace, group, resource, verb)
			if err != nil {
				return bad(Fail, fmt.Errorf("asking whether %s of %s is allowed: %w", verb, what, err), "Check that the API server can be reached and the credentials are good.")
			}
			if !ok {
				refused = append(refused, verb)
			}
		}
		if len(refused) > 0 {
			return bad(level, fmt.Errorf("may not %s %s in namespace %s", strings.Join(refused, ", "), what, namespace),
				"Apply manifests/rbac.yaml in that namespace and bind it to the account the bot runs as.")
		}
	}
	return well("may %s %s", strings.Join(verbs, ", "), what)
}
