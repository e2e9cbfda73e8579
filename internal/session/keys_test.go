package session_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/session"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestKeyRotation(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh, keys("o"))
		renewed, left := s.signIn(), s.signIn()
		s.flash(renewed, "before")
		token := s.store.FormToken(request(renewed))

		s.restart(keys("n", "o"))
		if s.currentSubject(renewed) != "anna" || s.currentSubject(left) != "anna" || !s.store.CheckFormToken(
			request(renewed),
			token,
		) ||
			s.takeFlashText(request(renewed)) != "before" {
			t.Error("the old key does not decrypt")
		}
		newer, p := annaWithGroups(time.Minute)
		if err := renew(s.store, request(renewed), newer, p); err != nil {
			t.Fatal(err)
		}

		s.restart(keys("n"))
		if s.currentSubject(renewed) != "anna" || !s.store.CheckFormToken(request(renewed), token) {
			t.Error("a session that was written since is not encrypted with the new key")
		}
		if s.currentSubject(left) != "" {
			t.Error("a removed key still decrypts")
		}
		if s.store.CheckFormToken(request(left), "x") != true || s.store.Hash(request(left)) != "" {
			t.Error("a session that no key decrypts is not treated as a new one")
		}
		rows := s.count()
		if again := s.signIn(left); s.currentSubject(again) != "anna" || s.count() != rows {
			t.Error("signing in again does not replace a row that no key decrypts")
		}
	})
}

func TestFlashOfRemovedKeyIsDropped(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh, keys("o"))
		cookie := s.signIn()
		s.flash(cookie, "before")
		s.restart(keys("n", "o"))
		newer, p := annaWithGroups(time.Minute)
		if err := renew(s.store, request(cookie), newer, p); err != nil {
			t.Fatal(err)
		}
		s.restart(keys("n"))
		if got := s.takeFlashText(request(cookie)); got != "" {
			t.Errorf("got %q", got)
		}
		s.flash(cookie, "after")
		if got := s.takeFlashText(request(cookie)); got != "after" {
			t.Errorf("got %q", got)
		}
	})
}

// The files, with the journal, contain no session id and no values in plain text.
func TestDatabaseHoldsNoPlaintext(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		r := request()
		r.Header.Set("User-Agent", "Secret-Browser/1.0")
		r.RemoteAddr = "192.0.2.77:1"
		cookie := s.signInAs(anna, r)
		s.flash(cookie, "hunter2 was created")
		var masked [][]byte
		for range 2 {
			masked = append(masked, []byte(s.store.FormToken(request(cookie))))
		}
		newer, p := annaWithGroups(time.Minute, "secret-group")
		if err := renew(s.store, request(cookie), newer, p); err != nil {
			t.Fatal(err)
		}
		secrets := map[string][]byte{
			"the id": []byte(
				cookie.Value,
			), "the name": []byte("Nováková"), "the address": []byte("192.0.2.77"), "the e-mail": []byte("anna@company"),
			"the browser": []byte("Secret-Browser"), "the message": []byte("hunter2"), "a group": []byte("secret-group"),
			"the ID token": []byte(
				tokens.IDToken,
			), "the access token": []byte(tokens.AccessToken), "the refresh token": []byte(tokens.RefreshToken),
			"the newer token": []byte(p.AccessToken), "the form token": []byte(unmask(t, string(masked[0]))),
			"a masked token": masked[0], "another masked token": masked[1], "the key": []byte(key("a").Reveal()),
		}
		hash := s.store.Hash(request(cookie))
		found := false
		for place, kept := range s.storedBytes() {
			found = found || bytes.Contains(kept, []byte(hash))
			for name, secret := range secrets {
				if bytes.Contains(kept, secret) {
					t.Errorf("%s is in plain text in %q", name, place)
				}
			}
		}
		if !found {
			t.Error("the hash was not found either: the wrong files were searched")
		}
		// Encoded values are not encrypted.
		var data, flash []byte
		if err := s.db.SQL().QueryRowContext(t.Context(), `SELECT data, flash FROM sessions WHERE hash = $1`, hash).Scan(
			&data,
			&flash,
		); err != nil {
			t.Fatal(err)
		}
		for _, text := range append(decoded(data), decoded(flash)...) {
			for name, secret := range secrets {
				if bytes.Contains(text, secret) {
					t.Errorf("%s is encoded in the row, not encrypted", name)
				}
			}
		}
	})
}

// storedBytes returns the stored bytes of the sessions: the files of SQLite, and the rows of PostgreSQL, which
// compresses its files.
func (s *site) storedBytes() map[string][]byte {
	s.t.Helper()
	all := map[string][]byte{}
	if s.db.Postgres() {
		var hash, subject string
		var data, flash []byte
		if err := s.db.SQL().QueryRowContext(s.t.Context(), `SELECT hash, subject, data, flash FROM sessions`).Scan(
			&hash,
			&subject,
			&data,
			&flash,
		); err != nil {
			s.t.Fatal(err)
		}
		all["the row"] = slices.Concat([]byte(hash+subject), data, flash)
		return all
	}
	for _, suffix := range []string{"", "-wal"} {
		file, err := os.ReadFile(strings.TrimPrefix(s.url, "sqlite:") + suffix)
		if err != nil {
			s.t.Fatal(err)
		}
		all["test.db"+suffix] = file
	}
	return all
}

// decoded returns everything that repeated decoding of a text and its parts gives.
func decoded(text []byte) (all [][]byte) {
	for part := range bytes.SplitSeq(text, []byte("|")) {
		if inner, err := base64.URLEncoding.DecodeString(string(part)); err == nil && len(inner) > 0 {
			all = append(append(all, inner), decoded(inner)...)
		}
	}
	return all
}

func TestSealedValuesCannotBeMoved(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie, other := s.signIn(), s.signInAs(boris, request())
		from, to := s.store.Hash(request(cookie)), s.store.Hash(request(other))
		s.flash(cookie, "for anna")
		s.exec(`UPDATE sessions SET flash = (SELECT flash FROM sessions WHERE hash = $1) WHERE hash = $2`, from, to)
		if got := s.takeFlashText(request(other)); got != "" {
			t.Errorf("a message that was moved to another row is shown: %q", got)
		}
		s.exec(`UPDATE sessions SET flash = data WHERE hash = $1`, from)
		if got := s.takeFlashText(request(cookie)); got != "" {
			t.Errorf("values that were moved to another column are decrypted: %q", got)
		}
		s.exec(`UPDATE sessions SET data = (SELECT data FROM sessions WHERE hash = $1) WHERE hash = $2`, from, to)
		if s.currentSubject(other) != "" {
			t.Error("values that were moved to another row are decrypted")
		}
	})
}

func TestTokensAreNeverPrinted(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("x", "tokens", tokens, "inside", struct{ P session.Tokens }{tokens})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "tokens", tokens, "inside", struct{ P *session.Tokens }{&tokens})
	written, err := json.Marshal(map[string]any{"p": tokens, "q": &tokens})
	if err != nil {
		t.Fatal(err)
	}
	text := log.String() + string(
		written,
	) + fmt.Sprintf(
		"%v %+v %#v %s %q %d %v",
		tokens,
		tokens,
		tokens,
		tokens,
		tokens,
		tokens,
		[]session.Tokens{tokens},
	)
	if strings.Contains(text, "token-1") || !strings.Contains(text, "[tokens]") {
		t.Errorf("got %s", text)
	}
}
