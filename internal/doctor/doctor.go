package doctor

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/sampler"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/people"
)

// Kafka holds the questions that the doctor asks the brokers.
type Kafka interface {
	sampler.Kafka
	// Ping checks that one broker can be reached and accepts the credentials.
	Ping(ctx context.Context) error
}

// Cluster holds the questions that the doctor asks Kubernetes: lists of many components at once,
// by name.
type Cluster interface {
	Workloads(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Workload]
	Owners(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Owner]
	Usages(ctx context.Context, components []scale.Component, workloads map[string]scale.Workload) map[string]scale.Reading[scale.Usage]
	// Mismatches says where the runbook file describes other pods than the workload makes.
	Mismatches(of scale.Component, w scale.Workload) []string
	// Allowed tells whether the bot's account may do something. Write a subresource as
	// "deployments/scale".
	Allowed(ctx context.Context, namespace, group, resource, verb string) (bool, error)
}

// Records holds the questions that the doctor asks the store.
type Records interface {
	// Unreadable returns how many records there are and which of them cannot be read. With an
	// error it returns what it found until then.
	Unreadable(ctx context.Context) (all int, broken []scale.Unreadable, err error)
}

// Subject is the installation to examine.
type Subject struct {
	Slack     *api.Client
	Directory *people.Directory
	// Channel is where alerts go, and APIURL the Web API's base.
	Channel, APIURL string
	HTTP            *http.Client

	Kafka   Kafka
	Cluster Cluster
	Metrics sampler.Metrics
	// Records is nil if the bot stores them in its memory.
	Records Records
	// ClusterErr says why the cluster cannot be reached; Cluster and Records are nil then.
	ClusterErr error
	// Namespace is where the bot stores its records, and RecordGroup their API group.
	Namespace, RecordGroup string

	// Book is the runbook that is compared with the installation. It is the embedded one if the
	// file has the problems of BookErr.
	Book    *runbook.Book
	BookErr error
}

// patient caches answers for all checks: they run side by side, and several of them ask the same
// question.
type patient struct {
	Subject
	hello func(context.Context) (api.Identity, error)
	ping  func(context.Context) error
}

// Examine checks everything at once and reports in a fixed order.
func Examine(ctx context.Context, subject Subject) Report {
	s := patient{Subject: subject}
	s.hello = once(func(ctx context.Context) (api.Identity, error) { return subject.Slack.Connect(ctx) })
	ping := once(func(ctx context.Context) (struct{}, error) { return struct{}{}, subject.Kafka.Ping(ctx) })
	s.ping = func(ctx context.Context) error { _, err := ping(ctx); return err }
	checks := []check{
		{"runbook", s.runbook},
		{"slack bot token", s.botToken}, {"slack app token", s.appToken}, {"slack scopes", s.scopes},
		{"slack channel", s.channel}, {"on call", s.onCall}, {"clock", s.clock},
		{"kafka", s.brokers}, {"kafka groups and topics", s.groups},
	}
	if s.ClusterErr != nil {
		checks = append(checks, check{"kubernetes", func(context.Context) []Line {
			return bad(Fail, s.ClusterErr, "Set KUBECONFIG, or run inside the cluster with the service account of manifests/rbac.yaml.")
		}})
		return examine(ctx, checks)
	}
	checks = append(checks, s.rights()...)
	checks = append(checks, check{"records", s.records}, check{"workloads and metrics", s.workloads})
	return examine(ctx, checks)
}

// once makes a call a single time, under the deadline of the first caller, and gives all
// callers its result.
func once[T any](call func(context.Context) (T, error)) func(context.Context) (T, error) {
	var first sync.Once
	var value T
	var err error
	return func(ctx context.Context) (T, error) {
		first.Do(func() { value, err = call(ctx) })
		return value, err
	}
}

// Misconfigured is the report on an environment that cannot be used at all.
func Misconfigured(err error) Report {
	var report Report
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if line != "" {
			report.Lines = append(report.Lines, Line{Fail, "environment", line, "Correct the variable; the README lists all of them."})
		}
	}
	return report
}

func (s Subject) runbook(context.Context) []Line {
	if s.BookErr == nil {
		return well("%d components, %s", len(s.Book.Components), s.Book.Origin)
	}
	var lines []Line
	for line := range strings.SplitSeq(s.BookErr.Error(), "\n") {
		// A line that ends in a colon only introduces the problems.
		if line != "" && !strings.HasSuffix(line, ":") {
			lines = append(lines, Line{Level: Fail, Text: line, Next: "Correct that line; the other checks use the built-in runbook."})
		}
	}
	return lines
}

// The tolerance is needed because the answer's date has whole seconds and took some time to
// arrive. A larger difference makes stored times misleading.
const (
	skewSeen = 5 * time.Second
	skewMost = time.Minute
)

// clock compares the machine's clock with Slack's.
func (s Subject) clock(ctx context.Context) []Line {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.APIURL+"api.test", nil)
	if err != nil {
		return bad(Warn, fmt.Errorf("asking Slack for the time: %w", err), "")
	}
	client := s.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	asked := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return bad(Warn, fmt.Errorf("asking Slack for the time: %w", err), "The clock could not be compared; see the Slack checks.")
	}
	defer response.Body.Close()
	there, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return bad(Warn, fmt.Errorf("slack does not say what time it is: %w", err), "Compare the machine's clock with a time server.")
	}
	return skew(asked.Add(time.Since(asked) / 2).Sub(there.Add(time.Second / 2)))
}

func skew(off time.Duration) []Line {
	text := fmt.Sprintf("the machine's clock is %v off Slack's", off.Abs().Round(100*time.Millisecond))
	switch {
	case off.Abs() <= skewSeen:
		return well("agrees with Slack's")
	case off.Abs() <= skewMost:
		return []Line{{Level: Warn, Text: text, Next: "Let the machine follow a time server."}}
	}
	return []Line{{Level: Fail, Text: text, Next: "Let the machine follow a time server; reports and expiry go by its clock."}}
}
