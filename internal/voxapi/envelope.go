package voxapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// response is the outermost JSON object of an answer, by field name. Its fields
// beside result are kept because GetAccountInfo puts some of its facts there.
type envelope map[string]json.RawMessage

// result is the raw result, or nil when the answer has none.
func (a envelope) result() json.RawMessage { return a["result"] }

// vendorError is one {"code":…,"msg":…}.
type vendorError struct {
	code    int
	message string
}

var (
	errNotObject        = errors.New("the answer is not a JSON object")
	errDuplicateField   = errors.New("the answer has a field twice")
	errErrorWithoutCode = errors.New("the answer carries an error that has no code")
)

// parseEnvelope reads the envelope of an answer. Errors arrive with HTTP status
// 200, as one object under "error" or as a list under "errors"; both are looked
// at before the result. See
// https://docs.voximplant.ai/api-reference/management-api/errors.
func parseEnvelope(body []byte) (envelope, []vendorError, error) {
	a, err := readObject(body)
	if err != nil {
		return nil, nil, err
	}
	var failures []vendorError
	for _, field := range []string{"error", "errors"} {
		found, err := parseErrors(a[field])
		if err != nil {
			return nil, nil, err
		}
		failures = append(failures, found...)
	}
	return a, failures, nil
}

// readObject reads the fields of the one object that an answer is, with or
// without a byte order mark before it. A field that is there twice would hide the
// first of them, which may be an error, so then the answer tells nothing.
func readObject(body []byte) (envelope, error) {
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errNotObject
	}
	a := envelope{}
	for decoder.More() {
		var raw json.RawMessage
		name, err := decoder.Token()
		if err != nil || decoder.Decode(&raw) != nil {
			return nil, errNotObject
		}
		field, _ := name.(string)
		if _, duplicate := a[field]; duplicate {
			return nil, errDuplicateField
		}
		a[field] = raw
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errNotObject
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errNotObject
	}
	return a, nil
}

func parseErrors(raw json.RawMessage) ([]vendorError, error) {
	if raw == nil {
		return nil, nil
	}
	var wire oneOrMany[struct {
		Code    number `json:"code"`
		Message any    `json:"msg"`
	}]
	if json.Unmarshal(raw, &wire) != nil {
		return nil, errErrorWithoutCode
	}
	failures := make([]vendorError, 0, len(wire))
	for _, w := range wire {
		if w.Code <= 0 || w.Code > 1<<31-1 {
			return nil, errErrorWithoutCode
		}
		message, _ := w.Message.(string)
		failures = append(failures, vendorError{code: int(w.Code), message: message})
	}
	return failures, nil
}

// hasResult reports whether an answer that carries an error carries a result
// as well. Such an answer contradicts itself.
func (a envelope) hasResult() bool {
	switch string(a.result()) {
	case "", "null", "0", "false", "[]", "{}", `""`:
		return false
	default:
		return true
	}
}
