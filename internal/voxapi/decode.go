package voxapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// The published examples are few, and other programs that read this API have
// met numbers written as strings and lists written as one object. The types
// here accept what cannot be misunderstood and refuse the rest, since a row that
// is silently skipped may be a person with access.
//
// Their errors never quote what was read: it may be a private key.

var (
	errNotNumber = errors.New("not a whole number")
	errNotText   = errors.New("not a text")
	errNotFlag   = errors.New("neither true nor false")
	errNoResult  = errors.New("an answer without a result")
)

// number is a whole number, written as a number or as a string of digits. Some
// encoders write one with a fraction of zeros.
type number int64

func (n *number) UnmarshalJSON(raw []byte) error {
	whole, fraction, _ := strings.Cut(string(unquoted(raw)), ".")
	value, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.Trim(fraction, "0") != "" {
		return errNotNumber
	}
	*n = number(value)
	return nil
}

// message is a string; null is the empty one. A number is taken as it is written,
// because some encoders turn a description of digits into one.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	switch {
	case isNull(raw):
		*t = ""
	case raw[0] == '"':
		var value string
		if json.Unmarshal(raw, &value) != nil {
			return errNotText
		}
		*t = text(value)
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		*t = text(raw)
	default:
		return errNotText
	}
	return nil
}

// flag is true or false, also as 1 or 0, also as a string of these. A null is
// false; use *flag where "not said" matters.
type flag bool

func (f *flag) UnmarshalJSON(raw []byte) error {
	if isNull(raw) {
		*f = false
		return nil
	}
	value, err := strconv.ParseBool(string(unquoted(raw)))
	if err != nil {
		return errNotFlag
	}
	*f = flag(value)
	return nil
}

// pointer returns what was said, or nil.
func (f *flag) pointer() *bool {
	if f == nil {
		return nil
	}
	value := bool(*f)
	return &value
}

// oneOrMany is a list, or the one element of it without the brackets; null is the
// empty list.
type oneOrMany[T any] []T

func (m *oneOrMany[T]) UnmarshalJSON(raw []byte) error {
	*m = nil
	if isNull(raw) {
		return nil
	}
	if raw[0] == '[' {
		return json.Unmarshal(raw, (*[]T)(m))
	}
	var single T
	if err := json.Unmarshal(raw, &single); err != nil {
		return err
	}
	*m = oneOrMany[T]{single}
	return nil
}

// decodeList reads a result that is a list and turns each row into ours.
func decodeList[W, T any](result json.RawMessage, convert func(W) (T, error)) ([]T, error) {
	if result == nil {
		return nil, errNoResult
	}
	var wire oneOrMany[W]
	if json.Unmarshal(result, &wire) != nil {
		return nil, errors.New("the result is not a list of the documented shape")
	}
	return convertAll(wire, convert)
}

func convertAll[W, T any](wire []W, convert func(W) (T, error)) ([]T, error) {
	rows := make([]T, 0, len(wire))
	for _, w := range wire {
		row, err := convert(w)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// decodeDone checks the answer of a method that returns no data. The contract
// documents exactly 1; anything else is no proof that the change was made.
func decodeDone(a envelope) error {
	var result number
	if json.Unmarshal(a.result(), &result) != nil || result != 1 {
		return errors.New("the result is not the documented 1")
	}
	return nil
}

func int64s(numbers []number) []int64 {
	if len(numbers) == 0 {
		return nil
	}
	values := make([]int64, len(numbers))
	for i, n := range numbers {
		values[i] = int64(n)
	}
	return values
}

// requiredID returns an id that must be there.
func requiredID(id *number, missing string) (int64, error) {
	if id == nil || *id <= 0 {
		return 0, errors.New(missing)
	}
	return int64(*id), nil
}

func isNull(raw []byte) bool {
	return bytes.Equal(raw, []byte("null"))
}

// unquoted removes the quotes of a plain JSON string. One with escapes keeps
// its backslashes and so fails to parse, as it should.
func unquoted(raw []byte) []byte {
	if len(raw) >= 2 && raw[0] == '"' {
		return raw[1 : len(raw)-1]
	}
	return raw
}
