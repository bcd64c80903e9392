package manifests_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/slackui/api"
)

// strict decodes a manifest; a field that is not in the type is an error.
func strict(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// slackApp is the app manifest as far as Slack's reference knows these fields.
type slackApp struct {
	Metadata struct {
		Major int `yaml:"major_version"`
		Minor int `yaml:"minor_version"`
	} `yaml:"_metadata"`
	Display struct {
		Name        string `yaml:"name"`
		Description string `yaml:"description"`
	} `yaml:"display_information"`
	Features struct {
		Bot struct {
			Name   string `yaml:"display_name"`
			Online bool   `yaml:"always_online"`
		} `yaml:"bot_user"`
		Commands []struct {
			Command     string `yaml:"command"`
			Description string `yaml:"description"`
			Hint        string `yaml:"usage_hint"`
			Escape      bool   `yaml:"should_escape"`
		} `yaml:"slash_commands"`
	} `yaml:"features"`
	OAuth struct {
		Scopes struct {
			Bot []string `yaml:"bot"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			On bool `yaml:"is_enabled"`
		} `yaml:"interactivity"`
		Org      bool `yaml:"org_deploy_enabled"`
		Socket   bool `yaml:"socket_mode_enabled"`
		Rotation bool `yaml:"token_rotation_enabled"`
	} `yaml:"settings"`
}

// The Slack app asks for the scopes that the code names, and none beyond them, and is
// heard over the socket: the command, mentions, buttons.
func TestSlackAppIsWhatTheCodeUses(t *testing.T) {
	var app slackApp
	strict(t, "slack-app.yaml", &app)
	var want []string
	for _, scope := range api.Scopes() {
		want = append(want, scope.Name)
	}
	if got := app.OAuth.Scopes.Bot; !slices.Equal(got, want) {
		t.Errorf("got scopes %q, want %q", got, want)
	}
	if c := app.Features.Commands; len(c) != 1 || c[0].Command != "/scale" || !c[0].Escape {
		t.Errorf("got commands %+v, want /scale with escaping", c)
	}
	if slices.Contains(app.OAuth.Scopes.Bot, "chat:write.customize") {
		t.Error("the app may write under any name, which makes its own name worth nothing")
	}
	events := []string{"app_mention", "channel_shared", "subteam_members_changed"}
	if !slices.Equal(app.Settings.Events.Bot, events) || !app.Settings.Interactivity.On || !app.Settings.Socket || app.Settings.Rotation {
		t.Errorf("got %+v, want mentions, interactivity and Socket Mode without token rotation", app.Settings)
	}
	// Slack's bounds of an app manifest.
	if n := len(app.Display.Name); n == 0 || n > 35 || len(app.Display.Description) > 140 {
		t.Errorf("the name has %d characters and the description %d", n, len(app.Display.Description))
	}
}

// The ConfigMap's runbook passes the loader, and is the built-in one but for the one
// number that it shows how to change.
func TestConfigMapRunbookLoads(t *testing.T) {
	var config struct {
		APIVersion string            `yaml:"apiVersion"`
		Kind       string            `yaml:"kind"`
		Metadata   map[string]string `yaml:"metadata"`
		Data       map[string]string `yaml:"data"`
	}
	strict(t, "configmap.yaml", &config)
	path := filepath.Join(t.TempDir(), "runbook.yaml")
	if err := os.WriteFile(path, []byte(config.Data["runbook.yaml"]), 0o600); err != nil {
		t.Fatal(err)
	}
	book, err := runbook.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := runbook.Default()
	for i, c := range book.Components {
		if c.Name == "download-worker" {
			if c.Max != 12 {
				t.Errorf("got a maximum of %d, want the 12 of the ConfigMap", c.Max)
			}
			book.Components[i].Max = want.Components[i].Max
		}
	}
	if !reflect.DeepEqual(book.Components, want.Components) || !reflect.DeepEqual(book.Policy, want.Policy) || !reflect.DeepEqual(book.Access, want.Access) {
		t.Error("the ConfigMap changes more of the built-in runbook than the maximum of download-worker")
	}
}

type kustomization struct {
	APIVersion string           `yaml:"apiVersion"`
	Kind       string           `yaml:"kind"`
	Namespace  string           `yaml:"namespace"`
	Resources  []string         `yaml:"resources"`
	Components []string         `yaml:"components"`
	Images     []map[string]any `yaml:"images"`
}

// Everything that lies here is installed, by itself or as an optional part; what needs a
// custom resource of others is optional.
func TestKustomizationNamesEverything(t *testing.T) {
	for dir, aside := range map[string][]string{".": {"kustomization.yaml", "slack-app.yaml"}, "monitoring": {"kustomization.yaml"}, "nodes": {"kustomization.yaml"}} {
		var k kustomization
		strict(t, filepath.Join(dir, "kustomization.yaml"), &k)
		files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, f := range files {
			if name := filepath.Base(f); !slices.Contains(aside, name) {
				want = append(want, name)
			}
		}
		slices.Sort(k.Resources)
		if !slices.Equal(k.Resources, want) {
			t.Errorf("%s: got resources %q, want %q", dir, k.Resources, want)
		}
		if wantKind := map[bool]string{true: "Kustomization", false: "Component"}[dir == "."]; k.Kind != wantKind || len(k.Components) > 0 {
			t.Errorf("%s: got kind %s with parts %q, want %s and no optional part switched on", dir, k.Kind, k.Components, wantKind)
		}
		for _, name := range k.Resources {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Error(err)
			}
			if dir == "." && strings.Contains(string(data), "monitoring.coreos.com") {
				t.Errorf("%s needs the Prometheus operator and is not optional", name)
			}
		}
	}
}

// Slack allows an app ten connections in all; every replica holds two, and during a rolling
// update one more replica than usual runs.
func TestReplicasFitSlacksConnections(t *testing.T) {
	data, err := os.ReadFile("deployment.yaml")
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var object struct {
			Kind string `yaml:"kind"`
			Spec struct {
				Replicas int `yaml:"replicas"`
			} `yaml:"spec"`
		}
		if err := decoder.Decode(&object); err != nil {
			t.Fatalf("no Deployment found: %v", err)
		}
		if object.Kind != "Deployment" {
			continue
		}
		const perReplica, most = 2, 10
		if n := object.Spec.Replicas; n < 2 || (n+1)*perReplica > most {
			t.Errorf("got %d replicas, want at least two, and no more than %d connections during an update", n, most)
		}
		return
	}
}

// Of two apps with a command of one name the one installed later is called; nothing in the
// bot can see that, so whoever installs it has to be told.
func TestTheInstallationGuideWarnsOfTheCommandsName(t *testing.T) {
	data, err := os.ReadFile("slack-app.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(strings.Fields(strings.ReplaceAll(string(data), "#", "")), " "); !strings.Contains(text, "installed later takes the command over") {
		t.Errorf("slack-app.yaml does not tell of other apps with /scale:\n%s", data)
	}
}
