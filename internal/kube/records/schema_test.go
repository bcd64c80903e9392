package records

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/scalebot/scalebot/internal/ledger"
)

// definitions are the custom resources of crd.yaml.
func definitions(t *testing.T) []definition {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "manifests", "crd.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var all []definition
	for reader := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content))); ; {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return all
		}
		var d definition
		if err := errors.Join(err, yaml.Unmarshal(document, &d)); err != nil {
			t.Fatal(err)
		}
		if d.Spec.Group != "" {
			all = append(all, d)
		}
	}
}

// schemaNode is the part of a structural schema that the manifests use.
type schemaNode struct {
	Type       string                `json:"type"`
	Required   []string              `json:"required"`
	Enum       []any                 `json:"enum"`
	Properties map[string]schemaNode `json:"properties"`
	Items      *schemaNode           `json:"items"`
	Preserve   bool                  `json:"x-kubernetes-preserve-unknown-fields"`
	Either     bool                  `json:"x-kubernetes-int-or-string"`
}

type definition struct {
	Spec struct {
		Group    string
		Names    struct{ Kind, Plural string }
		Versions []struct {
			Name   string
			Schema struct {
				OpenAPIV3Schema schemaNode `json:"openAPIV3Schema"`
			}
		}
	}
}

// check reports what an API server would prune or refuse.
func (n schemaNode) check(t *testing.T, path string, value any) {
	t.Helper()
	kinds := map[string]string{"object": "map[string]interface {}", "array": "[]interface {}", "string": "string", "integer": "int64", "boolean": "bool"}
	got := fmt.Sprintf("%T", value)
	if n.Either && (got == "int64" || got == "string") {
		return
	}
	if got != kinds[n.Type] {
		t.Errorf("%s is a %s, the schema wants %q", path, got, n.Type)
	}
	if len(n.Enum) > 0 && !slices.Contains(n.Enum, value) {
		t.Errorf("%s is %v, the schema wants one of %v", path, value, n.Enum)
	}
	fields, _ := value.(map[string]any)
	for _, name := range n.Required {
		if _, ok := fields[name]; !ok {
			t.Errorf("%s lacks %s", path, name)
		}
	}
	for name, field := range fields {
		if property, ok := n.Properties[name]; ok {
			property.check(t, path+"."+name, field)
		} else if !n.Preserve {
			t.Errorf("%s.%s is not in the schema and would be lost", path, name)
		}
	}
	list, _ := value.([]any)
	for i, item := range list {
		n.Items.check(t, fmt.Sprintf("%s[%d]", path, i), item)
	}
}

// The schema allows exactly the kinds of episodes that there are: another one could not be
// stored, and nobody would be told.
func TestTheSchemaKnowsEveryKindOfEpisode(t *testing.T) {
	for _, d := range definitions(t) {
		if d.Spec.Names.Kind != "ScalingEpisode" {
			continue
		}
		var want []any
		for _, kind := range ledger.EpisodeKinds {
			want = append(want, string(kind))
		}
		if got := d.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"].Properties["kind"].Enum; !slices.Equal(got, want) {
			t.Errorf("crd.yaml allows the kinds %v, the program stores %v", got, want)
		}
	}
}

// What is stored passes the schemas of crd.yaml, and nothing of it would be pruned.
func TestRecordsMatchTheirSchemas(t *testing.T) {
	operation, err := operationObject(manyPartitions(3))
	if err != nil {
		t.Fatal(err)
	}
	episode, err := episodeObject(ledger.Episode{ID: "x", Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 1, Lag: -1})
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]*unstructured.Unstructured{"scalingoperations": operation, "scalingepisodes": episode}
	if got := len(definitions(t)); got != len(stored) {
		t.Errorf("crd.yaml has %d documents, want %d", got, len(stored))
	}
	for _, d := range definitions(t) {
		object := stored[d.Spec.Names.Plural]
		if object == nil || d.Spec.Group != Group || d.Spec.Versions[0].Name != Version || object.GetKind() != d.Spec.Names.Kind {
			t.Fatalf("%s %s/%s is not what the store uses", d.Spec.Names.Plural, d.Spec.Group, d.Spec.Versions[0].Name)
		}
		d.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"].check(t, d.Spec.Names.Kind+".spec", object.Object["spec"])
	}
}
