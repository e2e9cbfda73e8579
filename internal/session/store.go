// Package session remembers who signed in: a gorilla/sessions store over the database, and on top of it the few
// things the console does with a session.
//
// The cookie carries a random id and nothing else. The table holds the id's hash, so that whoever reads the table
// cannot use what they find, and the session's values, sealed with the configured key and bound to their row.
package session

import (
	"database/sql"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

// Options are the settings of sessions.
type Options struct {
	DB     *store.DB
	Keys   []config.Secret  // seal the values, newest first; none means a random one, which dies with the process
	Secure bool             // the console is reached by https
	Idle   time.Duration    // how long a session lives unused
	Max    time.Duration    // how long it lives at all
	Now    func() time.Time // nil means time.Now
}

// Store keeps sessions in the database. It implements sessions.Store and is safe for concurrent use.
//
// A session is written by a sign-in alone: Save of a new session without a sign-in keeps nothing, so that
// strangers cannot fill the table.
type Store struct {
	db        *sql.DB
	codecs    []securecookie.Codec
	cookie    string
	options   sessions.Options
	idle, max time.Duration
	now       func() time.Time
}

var _ sessions.Store = (*Store)(nil)

// New makes a store. It fails only when no key can be derived.
func New(o Options) (*Store, error) {
	codecs, err := newCodecs(o.Keys)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Store{
		db:     o.DB.SQL(),
		codecs: codecs,
		cookie: cookieName(o.Secure),
		// Every field is set here: the library's defaults leave the cookie open to scripts and other sites.
		options: sessions.Options{
			Path:     "/",
			MaxAge:   int(o.Max / time.Second),
			Secure:   o.Secure,
			HttpOnly: true,
			SameSite: http.SameSiteLaxMode,
		},
		idle: o.Idle, max: o.Max, now: o.Now,
	}, nil
}

// cookieName answers the cookie's name. Browsers accept a __Host- cookie only from the host itself, by https and
// for the whole site. A console on plain http has a name of its own, so that its cookie is never taken for the other.
func cookieName(secure bool) string {
	if secure {
		return "__Host-voxwarden"
	}
	return "voxwarden_demo"
}

// Get answers the request's session, reading it once however often it is asked for.
func (s *Store) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the request's session. A cookie that is missing, unreadable, unknown, too old or sealed with a
// forgotten key is a new, empty session and no error: only a database that cannot be read is one.
func (s *Store) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	options := s.options
	session.Options, session.IsNew = &options, true
	cookie, err := r.Cookie(name)
	if err != nil || len(cookie.Value) != base64.RawURLEncoding.EncodedLen(idBytes) {
		return session, nil
	}
	err = s.load(r.Context(), session, cookie.Value)
	if errors.Is(err, sql.ErrNoRows) {
		return session, nil
	}
	return session, err
}

// Save writes what changed in a session that exists, makes a row for one that has a subject but no id, and
// deletes the row when Options.MaxAge is negative. A row that was deleted in the meantime stays deleted.
func (s *Store) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	switch {
	case session.Options.MaxAge < 0:
		if err := s.remove(r.Context(), session); err != nil {
			return err
		}
	case session.ID != "":
		return s.update(r.Context(), session)
	case subjectOf(session) != "":
		if err := s.insert(r.Context(), session); err != nil {
			return err
		}
	default:
		return nil
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), session.ID, session.Options))
	return nil
}
