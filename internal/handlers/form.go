package handlers

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// errInvalidForm is the error of a body that is not a form of this console.
var errInvalidForm = errors.New("invalid form")

// form is a posted form. It contains the body only, never the query of the URL.
type form struct{ values url.Values }

// readForm reads a form. It returns errInvalidForm, or an *http.MaxBytesError for a body that is too large.
func readForm(w http.ResponseWriter, r *http.Request) (form, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.ContentLength == 0 && kind == "" {
		return form{}, nil
	}
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return form{}, errInvalidForm
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFormBytes))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return form{}, tooLarge
	}
	if err != nil {
		return form{}, errInvalidForm
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return form{}, errInvalidForm
	}
	for _, texts := range values {
		for _, text := range texts {
			if !isText(text) {
				return form{}, errInvalidForm
			}
		}
	}
	return form{values: values}, nil
}

// isText reports whether a text can be shown: valid UTF-8 without NUL.
func isText(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// text returns the first value of a field without the white space around it.
func (f form) text(name string) string { return strings.TrimSpace(f.values.Get(name)) }

// exact returns the first value of a field as typed, for passwords.
func (f form) exact(name string) string { return f.values.Get(name) }

// ids returns the vendor's ids in a field, in their order. It returns errInvalidForm for anything that is not a number:
// the console's own forms send only numbers.
func (f form) ids(name string) ([]int64, error) {
	var ids []int64
	for _, text := range f.values[name] {
		id, ok := parseID(text)
		if !ok {
			return nil, errInvalidForm
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// parseID parses a vendor's id: a positive decimal number without leading zeros.
func parseID(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0 && strconv.FormatInt(id, 10) == text
}
