package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// room is a Slack channel that records what was posted: Announcer and Directory at once.
type room struct {
	mu sync.Mutex
	// refs is what has been posted, by key; posts counts how often each was posted anew.
	refs     map[string]scale.MessageRef
	posts    map[string]int
	cards    map[string]ledger.Operation
	episodes map[string]ledger.Episode
	edits    map[string]int
	remarks  []string
	lives    int
	// live is what the last live view showed.
	live engine.Status
	// lost is why cards cannot be updated, by operation; asides is what was sent in private.
	lost   map[string]error
	asides []string
	// fail may refuse any message; it gets the key.
	fail func(key string) error
	next int
	// away are people who are not on call at the moment, grants how often anybody's right
	// was asked for.
	away   map[string]bool
	grants int
}

func newRoom() *room {
	return &room{
		refs: map[string]scale.MessageRef{}, posts: map[string]int{}, cards: map[string]ledger.Operation{},
		episodes: map[string]ledger.Episode{}, edits: map[string]int{}, away: map[string]bool{},
	}
}

// post posts under a key; at is where the message is if the caller knows. Unless the caller knows
// that there is no earlier post, post searches for one. The caller holds mu.
func (r *room) post(key string, at scale.MessageRef, known engine.Knowledge) (scale.MessageRef, error) {
	if r.fail != nil {
		if err := r.fail(key); err != nil {
			return at, err
		}
	}
	if !at.IsZero() {
		r.edits[key]++
		return at, nil
	}
	if ref, ok := r.refs[key]; ok && known == engine.MaybePosted {
		return ref, nil
	}
	r.next++
	r.posts[key]++
	r.refs[key] = scale.MessageRef{Channel: "C0INCIDENT", TS: fmt.Sprintf("%d.000", r.next)}
	return r.refs[key], nil
}

func (r *room) Card(_ context.Context, op ledger.Operation, known engine.Knowledge) (scale.MessageRef, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ref, err := r.post(op.ID, op.Message, known)
	if err == nil {
		r.cards[op.ID] = op
	}
	return ref, err
}

func (r *room) Report(_ context.Context, op ledger.Operation, i int, known engine.Knowledge) (scale.MessageRef, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.post(fmt.Sprintf("%s report %s", op.ID, op.Reports[i].Horizon), op.Reports[i].Posted, known)
}

func (r *room) Episode(_ context.Context, e ledger.Episode, known engine.Knowledge) (scale.MessageRef, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ref, err := r.post(e.ID, e.Message, known)
	if err == nil {
		r.episodes[e.ID] = e
	}
	return ref, err
}

func (r *room) Remark(_ context.Context, _ scale.MessageRef, key, text string, known engine.Knowledge) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.post(key, scale.MessageRef{}, known); err != nil {
		return err
	}
	r.remarks = append(r.remarks, text)
	return nil
}

func (r *room) Alarm(_ context.Context, op ledger.Operation, known engine.Knowledge) (scale.MessageRef, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.post(op.ID+" alarm", op.Alarm, known)
}

// Waiting is false: this room shows everything at once.
func (r *room) Waiting(string) bool { return false }

func (r *room) Lost(operation string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lost[operation]
}

func (r *room) Aside(_ context.Context, op ledger.Operation, name, text string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		if err := r.fail(op.ID + " aside " + name); err != nil {
			return err
		}
	}
	r.asides = append(r.asides, op.Request.By.ID+": "+text)
	return nil
}

func (r *room) Live(_ context.Context, s engine.Status, _ time.Time, ref scale.MessageRef) (scale.MessageRef, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lives++
	r.live = s
	return r.post("live "+s.Component.Name, ref, engine.Known)
}

func (r *room) Grant(_ context.Context, who scale.Person, right scale.Right) scale.Grant {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.grants++
	onCall := (who == ana || who == ben) && !r.away[who.ID]
	if onCall || right == scale.RightAsk && who != gina {
		return scale.Grant{Person: who, Allowed: true}
	}
	return scale.Grant{Person: who, Code: scale.RefusedNotOnCall, Why: "You are not on call.", Role: "@oncall-kafka", Holders: []string{"Ana", "Ben"}}
}

func (r *room) OnCall(context.Context) (scale.OnCall, error) {
	return scale.OnCall{Group: "oncall-kafka", Members: []scale.Person{ana, ben}, At: time.Now()}, nil
}

// read calls look when nothing is running.
func (r *room) read(look func(*room)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	look(r)
}

// said reports whether a remark contains the text.
func (r *room) said(text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.remarks, func(remark string) bool { return strings.Contains(remark, text) })
}

// shows is the state the operation's card shows.
func (r *room) shows(id string) ledger.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cards[id].State()
}

// episode is what the episode's card shows.
func (r *room) episode(id string) ledger.Episode {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.episodes[id]
}

// posted is how often a message was posted, not edited.
func (r *room) posted(key string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.posts[key]
}

// The people of the tests.
var (
	ana  = scale.Person{ID: "U0ANA", Name: "Ana"}
	ben  = scale.Person{ID: "U0BEN", Name: "Ben"}
	carl = scale.Person{ID: "U0CARL", Name: "Carl"}
	gina = scale.Person{ID: "U0GINA", Name: "Gina"}
)
