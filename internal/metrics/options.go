package metrics

import (
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// defaultWindow is the runbook's window for rates.
	defaultWindow = 5 * time.Minute
	// maxBody bounds every answer that is read.
	maxBody = 4 << 20
	// quantile is the share of messages that the latency rules are about: p95.
	quantile = 0.95
)

// Options are what both sources have in common. The zero Options are useful.
type Options struct {
	// Client sends the requests; nil means http.DefaultClient. Redirects are not
	// followed.
	Client *http.Client
	// Clock tells when something was measured.
	Clock pace.Clock
	// Window is the time rates are measured over; zero means 5 min.
	Window time.Duration
}

func (o Options) normal() (Options, error) {
	if o.Window < 0 {
		return o, errors.New("the window for rates is negative")
	}
	if o.Window == 0 {
		o.Window = defaultWindow
	}
	client := http.Client{}
	if o.Client != nil {
		client = *o.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	o.Client = &client
	return o, nil
}

var (
	metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
	labelName  = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
)

// checkMetric says why a metric cannot be read by its name; empty when it can. what
// says in words what it would tell.
func checkMetric(m scale.Metric, what string) string {
	switch {
	case m.Name == "":
		return "the runbook file names no metric for " + what
	case !metricName.MatchString(m.Name):
		return quoted(m.Name) + " is not a metric name"
	}
	for label := range m.Labels {
		if !labelName.MatchString(label) {
			return quoted(label) + " is not a label name"
		}
	}
	return ""
}
