// Package secret holds values that must never be printed. A Text shows itself as
// "[redacted]" to every formatter, logger and encoder; only [Text.Reveal] gives the
// value, so that a search for Reveal finds every place where one leaves.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a secret looks like wherever it is printed.
const Redacted = "[redacted]"

// Text is a secret string such as a token or a password. The zero Text is empty.
type Text string

// Reveal returns the secret itself, for handing it to the system it is meant for.
func (t Text) Reveal() string { return string(t) }

// IsZero reports whether there is no secret.
func (t Text) IsZero() bool { return t == "" }

// Format implements fmt.Formatter and not only Stringer: with a verb that does not fit
// a string, fmt would otherwise print the value in its complaint.
func (t Text) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, Redacted) }

// LogValue keeps the secret out of structured logs.
func (t Text) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText keeps the secret out of JSON, YAML and the like.
func (t Text) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
