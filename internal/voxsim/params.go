package voxsim

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// params are the parameters of a call. The first value of a repeated name is used: lists are sent as one value, joined
// by ";", and it is not published whether the service joins repeated names.
type params map[string]string

// maxBody bounds a request body and each part of a multipart body. No call of this API is nearly as large.
const maxBody = 1 << 20

// errBadParams is the error for all parameters that cannot be parsed.
var errBadParams = errors.New("invalid parameters")

// readParams parses the parameters from the query and the body, for GET and POST. A body that is neither URL-encoded
// nor multipart has none: the vendor's own examples send "{}" as JSON with a query.
func readParams(r *http.Request) (params, error) {
	p := make(params)
	if err := p.addEncoded(r.URL.RawQuery); err != nil {
		return p, err
	}
	body := http.MaxBytesReader(nil, r.Body, maxBody)
	kind, options, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/x-www-form-urlencoded":
		text, err := io.ReadAll(body)
		if err != nil {
			return p, errBadParams
		}
		return p, p.addEncoded(string(text))
	case "multipart/form-data":
		if err := p.addParts(multipart.NewReader(body, options["boundary"])); err != nil {
			return p, err
		}
		// The rest of the body is read too, because only then does the server detect that a client disconnects.
	}
	_, err := io.Copy(io.Discard, body)
	if err != nil {
		return p, errBadParams
	}
	return p, nil
}

// addEncoded parses "a=1&b=2". net/url is not used because it drops every pair with a raw ";", which is how the
// vendor's documentation writes lists.
func (p params) addEncoded(text string) error {
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			return errBadParams
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return errBadParams
		}
		if err := p.add(name, value); err != nil {
			return err
		}
	}
	return nil
}

// addParts parses the fields of a multipart body and skips its files. A body without parts is valid: the vendor's Go
// client sends one if a method has no parameters. Each part may declare its charset.
func (p params) addParts(parts *multipart.Reader) error {
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errBadParams
		}
		if part.FileName() != "" {
			continue
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return errBadParams
		}
		value, err := decodeText(content, part.Header.Get("Content-Type"))
		if err != nil {
			return err
		}
		if err := p.add(part.FormName(), value); err != nil {
			return err
		}
	}
}

// decodeText returns a text in UTF-8. The vendor's Java client declares ISO-8859-1 for every text; the other clients
// declare no charset and send UTF-8. It is not published which charsets the service accepts.
func decodeText(content []byte, contentType string) (string, error) {
	var options map[string]string
	if contentType != "" {
		var err error
		if _, options, err = mime.ParseMediaType(contentType); err != nil {
			return "", errBadParams
		}
	}
	switch strings.ToLower(options["charset"]) {
	case "", "utf-8":
		return string(content), nil
	case "us-ascii":
		if bytes.ContainsFunc(content, func(c rune) bool { return c >= utf8.RuneSelf }) {
			return "", errBadParams
		}
		return string(content), nil
	case "iso-8859-1", "latin1":
		characters := make([]rune, len(content))
		for i, b := range content {
			characters[i] = rune(b) // each byte is the number of its character
		}
		return string(characters), nil
	}
	return "", errBadParams
}

func (p params) add(name, value string) error {
	if !utf8.ValidString(name) || !utf8.ValidString(value) {
		return errBadParams
	}
	if _, repeated := p[name]; !repeated {
		p[name] = value
	}
	return nil
}

// withoutSecrets returns a copy for the ledger.
func (p params) withoutSecrets() map[string]string {
	public := maps.Clone(map[string]string(p))
	maps.DeleteFunc(public, func(name, _ string) bool {
		return strings.Contains(name, "password") || name == "api_key" || name == "session_id" || name == "cmd"
	})
	return public
}
