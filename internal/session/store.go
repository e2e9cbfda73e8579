// Package session keeps the operators' sessions: a gorilla/sessions store in the database, with functions for signing
// in and out, flash messages and form tokens.
//
// The cookie contains only a random id. The table contains the hash of the id, so that a copy of the table opens no
// session, and the values of the session, encrypted with the configured key and bound to their row.
package session

import (
	"cmp"
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/store"
)

// Options are the settings of sessions.
type Options struct {
	DB *store.DB
	// Keys encrypt the values, newest first. Without any, a random key is used until the process ends.
	Keys    []config.Secret
	BaseURL *url.URL      // the address of the console; the cookie's name, path and Secure follow from it
	Idle    time.Duration // how long a session lives without use; up to a minute less, see lastUses
	Max     time.Duration // how long a session lives in all
	// Address returns the client's address of a request, for the list of sessions. nil means the connection's peer.
	Address func(*http.Request) string
	// RecordRefusal returns how to record the end of an operator's session after the provider refused to renew it. nil
	// records nothing.
	RecordRefusal func(o operator.Operator, hash string) Record
	// NewestEvent is an SQL expression for the number of the newest event of the audit log. Its value is read together
	// with a session, see Store.NewestEvent. "" reads none.
	NewestEvent string
	Now         func() time.Time // nil means time.Now
}

// Store keeps sessions in the database. It implements sessions.Store and is safe for concurrent use.
//
// Only SignIn creates a session: Save of a session without a row stores nothing, so that requests without a sign-in
// cannot fill the table.
type Store struct {
	db        *store.DB
	codecs    []securecookie.Codec
	cookie    string
	options   sessions.Options
	idle, max time.Duration
	address   func(*http.Request) string
	now       func() time.Time

	recordRefusal func(o operator.Operator, hash string) Record
	row           *store.Prepared // reads the row of a hash
	lastUses      lastUses
}

var _ sessions.Store = (*Store)(nil)

// New returns a store. It returns an error without a base URL, and when no key can be derived.
func New(o Options) (*Store, error) {
	if o.BaseURL == nil {
		return nil, errors.New("sessions need the base URL, which decides whether the cookie is Secure")
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
		recordRefusal: o.RecordRefusal,
		row: o.DB.Prepare(`SELECT data, flash, created_at, seen_at, ` + cmp.Or(o.NewestEvent, "0") +
			` FROM sessions WHERE hash = $1`),
		lastUses: newLastUses(o.Idle),
	}, nil
}

// Get returns the request's session. It reads the database once per request.
func (s *Store) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the request's session. It returns a new, empty session when the cookie is missing, invalid, unknown or
// expired, or when no key decrypts the session. It returns an error only when the database cannot be read.
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

// NewestEvent returns the number of the newest event of the audit log when the request's session was read, 0 without a
// session.
func (s *Store) NewestEvent(r *http.Request) int64 {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return 0
	}
	seq, _ := session.Values[newestEventKey{}].(int64)
	return seq
}

// Reload reads the request's session again, after it was renewed or ended by its hash.
func (s *Store) Reload(r *http.Request) error {
	session, err := s.Get(r, s.cookie)
	if err != nil || session.ID == "" {
		return err
	}
	before := *session
	empty(session)
	if err := s.load(r.Context(), session, before.ID); err != nil && !isNoRow(err) {
		*session = before
		return err
	}
	return nil
}

// Save writes the values of a session that has a row, or deletes the row when Options.MaxAge is negative. A row that
// was deleted in the meantime stays deleted.
func (s *Store) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options.MaxAge >= 0 {
		if session.ID == "" {
			return nil
		}
		return s.update(r.Context(), hashOf(session.ID), valuesOf(session))
	}
	if err := s.removeKnown(r, session); err != nil {
		return err
	}
	setCookie(w, session)
	return nil
}
