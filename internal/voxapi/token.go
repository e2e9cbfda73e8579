package voxapi

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// WriteTokenTTL is how long the token of a write lives: each write gets a new
	// one, so that a request that is stuck on its way cannot be carried out later.
	// The vendor's limit is an hour.
	WriteTokenTTL = 60 * time.Second
	// readTokenTTL is how long a token for reads lives. It is renewed at 80 %.
	readTokenTTL = 10 * time.Minute
)

// token is a signed token and what it was made from.
type token struct {
	text string
	// expires is the time by this server's clock from which on the vendor no
	// longer accepts it.
	expires     time.Time
	renewAt     time.Time
	credentials *Credentials
	clock       clockReading
}

// signer makes the tokens: RS256, with the key's id in the header and the
// account that the call is for as issuer. A parent account acts for a child by
// naming the child there. See
// https://docs.voximplant.ai/api-reference/management-api/authorization.
type signer struct {
	credentials func() *Credentials
	clock       *clock

	mu         sync.Mutex
	readTokens map[int64]token
}

func newSigner(credentials func() *Credentials, clock *clock) *signer {
	return &signer{credentials: credentials, clock: clock, readTokens: make(map[int64]token)}
}

// token returns a token for the account: a new one for a write, maybe a kept one
// for a read.
func (s *signer) token(account int64, write bool) (token, error) {
	key := s.credentials()
	if key == nil || key.key == nil {
		return token{}, errors.New("there are no credentials to sign with")
	}
	now := s.clock.read()
	if write {
		return sign(key, account, now, WriteTokenTTL)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	cached, found := s.readTokens[account]
	if found && cached.credentials == key && now.local.Before(cached.renewAt) && !now.local.Before(cached.clock.local) {
		return cached, nil
	}
	fresh, err := sign(key, account, now, readTokenTTL)
	if err != nil {
		return token{}, err
	}
	s.readTokens[account] = fresh
	return fresh, nil
}

// tokenRefused takes in that the vendor refused a token for its times, so that the
// next one is made differently.
func (s *signer) tokenRefused(code int, t token, date, received time.Time) {
	s.clock.correct(code, t.clock, date, received)
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.readTokens)
}

// sign makes one token. It is issued a little in the past, and ends that much
// earlier, so that from issue to expiry it is ttl, unless the clock has learned
// to date it back further.
func sign(key *Credentials, account int64, now clockReading, ttl time.Duration) (token, error) {
	vendorNow := now.local.Add(now.ahead)
	issued := vendorNow.Add(-now.backdate)
	expires := vendorNow.Add(ttl - defaultBackdate)
	unsigned := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": account,
		"iat": issued.Unix(),
		"exp": expires.Unix(),
	})
	unsigned.Header["kid"] = key.KeyID
	signed, err := unsigned.SignedString(key.key)
	if err != nil {
		return token{}, fmt.Errorf("signing the token: %w", err)
	}
	return token{
		text: signed,
		// A vendor that accepted the token has a clock not before its issue, so it
		// is at most backdate behind what we took it for.
		expires:     now.local.Add(ttl - defaultBackdate + now.backdate),
		renewAt:     now.local.Add(ttl * 4 / 5),
		credentials: key,
		clock:       now,
	}, nil
}
