package app

import (
	"encoding/json"
	"net/http"
)

// Condition is one thing that must hold for the bot to be ready or alive.
type Condition struct {
	// Name is what is printed, such as "slack".
	Name string
	// Holds reports whether it holds now and, if not, why.
	Holds func() (ok bool, why string)
}

// condition is what a probe prints of a Condition.
type condition struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Why  string `json:"why,omitempty"`
}

// probe answers 200 when every condition holds and 503 otherwise. The body always says which
// conditions hold, so that an operator needs no log to see what is missing.
func probe(conditions []Condition) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		status, results := http.StatusOK, make([]condition, 0, len(conditions))
		for _, c := range conditions {
			ok, why := c.Holds()
			if ok {
				why = ""
			} else {
				status = http.StatusServiceUnavailable
			}
			results = append(results, condition{c.Name, ok, why})
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"ok": status == http.StatusOK, "conditions": results})
	})
}
