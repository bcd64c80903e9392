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
	// quantile is the percentile that the latency rules use: p95.
	quantile = 0.95
)

// Options are the options of both sources. The zero Options are valid.
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

// checkMetric says why a metric cannot be read by its name; empty when it can. what names the
// metric for people.
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
