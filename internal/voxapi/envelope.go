package voxapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// envelope is the outermost JSON object of a response, by field name. The fields beside result are kept because
// GetAccountInfo and GetAuditLog put some of their facts there.
type envelope map[string]json.RawMessage

// result returns the raw result, or nil if the response has none.
func (a envelope) result() json.RawMessage { return a["result"] }

// vendorError is one {"code":…,"msg":…}.
type vendorError struct {
	code    int
	message string
}

var (
	errNotObject        = errors.New("the response is not a JSON object")
	errDuplicateField   = errors.New("the response has a duplicate field")
	errErrorWithoutCode = errors.New("the response has an error without a code")
)

// parseEnvelope decodes a response. Errors arrive with HTTP status 200, as one object in "error" or as a list in
// "errors"; both are checked before the result. See https://docs.voximplant.ai/api-reference/management-api/errors.
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

// readObject decodes the fields of the object that a response is, with or without a byte order mark. A duplicate field
// could hide an error, so it makes the response unusable.
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

// hasResult reports whether a response that has an error has a result too. Such a response contradicts itself.
func (a envelope) hasResult() bool {
	switch string(a.result()) {
	case "", "null", "0", "false", "[]", "{}", `""`:
		return false
	default:
		return true
	}
}
