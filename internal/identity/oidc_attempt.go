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

// Limits of sign-ins in progress.
const (
	attemptLife      = 10 * time.Minute
	maxReturnToBytes = 2000
	maxAttempts      = 5       // per browser
	maxAttemptBytes  = 8 << 10 // of all their cookies, well below the limit of a request header
)

// attempt is a sign-in in progress. The provider's response must match it.
type attempt struct {
	state, nonce, verifier string
	startedAt              time.Time // in whole milliseconds
	reauthenticate         bool      // a new sign-in at the provider is required
	returnTo               string    // path to return to
}

// attempts stores each sign-in in progress in an encrypted cookie of the browser that began it. So several tabs can
// sign in at once, anonymous visitors cannot fill a table, and any replica can finish a sign-in.
type attempts struct {
	codecs       []securecookie.Codec
	prefix, path string
	secure       bool
	now          func() time.Time
}

// newAttempts derives the keys of the cookies. The cookies have the attributes of the session cookie: __Host- binds
// them to this host, so that another host of the domain cannot plant a cookie and sign an operator in under another
// name. With a path, which __Host- does not allow, the prefix is __Secure-.
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
		codec := securecookie.New(authentication, encryption).SetSerializer(securecookie.NopEncoder{})
		a.codecs = append(a.codecs, codec.MaxAge(0)) // open checks the age with our clock
	}
	return a, nil
}

// name returns the name of the cookie for a state. It contains a hash of the state, and the codec binds the value to
// it.
func (a *attempts) name(state string) string {
	sum := sha256.Sum256([]byte(state))
	return a.prefix + hex.EncodeToString(sum[:8])
}

// cookie returns a cookie with a maximum age in seconds; a negative age deletes it.
func (a *attempts) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name:     name,
		Value:    value,
		Path:     a.path,
		MaxAge:   maxAge,
		Secure:   a.secure,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
}

// save stores a new sign-in, and deletes invalid and excess ones of this browser.
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

// deleteStale deletes cookies of sign-ins that cannot be finished, and the oldest ones over the limits. bytes is the
// size of the cookie that will be added.
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
		if i >= maxAttempts-1 || bytes > maxAttemptBytes {
			http.SetCookie(w, a.cookie(k.cookie.Name, "", -1))
		}
	}
}

// consume returns the sign-in that this browser began with a state, and deletes its cookie in every case. It returns an
// expired one with the error.
func (a *attempts) consume(w http.ResponseWriter, r *http.Request, state string) (attempt, error) {
	if state == "" {
		return attempt{}, &Refused{"the response has no state"}
	}
	name := a.name(state)
	c, err := r.Cookie(name)
	if err != nil {
		return attempt{}, &Refused{"this browser has no sign-in in progress with this state"}
	}
	http.SetCookie(w, a.cookie(name, "", -1))
	pending, err := a.open(c)
	if err != nil {
		return pending, err
	}
	if !constantTimeEqual(pending.state, state) {
		return attempt{}, &Refused{"the state differs from the state of the sign-in"}
	}
	return pending, nil
}

// seal encodes an attempt as lines, with the path last, and encrypts them. JSON could make a path six times as long.
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
		return "", fmt.Errorf("encrypting a sign-in: %w", err)
	}
	return value, nil
}

// open decrypts a cookie, and refuses invalid and expired ones. It returns an expired one with the error.
func (a *attempts) open(c *http.Cookie) (attempt, error) {
	var text []byte
	if err := securecookie.DecodeMulti(c.Name, c.Value, &text, a.codecs...); err != nil {
		return attempt{}, &Refused{"the cookie of the sign-in cannot be decrypted"}
	}
	pending, err := parseAttempt(string(text))
	if err != nil {
		return attempt{}, &Refused{"the cookie of the sign-in is malformed"}
	}
	if age := a.now().Sub(pending.startedAt); age >= attemptLife || age < -leeway {
		return pending, &Refused{"the sign-in has expired"}
	}
	return pending, nil
}

func parseAttempt(text string) (attempt, error) {
	lines := strings.SplitN(text, "\n", 6)
	if len(lines) != 6 {
		return attempt{}, errors.New("missing lines")
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
