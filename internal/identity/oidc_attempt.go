package identity

import (
	"cmp"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/securecookie"

	"github.com/voxwarden/voxwarden/internal/config"
)

// The limits of sign-ins under way.
const (
	attemptLife      = 10 * time.Minute
	maxReturnToBytes = 2000    // bytes of the path to go back to
	maxAttempts      = 5       // in one browser
	maxAttempted     = 8 << 10 // bytes of all their cookies, well below what a request's head may have
)

// attempt is a sign-in under way: what the answer of the provider must fit.
type attempt struct {
	state, nonce, verifier string
	startedAt              time.Time // whole milliseconds
	reauthenticate         bool      // the person is to prove themselves anew
	returnTo               string    // where they were going
}

// attempts keeps sign-ins under way in the browser that began them, each in a sealed cookie of its own. So several
// tabs can sign in at once, no stranger fills a table of ours, and any replica can finish what another began.
type attempts struct {
	codecs       []securecookie.Codec
	prefix, path string
	secure       bool
	now          func() time.Time
}

// newAttempts derives the keys that seal the cookies. The cookies' rules are those of the session's: __Host- binds
// them to this very host, so that a neighbour under the same domain cannot plant one of its own and so sign somebody
// in as somebody else; below a path, where __Host- cannot be, __Secure- remains.
func newAttempts(base *url.URL, keys []config.Secret, now func() time.Time) (*attempts, error) {
	a := &attempts{
		path:   cmp.Or(strings.TrimSuffix(base.EscapedPath(), "/"), "/"),
		secure: base.Scheme == "https",
		now:    now,
	}
	switch {
	case a.secure && a.path == "/":
		a.prefix = "__Host-"
	case a.secure:
		a.prefix = "__Secure-"
	}
	a.prefix += "voxwarden_sign_in_"
	if len(keys) == 0 {
		keys = []config.Secret{config.NewSecret(rand.Text() + rand.Text())}
	}
	for _, key := range keys {
		authentication, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, "voxwarden sign-in authentication", 32)
		if err != nil {
			return nil, fmt.Errorf("deriving a sign-in key: %w", err)
		}
		encryption, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, "voxwarden sign-in encryption", 32)
		if err != nil {
			return nil, fmt.Errorf("deriving a sign-in key: %w", err)
		}
		// The age is checked against our own clock.
		a.codecs = append(
			a.codecs,
			securecookie.New(authentication, encryption).MaxAge(0).SetSerializer(securecookie.NopEncoder{}),
		)
	}
	return a, nil
}

// name is the cookie's name for a state. It tells the state's hash only, and the seal binds the value to it.
func (a *attempts) name(state string) string {
	sum := sha256.Sum256([]byte(state))
	return a.prefix + hex.EncodeToString(sum[:8])
}

// cookie is a sign-in's cookie; a negative age deletes it.
func (a *attempts) cookie(name, value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: a.path, MaxAge: age, Secure: a.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// save begins a sign-in, and drops those of this browser that are over or too many.
func (a *attempts) save(w http.ResponseWriter, r *http.Request, pending attempt) error {
	name := a.name(pending.state)
	value, err := a.seal(name, pending)
	if err != nil {
		return err
	}
	a.deleteStale(w, r, len(name)+len(value))
	http.SetCookie(w, a.cookie(name, value, int(attemptLife/time.Second)))
	return nil
}

// deleteStale deletes the cookies of sign-ins that nobody can finish, and the oldest ones over the limits, given that
// one more of some bytes is to come.
func (a *attempts) deleteStale(w http.ResponseWriter, r *http.Request, bytes int) {
	type kept struct {
		cookie *http.Cookie
		begun  time.Time
	}
	var valid []kept
	for _, c := range r.Cookies() {
		if !strings.HasPrefix(c.Name, a.prefix) {
			continue
		}
		pending, err := a.open(c)
		if err != nil {
			http.SetCookie(w, a.cookie(c.Name, "", -1))
			continue
		}
		valid = append(valid, kept{c, pending.startedAt})
	}
	slices.SortFunc(valid, func(x, y kept) int { return y.begun.Compare(x.begun) })
	for i, k := range valid {
		bytes += len(k.cookie.Name) + len(k.cookie.Value)
		if i >= maxAttempts-1 || bytes > maxAttempted {
			http.SetCookie(w, a.cookie(k.cookie.Name, "", -1))
		}
	}
}

// consume ends a sign-in: it answers what was begun with this state in this browser, and deletes the cookie whatever
// else comes of it.
func (a *attempts) consume(w http.ResponseWriter, r *http.Request, state string) (attempt, error) {
	name := a.name(state)
	c, err := r.Cookie(name)
	if err != nil {
		return attempt{}, &Refused{"no sign-in with this state is under way in this browser"}
	}
	http.SetCookie(w, a.cookie(name, "", -1))
	pending, err := a.open(c)
	if err != nil {
		return attempt{}, err
	}
	if !constantTimeEqual(pending.state, state) {
		return attempt{}, &Refused{"the state is not the one that the sign-in was begun with"}
	}
	return pending, nil
}

// seal writes an attempt as lines, the path last, and seals them. JSON would make of a path up to six times its length.
func (a *attempts) seal(name string, pending attempt) (string, error) {
	text := strings.Join([]string{
		pending.state,
		pending.nonce,
		pending.verifier,
		strconv.FormatInt(pending.startedAt.UnixMilli(), 10),
		strconv.FormatBool(pending.reauthenticate),
		pending.returnTo,
	}, "\n")
	value, err := securecookie.EncodeMulti(name, []byte(text), a.codecs...)
	if err != nil {
		return "", fmt.Errorf("sealing a sign-in: %w", err)
	}
	return value, nil
}

// open reads a cookie that is ours and not too old.
func (a *attempts) open(c *http.Cookie) (attempt, error) {
	var text []byte
	if err := securecookie.DecodeMulti(c.Name, c.Value, &text, a.codecs...); err != nil {
		return attempt{}, &Refused{"the cookie of the sign-in cannot be read"}
	}
	pending, err := parseAttempt(string(text))
	if err != nil {
		return attempt{}, &Refused{"the cookie of the sign-in has another form"}
	}
	if age := a.now().Sub(pending.startedAt); age >= attemptLife || age < -leeway {
		return attempt{}, &Refused{"the sign-in was begun too long ago"}
	}
	return pending, nil
}

func parseAttempt(text string) (attempt, error) {
	lines := strings.SplitN(text, "\n", 6)
	if len(lines) != 6 {
		return attempt{}, errors.New("lines are missing")
	}
	milliseconds, err := strconv.ParseInt(lines[3], 10, 64)
	if err != nil {
		return attempt{}, err
	}
	return attempt{
		state:          lines[0],
		nonce:          lines[1],
		verifier:       lines[2],
		startedAt:      time.UnixMilli(milliseconds),
		reauthenticate: lines[4] == "true",
		returnTo:       lines[5],
	}, nil
}
