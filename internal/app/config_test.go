package app_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/app"
)

// goodEnv is the least that a production start needs.
func goodEnv() map[string]string {
	return map[string]string{
		"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1",
		"SLACK_CHANNEL": "C0INCIDENT", "KAFKA_BROKERS": "a:9092,b:9092",
	}
}

func lookup(env map[string]string) func(string) (string, bool) {
	return func(key string) (string, bool) { v, ok := env[key]; return v, ok }
}

func TestTheEnvironmentIsReadWithItsDefaults(t *testing.T) {
	c, err := app.Load(t.Context(), lookup(goodEnv()))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(c.KafkaBrokers), "[a:9092 b:9092]"; got != want {
		t.Errorf("brokers %s, want %s", got, want)
	}
	if got, want := c.Namespace+" "+c.Store+" "+c.HTTPAddr+" "+c.SlackAPIURL, "kafka-pipeline kubernetes :8080 https://slack.com/api/"; got != want {
		t.Errorf("defaults %q, want %q", got, want)
	}
	if strings.Contains(fmt.Sprintf("%+v", c), "xoxb-1") {
		t.Error("printing the configuration shows a token")
	}
}

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	_, err := app.Load(t.Context(), lookup(map[string]string{
		"SLACK_BOT_TOKEN": "xapp-swapped", "SLACK_API_URL": "slack.com/api", "STORE": "disk",
		"LOG_LEVEL": "loud", "KAFKA_SASL_MECHANISM": "KERBEROS", "PROMETHEUS_URL": "prom:9090",
		"ONCALL_SOURCES": "pagerduty,phone,phone", "PAGERDUTY_URL": "eu",
	}))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"SLACK_BOT_TOKEN does not start with xoxb-", "SLACK_APP_TOKEN is not set", "SLACK_API_URL", "SLACK_CHANNEL is not set",
		"KAFKA_BROKERS is not set", "KERBEROS", "PROMETHEUS_URL", `ONCALL_SOURCES names "phone"`, "twice", "PAGERDUTY_SCHEDULE is not set", "PAGERDUTY_URL", `STORE is "disk"`, `LOG_LEVEL is "loud"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not mention %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "xapp-swapped") {
		t.Error("the error shows a token")
	}
}

// What cannot be right is told before anything is connected, the mistakes of the runbook
// file in the same list, each with its line.
func TestWhatCannotBeRightIsTold(t *testing.T) {
	file := filepath.Join(t.TempDir(), "team.yaml")
	if err := os.WriteFile(file, []byte("scaleUp:\n  lag: {above: -5}\nonwer: Us\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := goodEnv()
	env["SLACK_CHANNEL"], env["HTTP_ADDR"], env["RUNBOOK_FILE"] = "#incident-kafka", "8080", file
	env["KAFKA_BROKERS"] = "kafka:9092,http://kafka:9092"
	_, err := app.Load(t.Context(), lookup(env))
	if err == nil {
		t.Fatal("got no error, want four")
	}
	for _, want := range []string{
		`SLACK_CHANNEL is "#incident-kafka"; it must be the channel's id`, `HTTP_ADDR is "8080"; it must be host:port or :port`,
		`KAFKA_BROKERS has "http://kafka:9092"`, file + ":2:16: scaleUp.lag.above", file + `:3:1: unknown setting "onwer"; did you mean "owner"?`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
	env = goodEnv()
	env["RUNBOOK_FILE"] = file + ".missing"
	if _, err := app.Load(t.Context(), lookup(env)); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("got %v for a runbook file that is not there, want it told", err)
	}
}

func TestASecretMayComeFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("xoxb-from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := goodEnv()
	delete(env, "SLACK_BOT_TOKEN")
	env["SLACK_BOT_TOKEN_FILE"] = path
	c, err := app.Load(t.Context(), lookup(env))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.SlackBotToken.Reveal(); got != "xoxb-from-file" {
		t.Errorf("token %q, want the file's", got)
	}

	both := maps.Clone(env)
	both["SLACK_BOT_TOKEN"] = "xoxb-1"
	if _, err := app.Load(t.Context(), lookup(both)); err == nil || !strings.Contains(err.Error(), "both set") {
		t.Errorf("both set: error %v, want a complaint", err)
	}
	env["SLACK_BOT_TOKEN_FILE"] = path + ".missing"
	if _, err := app.Load(t.Context(), lookup(env)); err == nil || !strings.Contains(err.Error(), "SLACK_BOT_TOKEN_FILE") {
		t.Errorf("missing file: error %v, want a complaint", err)
	}
}
