package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/secret"
)

const token = "xoxb-very-secret"

func TestASecretIsNeverPrinted(t *testing.T) {
	type config struct{ Token secret.Text }
	c := config{Token: token}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("starting", "config", c, "token", c.Token)
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	outputs := []string{logged.String(), string(encoded)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T %v"} {
		outputs = append(outputs, fmt.Sprintf(verb, c.Token), fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c))
	}
	for _, out := range outputs {
		if strings.Contains(out, token) || strings.Contains(out, fmt.Sprintf("%x", token)) {
			t.Errorf("the secret shows in %q", out)
		}
	}
	if got := c.Token.Reveal(); got != token {
		t.Errorf("revealed %q, want the secret", got)
	}
}
