package commands

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const languageFile = "testdata/language.txt"

// TestLanguage plays every utterance of the golden file: what is understood, and what
// is said when nothing is.
func TestLanguage(t *testing.T) {
	data, err := os.ReadFile(languageFile)
	if err != nil {
		t.Fatal(err)
	}
	book := runbook.Default()
	archive := txtar.Parse(data)
	if len(archive.Files) < 5 {
		t.Fatalf("got %d sections in %s, want the whole language", len(archive.Files), languageFile)
	}
	for i, file := range archive.Files {
		want := string(file.Data)
		got := transcript(t, book, want)
		archive.Files[i].Data = []byte(got)
		if got != want && !*update {
			t.Errorf("%s: got\n%s\nwant\n%s", file.Name, got, want)
		}
	}
	if *update {
		if err := os.WriteFile(languageFile, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// transcript is a section with the answers to its utterances written anew.
func transcript(t *testing.T, book *runbook.Book, section string) string {
	t.Helper()
	var b strings.Builder
	for l := range strings.Lines(section) {
		l = strings.TrimSuffix(l, "\n")
		typed, ok := utterance(t, l)
		if !ok {
			if strings.HasPrefix(l, "#") {
				b.WriteString(l + "\n")
			}
			continue
		}
		b.WriteString(l + "\n" + understood(book, typed))
	}
	return b.String()
}

func utterance(t *testing.T, l string) (text string, ok bool) {
	t.Helper()
	if quoted, ok := strings.CutPrefix(l, ">> "); ok {
		text, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		return text, true
	}
	return strings.TrimPrefix(strings.TrimPrefix(l, ">"), " "), strings.HasPrefix(l, ">")
}

func understood(book *runbook.Book, typed string) string {
	c, refusal := parse(typed, book)
	if refusal == nil {
		return "= " + c.String() + "\n"
	}
	text := "! " + refusal.Code + ": " + refusal.Error() + "\n"
	if refusal.Try != "" {
		text += "  " + refusal.Try + "\n"
	}
	return text
}

// TestPrintedCommandsParse: every command of the golden file is its own canonical form.
func TestPrintedCommandsParse(t *testing.T) {
	data, err := os.ReadFile(languageFile)
	if err != nil {
		t.Fatal(err)
	}
	book := runbook.Default()
	seen := map[string]bool{}
	for _, file := range txtar.Parse(data).Files {
		for l := range strings.Lines(string(file.Data)) {
			typed, ok := utterance(t, strings.TrimSuffix(l, "\n"))
			if !ok {
				continue
			}
			if c, err := Parse(typed, book); err == nil {
				seen[fmt.Sprintf("%T", c)] = true
				checkRoundTrip(t, book, c)
			}
		}
	}
	if len(seen) != 13 {
		t.Errorf("got %d kinds of command in the golden file, want all 13: %v", len(seen), seen)
	}
}

// TestTextIsBounded: neither a text nor a reason may be as long as a message can be.
func TestTextIsBounded(t *testing.T) {
	book := runbook.Default()
	for _, test := range []struct {
		text string
		code string
	}{
		{"dw 9 because " + strings.Repeat("é", longestReason), ""},
		{"dw 9 because " + strings.Repeat("é", longestReason+1), RefusedText},
		{"dw " + strings.Repeat("9", longestText), RefusedText},
		{strings.Repeat("&", longestText), RefusedWord},
		{strings.Repeat("dw ", longestText/3), RefusedWord},
		{"dw 9 " + strings.Repeat("x", 1000), RefusedWord},
	} {
		_, refusal := parse(test.text, book)
		switch {
		case refusal == nil && test.code != "":
			t.Errorf("%.20q…: got a command, want %s", test.text, test.code)
		case refusal != nil && refusal.Code != test.code:
			t.Errorf("%.20q…: got %s, want %q", test.text, refusal.Code, test.code)
		case refusal != nil && len(refusal.Error()) > 500:
			t.Errorf("%.20q…: got an answer of %d bytes, want foreign text cut", test.text, len(refusal.Error()))
		}
	}
}

// TestParseSaysWhy: the error is a refusal that people can be shown.
func TestParseSaysWhy(t *testing.T) {
	_, err := Parse("nonsense", runbook.Default())
	var refusal *scale.Refusal
	if !errors.As(err, &refusal) || refusal.Try == "" {
		t.Errorf("got %v, want a refusal with a line to copy", err)
	}
}

func checkRoundTrip(t *testing.T, book *runbook.Book, c Command) {
	t.Helper()
	again, err := Parse(c.String(), book)
	if err != nil {
		t.Errorf("%q: got %v, want the command back", c, err)
		return
	}
	if again != c {
		t.Errorf("%q: got %#v, want %#v", c, again, c)
	}
}

// FuzzParse: nothing that people type crashes the parser; what is understood prints
// and parses to itself, what is not is refused with a reason, and every line that is
// offered for copying works.
func FuzzParse(f *testing.F) {
	data, err := os.ReadFile(languageFile)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range txtar.Parse(data).Files {
		for l := range strings.Lines(string(file.Data)) {
			if typed, ok := strings.CutPrefix(strings.TrimSuffix(l, "\n"), "> "); ok {
				f.Add(typed)
			}
		}
	}
	book := runbook.Default()
	f.Fuzz(func(t *testing.T, typed string) {
		c, refusal := parse(typed, book)
		if refusal == nil {
			checkRoundTrip(t, book, c)
			return
		}
		if refusal.Code == "" || refusal.Why == "" {
			t.Errorf("%q: got %+v, want a code and a reason", typed, refusal)
		}
		if refusal.Try == "" {
			return
		}
		copied, ok := strings.CutPrefix(refusal.Try, "/scale ")
		if !ok {
			t.Errorf("%q: got the line %q, want it to start with /scale", typed, refusal.Try)
		}
		if _, err := Parse(copied, book); err != nil {
			t.Errorf("%q: the line %q is offered but refused: %v", typed, refusal.Try, err)
		}
	})
}
