package app

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"
)

// alertRules is the shape of a PrometheusRule as far as ours uses it.
type alertRules struct {
	APIVersion string         `yaml:"apiVersion"`
	Kind       string         `yaml:"kind"`
	Metadata   map[string]any `yaml:"metadata"`
	Spec       struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				For         string            `yaml:"for"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	} `yaml:"spec"`
}

// served are the names of all series that /metrics may show.
func served() []string {
	descs := []*prometheus.Desc{
		lagDesc, replicasDesc, ageDesc, leadingDesc, socketsDesc, connectsDesc, envelopesDesc, failuresDesc, oddDesc, acksDesc, ackTimeDesc, ackWorstDesc, messagesDesc,
	}
	m := newMeter(prometheus.NewRegistry(), nil)
	for _, vec := range []*series{m.decisions, m.entered, m.effects, m.reports, m.unreported} {
		one := make(chan *prometheus.Desc, 1)
		vec.counter.Describe(one)
		descs = append(descs, <-one)
	}
	var names []string
	for _, d := range descs {
		_, after, _ := strings.Cut(d.String(), `fqName: "`)
		name, _, _ := strings.Cut(after, `"`)
		names = append(names, name)
	}
	return names
}

// An alert on a series that does not exist never fires and nobody notices.
func TestAlertsAreOnSeriesThatExist(t *testing.T) {
	data, err := os.ReadFile("../../manifests/monitoring/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var rules alertRules
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&rules); err != nil {
		t.Fatal(err)
	}
	names := served()
	named := regexp.MustCompile(`scalebot_[a-z_]+`)
	var alerts []string
	for _, g := range rules.Spec.Groups {
		for _, r := range g.Rules {
			alerts = append(alerts, r.Alert)
			used := named.FindAllString(r.Expr, -1)
			if len(used) == 0 {
				t.Errorf("%s looks at none of the bot's series: %s", r.Alert, r.Expr)
			}
			for _, name := range used {
				if !slices.Contains(names, name) {
					t.Errorf("%s looks at %s, which /metrics does not have; it has %q", r.Alert, name, names)
				}
			}
			if r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["action"] == "" {
				t.Errorf("%s does not say how bad it is, what it means and what to do", r.Alert)
			}
		}
	}
	for _, want := range []string{"ScalebotDown", "ScalebotSamplerStale", "ScalebotNoLeader", "ScalebotReportsOverdue", "ScalebotSlackDisconnected"} {
		if !slices.Contains(alerts, want) {
			t.Errorf("there is no alert %s; there are %q", want, alerts)
		}
	}
}
