package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what every secret prints as, wherever it ends up.
const redacted = "[redacted]"

// Secret is a value that must not be seen: it prints as [redacted] in every format, in JSON and in logs.
// Reveal is the only way to the value, so that each use can be found by its name. The zero Secret is empty.
//
// The value is behind a pointer because fmt cannot call methods on unexported fields: of a struct that keeps
// a Secret in one, it would print the value itself; so it prints an address.
type Secret struct{ value *string }

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{value: &value} }

// Reveal returns the value itself.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty says whether there is no value.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// String implements fmt.Stringer and never shows the value.
func (Secret) String() string { return redacted }

// GoString implements fmt.GoStringer and never shows the value.
func (Secret) GoString() string { return redacted }

// Format implements fmt.Formatter and never shows the value, whatever the verb.
func (Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue implements slog.LogValuer and never shows the value.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements encoding.TextMarshaler, which JSON uses too, and never shows the value.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
