// Package session remembers who signed in: a gorilla/sessions store over the database, and on top of it the few
// things the console does with a session.
//
// The cookie carries a random id and nothing else. The table holds the id's hash, so that whoever reads the table
// cannot use what they find, and the session's values, sealed with the configured key and bound to their row.
package session

import (
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

// Options are the settings of sessions.
type Options struct {
	DB *store.DB
	// seal the values, newest first; none means a random one, which dies with the process
	Keys    []config.Secret
	BaseURL *url.URL      // how browsers reach the console: the cookie's name, path and Secure follow from it
	Idle    time.Duration // how long a session lives unused
	Max     time.Duration // how long it lives at all
	// where a request comes from, to show beside a session; nil means the connection's peer
	Address func(*http.Request) string
	Now     func() time.Time // nil means time.Now
}

// Store keeps sessions in the database. It implements sessions.Store and is safe for concurrent use.
//
// A session is begun by SignIn alone: Save of a session that has no row keeps nothing, so that strangers cannot
// fill the table.
type Store struct {
	db        *store.DB
	codecs    []securecookie.Codec
	cookie    string
	options   sessions.Options
	idle, max time.Duration
	address   func(*http.Request) string
	now       func() time.Time
}

var _ sessions.Store = (*Store)(nil)

// New makes a store. It fails when no key can be derived, or when it is not said how browsers reach the console.
func New(o Options) (*Store, error) {
	if o.BaseURL == nil {
		return nil, errors.New("sessions need the base URL: whether their cookie is secure follows from it")
	}
	codecs, err := newCodecs(o.Keys)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Address == nil {
		o.Address = peer
	}
	name, options := cookieFor(o.BaseURL, o.Max)
	return &Store{
		db: o.DB, codecs: codecs, cookie: name, options: options,
		idle: o.Idle, max: o.Max, address: o.Address, now: o.Now,
	}, nil
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
	id := idFromCookie(r, name)
	if id == "" {
		return session, nil
	}
	err := s.load(r.Context(), session, id)
	if errors.Is(err, sql.ErrNoRows) {
		return session, nil
	}
	return session, err
}

// Save writes the values of a session that has a row, and deletes the row when Options.MaxAge is negative. A row
// that was deleted in the meantime stays deleted, and the session is empty then.
func (s *Store) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options.MaxAge >= 0 {
		if session.ID == "" {
			return nil
		}
		return s.update(r.Context(), session)
	}
	if err := s.remove(r.Context(), session, previousID(r, session)); err != nil {
		return err
	}
	setCookie(w, session)
	return nil
}
