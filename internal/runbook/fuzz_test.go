package runbook

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"golang.org/x/tools/txtar"
)

// FuzzParse: no file crashes the bot; what is refused says why, and what is accepted
// keeps the promises that the judgement builds on.
func FuzzParse(f *testing.F) {
	f.Add(string(defaultYAML))
	data, err := os.ReadFile(problemsFile)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range txtar.Parse(data).Files {
		f.Add(string(file.Data))
	}
	f.Add("components: [{name: audit, group: g, topics: ['x*'], min: 1, low: 1, high: 3}]")
	f.Fuzz(func(t *testing.T, text string) {
		book, err := Parse("f.yaml", []byte(text))
		var problems Problems
		switch {
		case err == nil:
			checkPromises(t, book)
		case !errors.As(err, &problems) || len(problems) == 0 || book != nil:
			t.Errorf("got book %v and error %v, want problems alone", book, err)
		}
		for _, p := range problems {
			if p.Text == "" || p.File != "f.yaml" || strings.Contains(p.String(), "\n") {
				t.Errorf("got problem %+v, want one line of text", p)
			}
		}
	})
}

func checkPromises(t *testing.T, b *Book) {
	t.Helper()
	if len(b.Components) == 0 || b.Access.OnCallGroup == "" || b.Owner == "" {
		t.Errorf("got %+v, want components, a group and an owner", b)
	}
	for _, c := range b.Components {
		if c.Min < 1 || c.Min > c.Low || c.Low > c.High || c.Max != 0 && c.High > c.Max {
			t.Errorf("%s: got bounds %d %d %d %d", c.Name, c.Min, c.Low, c.High, c.Max)
		}
		if c.Group == "" || len(c.Topics) == 0 || c.Namespace == "" || c.Deployment == "" || c.Selector == "" {
			t.Errorf("got %+v, want everything that finds it", c)
		}
		for _, word := range append([]string{c.Name}, c.Aliases...) {
			if found, ok := b.Component(word); !ok || found.Name != c.Name {
				t.Errorf("%q: got %q, want %q", word, found.Name, c.Name)
			}
		}
		for _, name := range c.Downstream {
			if !slices.Contains(b.Names(), name) {
				t.Errorf("%s: got downstream %q, want a component", c.Name, name)
			}
		}
	}
	checkPolicyPromises(t, b.Policy)
}

func checkPolicyPromises(t *testing.T, p scale.Policy) {
	t.Helper()
	for _, share := range []float64{p.Up.CPU.Value, p.Up.Memory.Value, p.Down.CPU.Value, p.Down.Memory.Value, p.Sizing.HotShare, p.After.AtLimit} {
		if share <= 0 || share > 1 {
			t.Errorf("got share %v, want one above 0 and up to 1", share)
		}
	}
	for _, d := range []time.Duration{p.Times.Sample, p.Times.Live, p.Times.Stale, p.Times.Gap, p.Times.Expiry, p.Rollout.Deadline, p.Alert.EditEvery} {
		if d < time.Second {
			t.Errorf("got duration %s, want at least a second", d)
		}
	}
	if p.Down.Lag.Value >= p.Up.Lag.Value || p.Down.MaxStep < 1 || p.Sizing.MinPerWorker > p.Sizing.MaxPerWorker {
		t.Errorf("got policy %+v, want rules that do not contradict each other", p)
	}
	if len(p.Times.Horizons) == 0 || !slices.IsSortedFunc(p.Times.Horizons, func(a, b scale.Horizon) int { return int(a.After - b.After) }) {
		t.Errorf("got reports %v, want some, ascending", p.Times.Horizons)
	}
}
