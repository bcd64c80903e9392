package change

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// all has one change of each kind; a new kind is added here.
var all = map[Kind]Change{
	KindReplicas: Replicas{From: 6, To: 9},
}

// Every kind can be read back as it was stored, is undone by what undoes it, has words, and is
// the same as an equal one.
func TestEveryKindIsKnown(t *testing.T) {
	if len(all) != len(readers) {
		t.Errorf("%d kinds are tested here and %d can be read", len(all), len(readers))
	}
	for kind, c := range all {
		if c.Kind() != kind {
			t.Errorf("%s calls itself %s", kind, c.Kind())
		}
		stored, err := Encode(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(stored)
		if err != nil || again != c {
			t.Errorf("%s: got %v and %v back from %s, want %v", kind, again, err, stored, c)
		}
		if back := c.Back(); back == c || back.Back() != c || back.Kind() != kind {
			t.Errorf("%s: got %v and %v, want to be where it began after going back twice", kind, back, back.Back())
		}
		from, to := c.Ends()
		if after, before := c.Back().Ends(); from == to || from != before || to != after {
			t.Errorf("%s: got from %v to %v, and back from %v to %v", kind, from, to, after, before)
		}
		if c.String() == "" || c.Figures() == (Figures{}) {
			t.Errorf("%s has no words (%q) or no figures (%v)", kind, c, c.Figures())
		}
	}
}

// A record holds the kind and exactly the values of it, in both forms.
func TestAChangeIsStoredWithItsKind(t *testing.T) {
	stored, err := Encode(Replicas{From: 6, To: 9})
	if err != nil || string(stored) != `{"from":6,"kind":"replicas","to":9}` {
		t.Errorf("got %s and %v", stored, err)
	}
	bare, ok := EncodeBare(Replicas{From: 0, To: 9})
	if !ok || string(bare) != `{"from":0,"to":9}` {
		t.Errorf("got %s, %t", bare, ok)
	}
	if again, err := DecodeBare(bare); err != nil || again != (Replicas{To: 9}) {
		t.Errorf("got %v and %v", again, err)
	}
	if _, ok := EncodeBare(nil); ok {
		t.Error("no change at all is stored as one")
	}
	if _, err := Encode(nil); err == nil {
		t.Error("no change at all is stored as one with a kind")
	}
}

// Nothing is guessed: whatever is not exactly a known change is an error.
func TestWhatIsNoKnownChangeIsAnError(t *testing.T) {
	for stored, want := range map[string]string{
		`{"kind":"replicas","from":6}`:                  "and not from",
		`{"kind":"replicas","from":6,"to":9,"in":"1h"}`: "and not from, in, to",
		`{"kind":"replicas","from":6,"to":null}`:        "no value for to",
		`{"kind":"","from":6,"to":9}`:                   `kind ""`,
		`{"kind":7,"from":6,"to":9}`:                    "the kind of a change",
		`{"from":6,"to":9}`:                             "the kind of a change",
		`{"kind":"replicas","from":"six","to":9}`:       "cannot unmarshal string",
		`null`:  "the kind of a change",
		`[6,9]`: "decoding a change",
		``:      "decoding a change",
	} {
		if c, err := Decode([]byte(stored)); err == nil || c != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v and %v, want an error with %q", stored, c, err, want)
		}
	}
	for _, stored := range []string{`{}`, `null`, `6`, `{"kind":"replicas","from":6,"to":9}`, `{"from":6,"to":1e40}`} {
		if c, err := DecodeBare([]byte(stored)); err == nil || c != nil {
			t.Errorf("%s: got %v and no error", stored, c)
		}
	}
}

// A count of zero is a figure; what another kind would have is none.
func TestFiguresOfAnotherKindAreLeftOut(t *testing.T) {
	got, err := json.Marshal(Replicas{From: 6, To: 0}.Figures())
	if err != nil || string(got) != `{"replicasFrom":6,"replicasTo":0}` {
		t.Errorf("got %s and %v", got, err)
	}
	if none, err := json.Marshal(Figures{}); err != nil || string(none) != `{}` {
		t.Errorf("got %s and %v, want nothing where there is none", none, err)
	}
}

func TestReplicasInWords(t *testing.T) {
	r := Replicas{From: 9, To: 6}
	from, to := r.Ends()
	if r.String() != "from 9 to 6" || !slices.Equal([]any{from, to}, []any{9, 6}) || !r.Down() || r.Back() != (Replicas{From: 6, To: 9}) {
		t.Errorf("got %q, %v to %v, down %t, back %v", r, from, to, r.Down(), r.Back())
	}
	if (Replicas{From: 6, To: 6}).Down() || (Replicas{From: 6, To: 9}).Down() {
		t.Error("more or as many replicas are called fewer")
	}
}

// FuzzDecode: whatever is read is a change that is stored as it was read.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"kind":"replicas","from":6,"to":9}`))
	f.Add([]byte(`{"kind":"replicas","from":-1,"to":99999999999}`))
	f.Add([]byte(`{"kind":{}}`))
	f.Fuzz(func(t *testing.T, stored []byte) {
		c, err := Decode(stored)
		if err != nil {
			return
		}
		again, err := Encode(c)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := Decode(again); err != nil || same != c {
			t.Errorf("%s was read as %v and then as %v, %v", stored, c, same, err)
		}
	})
}
