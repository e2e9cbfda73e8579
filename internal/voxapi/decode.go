package voxapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// The published examples are few, and other programs that read this API have met numbers written as strings and lists
// written as one object. The types here accept what is unambiguous and reject the rest, since a row that is silently
// skipped may be a person with access.
//
// Their errors never quote the input: it may be a private key.

var (
	errNotNumber = errors.New("not an integer")
	errNotText   = errors.New("not a string")
	errNotFlag   = errors.New("neither true nor false")
	errNoResult  = errors.New("a response without a result")
)

// number is an integer, written as a number or as a string of digits, also with a fraction of zeros.
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

// text is a string; null becomes the empty string. A number is kept as it is written, because some encoders turn a
// description of digits into one.
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

// flag is a boolean, written as true or false, 1 or 0, or a string of these. Null becomes false; use *flag where a
// missing value matters.
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

// pointer returns nil for a missing value.
func (f *flag) pointer() *bool {
	if f == nil {
		return nil
	}
	value := bool(*f)
	return &value
}

// oneOrMany is a list, or its only element without the brackets. Null becomes the empty list.
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

// decodeList decodes a result that is a list and converts each row. Null is not the empty list: it would make every
// principal of an account look deleted.
func decodeList[W, T any](result json.RawMessage, convert func(W) (T, error)) ([]T, error) {
	if result == nil || isNull(result) {
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

// decodeDone checks the response of a method that returns no data. The vendor documents exactly 1; nothing else proves
// that the change was made.
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

// requiredID returns an id that must be present and positive.
func requiredID(id *number, missing string) (int64, error) {
	if id == nil || *id <= 0 {
		return 0, errors.New(missing)
	}
	return int64(*id), nil
}

func isNull(raw []byte) bool {
	return bytes.Equal(raw, []byte("null"))
}

// unquoted removes the quotes of a JSON string. A string with escapes keeps its backslashes and then fails to parse, as
// intended.
func unquoted(raw []byte) []byte {
	if len(raw) >= 2 && raw[0] == '"' {
		return raw[1 : len(raw)-1]
	}
	return raw
}
