package voxsim

import (
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

// params are the parameters of a call. The first value of a repeated name wins: lists are sent as one value, joined
// by ";", and whether the service joins repeated names is not published, so nobody may rely on it.
type params map[string]string

// maxBody bounds a request body and each part of a multipart one; no call of this API comes near it.
const maxBody = 1 << 20

// errBadParams is every way in which parameters cannot be read.
var errBadParams = errors.New("unreadable parameters")

// readParams collects parameters from the query and the body, whatever the verb. A body that is neither urlencoded
// nor multipart carries none: the vendor's own examples send "{}" as JSON beside a query.
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
		// What follows the last part is read too: only then does the server notice a client that goes away.
	}
	_, err := io.Copy(io.Discard, body)
	if err != nil {
		return p, errBadParams
	}
	return p, nil
}

// addEncoded reads "a=1&b=2". It splits by hand because net/url drops every pair with a raw ";", which is how the
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

// addParts reads the fields of a multipart body and passes over its files. A body without any part is in order: the
// vendor's Go client sends one when a method has no parameters.
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
		value, err := io.ReadAll(part)
		if err != nil {
			return errBadParams
		}
		if err := p.add(part.FormName(), string(value)); err != nil {
			return err
		}
	}
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

// withoutSecrets is a copy fit for the ledger.
func (p params) withoutSecrets() map[string]string {
	public := maps.Clone(map[string]string(p))
	maps.DeleteFunc(public, func(name, _ string) bool {
		return strings.Contains(name, "password") || name == "api_key" || name == "session_id" || name == "cmd"
	})
	return public
}
