package stage

import (
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/app"
	"github.com/scalebot/scalebot/internal/demo"
	"github.com/scalebot/scalebot/internal/doctor"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/secret"
)

// reviewed makes the cluster answer access reviews: everything but the refused verb of the
// refused resource is allowed.
func (h *hall) reviewed(verb, resource string) {
	h.intercept("create", "selfsubjectaccessreviews", func(action clienttesting.Action) (bool, runtime.Object, error) {
		review := action.(clienttesting.CreateAction).GetObject().(*authorizationv1.SelfSubjectAccessReview).DeepCopy()
		of := review.Spec.ResourceAttributes
		review.Status.Allowed = of.Verb != verb || of.Resource+"/"+of.Subresource != resource
		return true, review, nil
	})
}

// patient is what the doctor examines: the play's own Slack, Kafka and cluster.
func (h *hall) patient() (app.Config, app.Parts) {
	return app.Config{
			SlackBotToken: secret.Text(h.slack.BotToken()), SlackAppToken: secret.Text(h.slack.AppToken()), SlackAPIURL: h.Stage.URL() + "/api/",
			SlackChannel: IncidentChannel, KafkaBrokers: h.world.Brokers(), Namespace: demo.Namespace, Store: app.StoreMemory,
		}, app.Parts{
			Kubernetes: h.world.Kubernetes(), Dynamic: h.world.Dynamic(), PodMetrics: h.world.PodMetrics(), Book: runbook.Default(), Network: h.network.Bot,
		}
}

func (h *hall) examined(config app.Config, parts app.Parts) doctor.Report {
	h.Helper()
	report, err := app.Examine(h.Context(), config, parts)
	if err != nil {
		h.Fatal(err)
	}
	return report
}

// found checks that the report has such a line.
func (h *hall) found(report doctor.Report, level doctor.Level, check, text string) {
	h.Helper()
	for _, l := range report.Lines {
		if l.Level == level && l.Check == check && strings.Contains(l.Text, text) {
			if level != doctor.OK && l.Next == "" {
				h.Errorf("%q does not say what to do next", l.Text)
			}
			return
		}
	}
	var b strings.Builder
	if err := report.Print(&b); err != nil {
		h.Error(err)
	}
	h.Errorf("no line %s %s …%s…; the report:\n%s", level, check, text, b.String())
}

// TestDoctor examines a whole installation, and then one broken part after another.
func TestDoctor(t *testing.T) {
	quietly(t, Config{}, func(h *hall) {
		h.reviewed("", "")
		h.part("well", func() {
			report := h.examined(h.patient())
			if report.Failed() {
				h.found(report, doctor.OK, "everything", "")
			}
			for check, text := range map[string]string{
				"runbook": "5 components", "slack bot token": "scalebot", "slack app token": "sockets", "slack scopes": "all", "slack channel": IncidentChannel,
				"on call": "ana", "clock": "agrees", "kafka": "broker answers", "kafka groups and topics": "download-worker: 24 partitions",
				"kubernetes rights": "may update deployments/scale.apps", "workloads and metrics": "download-worker: metrics throughput", "records": "in memory",
			} {
				h.found(report, doctor.OK, check, text)
			}
		})
		for _, c := range []struct {
			name, check, text string
			spoil             func(h *hall, config *app.Config, parts *app.Parts)
		}{
			{"wrong token", "slack bot token", "", func(_ *hall, config *app.Config, _ *app.Parts) { config.SlackBotToken = "xoxb-wrong" }},
			{"wrong app token", "slack app token", "", func(_ *hall, config *app.Config, _ *app.Parts) { config.SlackAppToken = "xapp-wrong" }},
			{"not in the channel", "slack channel", "not in " + general, func(h *hall, config *app.Config, _ *app.Parts) {
				h.fault(object{"remove_bot": general})
				config.SlackChannel = general
			}},
			{"no such channel", "slack channel", "not in C0NOWHERE", func(_ *hall, config *app.Config, _ *app.Parts) { config.SlackChannel = "C0NOWHERE" }},
			{"no on-call group", "on call", "@nobody-here", func(_ *hall, _ *app.Config, parts *app.Parts) {
				book := *runbook.Default()
				book.Access.OnCallGroup = "nobody-here"
				parts.Book = &book
			}},
			{"no topic", "kafka groups and topics", "download-worker: ", func(h *hall, _ *app.Config, parts *app.Parts) {
				parts.Book = bookWith(h.T, "components: [{name: download-worker, topics: [xact.nowhere]}]")
			}},
			{"no deployment", "workloads and metrics", "download-worker: ", func(h *hall, _ *app.Config, parts *app.Parts) {
				parts.Book = bookWith(h.T, "components: [{name: download-worker, deployment: nowhere}]")
			}},
			{"Kafka away", "kafka", "", func(_ *hall, config *app.Config, _ *app.Parts) { config.KafkaBrokers = []string{"127.0.0.1:1"} }},
			{"forbidden verb", "kubernetes rights", "may not update deployments/scale.apps in namespace " + demo.Namespace, func(h *hall, _ *app.Config, _ *app.Parts) {
				h.reviewed("update", "deployments/scale")
			}},
			{"missing scope", "slack scopes", "usergroups:read is missing", func(h *hall, _ *app.Config, _ *app.Parts) {
				h.fault(object{"scopes": []string{"commands", "chat:write", "channels:read", "users:read"}})
			}},
		} {
			h.part(c.name, func() {
				config, parts := h.patient()
				c.spoil(h, &config, &parts)
				report := h.examined(config, parts)
				h.found(report, doctor.Fail, c.check, c.text)
				if !report.Failed() {
					t.Error("the report counts as good")
				}
			})
		}
	})
}

func bookWith(t *testing.T, text string) *runbook.Book {
	t.Helper()
	book, err := runbook.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return book
}
