package session_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// FuzzCookie: no cookie value other than the issued one opens a session or causes an error.
func FuzzCookie(f *testing.F) {
	s := newSite(f, storetest.SQLite)
	cookie := s.signIn()
	hash := s.store.Hash(request(cookie))
	for _, value := range []string{
		"",
		cookie.Value,
		cookie.Value + "A",
		cookie.Value[1:],
		strings.ToLower(cookie.Value),
		`"` + cookie.Value + `"`,
		hash,
		hash[:43],
		strings.Repeat("A", 43),
		strings.Repeat("\x00", 43),
		"x; " + cookie.Name + "=" + cookie.Value,
		strings.Repeat("é", 43),
		"' OR 1=1 --",
	} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r := request()
		r.Header["Cookie"] = []string{cookie.Name + "=" + value}
		sent, err := r.Cookie(cookie.Name)
		hers := err == nil && sent.Value == cookie.Value
		o, err := s.store.Operator(r)
		if err != nil || o.Authenticated() != hers || (s.store.Hash(r) == hash) != hers {
			t.Errorf("%q opens the session of %q: %v", value, o.Subject, err)
		}
	})
}

// FuzzCheckFormToken: the token is accepted under any pad, and no other text is.
func FuzzCheckFormToken(f *testing.F) {
	s := newSite(f, storetest.SQLite)
	cookie := s.signIn()
	token := s.store.FormToken(request(cookie))
	plain := unmask(f, token)
	for _, text := range []string{
		"",
		token,
		token + "A",
		token[:85],
		token + "==",
		token[:85] + "\n",
		"\r\n" + token[2:],
		strings.Repeat("A", 86),
		plain,
		cookie.Value,
		base64.StdEncoding.EncodeToString([]byte(plain)),
	} {
		f.Add(text, []byte(text))
	}
	f.Fuzz(func(t *testing.T, text string, pad []byte) {
		check := func(text string) bool {
			return s.store.CheckFormToken(request(&http.Cookie{Name: cookie.Name, Value: cookie.Value}), text)
		}
		masked, err := base64.RawURLEncoding.DecodeString(text)
		right := err == nil && len(masked) == 64
		for i := range plain {
			right = right && masked[i]^masked[32+i] == plain[i]
		}
		if check(text) && !right {
			t.Errorf("%q is accepted", text)
		}
		pad = append(pad, make([]byte, 32)...)[:32]
		under := make([]byte, 32)
		for i := range under {
			under[i] = pad[i] ^ plain[i]
		}
		if !check(base64.RawURLEncoding.EncodeToString(append(pad, under...))) {
			t.Errorf("the token is refused under the pad %x", pad)
		}
	})
}
