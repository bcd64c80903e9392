package ledger

import "github.com/scalebot/scalebot/internal/scale"

// Sight is which scale-up rules of a component can be judged.
type Sight struct {
	// Rules is how many such rules there are, Blind how many lack data that should be there.
	Rules int          `json:"rules"`
	Blind []scale.Rule `json:"blind,omitempty"`
	// Metrics are what the blind rules judge, one for each: "p95 latency", "CPU".
	Metrics []string `json:"metrics,omitempty"`
	// Why are the different reasons, in the order of the rules.
	Why []string `json:"why,omitempty"`
	// From are the systems that the data should come from ("Kafka", "Prometheus", "the metrics
	// of the pods", "metrics.k8s.io", "Kubernetes"), as far as that is known.
	From []string `json:"from,omitempty"`
	// LagPart says that the lag is one of the missing values, and is known in part.
	LagPart bool `json:"lagPart,omitempty"`
}
