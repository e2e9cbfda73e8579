package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is printed instead of every secret.
const redacted = "[redacted]"

// Secret is a confidential value. It prints as [redacted] in every format, in JSON and in logs. Only Reveal returns the
// value, so all uses can be found by its name. The zero Secret is empty.
//
// The value is behind a pointer because fmt cannot call methods of unexported fields: for a Secret in such a field it
// prints the pointer, not the value.
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

// Empty reports whether the value is empty.
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
