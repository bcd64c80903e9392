package incidents_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/incidents"
	"github.com/scalebot/scalebot/internal/memstore"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

var update = flag.Bool("update", false, "write the stories anew as they are played")

// calm is how long nothing happens before a story begins, so that every window is full.
const calm = 70 * time.Minute

// Every incident is a story in testdata: its world, what people do, and what they see. They
// are played by the engine, the commands and the cards of the product; -update writes what
// is seen anew.
func TestStories(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(incidents.All)) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name+".txtar")
			story, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(story.Files) != 2 || story.Files[0].Name != "script" || story.Files[1].Name != "seen" {
				t.Fatalf("%s has to have the two parts script and seen", path)
			}
			seen := ""
			synctest.Test(t, func(t *testing.T) { seen = play(t, name, string(story.Files[0].Data)) })
			if *update {
				story.Files[1].Data = []byte(seen)
				if err := os.WriteFile(path, txtar.Format(story), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if was := string(story.Files[1].Data); seen != was {
				t.Errorf("what people see is another story now; go test ./internal/incidents -update writes it anew. %s", firstChange(was, seen))
			}
		})
	}
}

// firstChange is where two stories part.
func firstChange(was, is string) string {
	before, after := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range min(len(before), len(after)) {
		if before[i] != after[i] {
			return fmt.Sprintf("Line %d was\n\t%s\nand is\n\t%s", i+1, before[i], after[i])
		}
	}
	return fmt.Sprintf("It had %d lines and has %d", len(before), len(after))
}

// player is one story being played.
type player struct {
	*testing.T
	incident string
	world    *world
	room     *room
	handler  *commands.Handler
	steps    int
}

// play carries out a script and returns what was seen.
func play(t *testing.T, incident, script string) string {
	time.Sleep(time.Until(slackuitest.Noon.Add(calm)))
	book := *runbook.Default()
	pipeline := incidents.NewPipeline(uint64(len(incident)))
	// The bot acts on whole seconds. The world and the people act in between, so that no two
	// things happen at one moment and their order is always the same.
	pipeline.At, pipeline.Every = pipeline.At.Add(137*time.Millisecond), tick
	book.Components = []scale.Component{pipeline.Component}
	p := &player{
		T: t, incident: incident, world: &world{play: pipeline, version: 1, by: "kubectl"},
		room: &room{began: time.Now()},
	}
	e := engine.New(engine.Config{
		Book: &book, Kafka: p.world, Cluster: p.world, Hand: p.world, Metrics: p.world, Store: memstore.New(), Announcer: p.room, Directory: p.room,
	})
	p.handler = &commands.Handler{Desk: e.Desk(), Book: &book}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	p.wait(500 * time.Millisecond)
	for line := range strings.Lines(script) {
		if line = strings.TrimSpace(line); line != "" {
			p.step(line)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the engine ended with %v", err)
	}
	return p.room.story.String()
}

// step carries out one line: "incident", "wait 5m", "await alert", "carl: /scale …" or
// "ben clicks Approve".
func (p *player) step(line string) {
	p.Helper()
	p.steps++
	who, what, typed := strings.Cut(line, ": /scale")
	switch {
	case typed:
		p.types(who, strings.TrimSpace(what))
	case line == "incident":
		p.world.happen(incidents.All[p.incident])
		p.note("it happens: " + p.incident)
	case line == "await alert":
		for range int(time.Hour / incidents.EveryReading) {
			if p.room.alerts() {
				return
			}
			p.wait(incidents.EveryReading)
		}
		p.Fatalf("no alert was posted within an hour")
	case strings.HasPrefix(line, "wait "):
		d, err := time.ParseDuration(strings.TrimPrefix(line, "wait "))
		if err != nil {
			p.Fatalf("%q: %v", line, err)
		}
		p.wait(d)
	default:
		who, label, ok := strings.Cut(line, " clicks ")
		if !ok {
			p.Fatalf("%q is no step of a story", line)
		}
		p.clicks(who, label)
	}
}

// tick is how exact the times of a story are, and how long people take for a step: longer
// than the bot, whose second step after a click may come at once or a second later.
const tick = 5 * time.Second

// wait lets time pass, and the story catches up with every tick of it.
func (p *player) wait(d time.Duration) {
	for passed := time.Duration(0); passed < d; passed += tick {
		time.Sleep(min(tick, d-passed))
		synctest.Wait()
		p.room.catchUp()
	}
}

func (p *player) note(what string, lines ...string) {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	p.room.tell(what, lines)
}

func (p *player) types(who, text string) {
	p.note(strings.TrimSpace(who + " types: /scale " + text))
	a := p.handler.Call(p.Context(), commands.Call{By: p.person(who), Text: text, Channel: channel, Key: fmt.Sprint("step-", p.steps), At: time.Now()})
	p.answered(who, a)
}

func (p *player) clicks(who, label string) {
	p.Helper()
	at, button := p.room.button(label)
	if button == nil {
		p.Fatalf("nobody sees a button %q", label)
	}
	p.note(fmt.Sprintf("%s clicks [%s]", who, button.Text.Text))
	a := p.handler.Click(p.Context(), commands.Click{
		By: p.person(who), Action: button.ActionID, Target: button.Value, Channel: at.Channel, TS: at.TS, Key: fmt.Sprint("step-", p.steps), At: time.Now(),
	})
	p.answered(who, a)
}

// answered writes down a private answer, and what has come of it a tick later.
func (p *player) answered(who string, a commands.Answer) {
	if l, ok := cards.DrawAnswer(a); ok {
		p.note("only "+who+" sees:", drawn(l)...)
	}
	p.wait(tick)
}

func (p *player) person(name string) scale.Person {
	p.Helper()
	for _, one := range []scale.Person{slackuitest.Ana, slackuitest.Ben, slackuitest.Carl} {
		if strings.EqualFold(one.Name, name) {
			return one
		}
	}
	p.Fatalf("nobody here is called %q", name)
	return scale.Person{}
}
