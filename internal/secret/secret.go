// Package secret holds values that must never be printed. Every formatter, logger and encoder
// prints a Text as "[redacted]". Only [Text.Reveal] returns the value, so that a search for
// Reveal finds every use of a secret.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what is printed instead of a secret.
const Redacted = "[redacted]"

// Text is a secret string such as a token or a password. The zero Text is empty.
type Text string

// Reveal returns the secret itself, to pass it to the system that it is for.
func (t Text) Reveal() string { return string(t) }

// IsZero reports whether there is no secret.
func (t Text) IsZero() bool { return t == "" }

// Format implements fmt.Formatter and not only Stringer. With a verb that does not fit a string,
// fmt would otherwise print the value in its error text.
func (t Text) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, Redacted) }

// LogValue keeps the secret out of structured logs.
func (t Text) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText keeps the secret out of JSON, YAML and the like.
func (t Text) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
