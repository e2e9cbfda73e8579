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

// errInvalidForm is the error of a form that cannot be read as one.
var errInvalidForm = errors.New("the form cannot be read")

// form is a posted form, read from the body alone: what stands in the address is never part of it.
type form struct{ values url.Values }

// readForm reads a form. It fails with errForm, or with http.MaxBytesError when there is too much of it.
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

// isText says whether bytes are a text that a page can show.
func isText(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// text is a field without the space around it; of a field that was sent twice, the first.
func (f form) text(name string) string { return strings.TrimSpace(f.values.Get(name)) }

// exact is a field as it was typed, for passwords.
func (f form) exact(name string) string { return f.values.Get(name) }

// ids are the vendor's ids that a field was sent with, in order. A form of ours sends nothing but numbers.
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

// parseID reads a vendor's id: a positive decimal number, written in just one way.
func parseID(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0 && strconv.FormatInt(id, 10) == text
}
