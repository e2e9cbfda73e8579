package voxapi

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// WriteTokenTTL is the lifetime of a write's token. Each write gets a new token, so that a delayed request cannot
	// be carried out later. The vendor's limit is one hour.
	WriteTokenTTL = 60 * time.Second
	// readTokenTTL is the lifetime of a token for reads. It is renewed at 80 %.
	readTokenTTL = 10 * time.Minute
)

// token is a signed token and what it was made from.
type token struct {
	text string
	// expires is the time of this server's clock after which the vendor no longer accepts the token.
	expires     time.Time
	renewAt     time.Time
	credentials *Credentials
	clock       clockReading
}

// signer signs the tokens with RS256. The key id is in the header, and the account that the call is for is the issuer:
// a parent account acts for a child account by naming it there. See
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

// token returns a token for the account: a new one for a write, a cached one for a read while it is valid.
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

// tokenRefused corrects the clock after the vendor refused a token for its times, and drops the cached tokens.
func (s *signer) tokenRefused(code int, t token, date, received time.Time) {
	s.clock.correct(code, t.clock, date, received)
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.readTokens)
}

// sign signs one token. It is backdated, and expires earlier by defaultBackdate, so that its lifetime is ttl unless the
// clock is backdated further.
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
		// A vendor that accepts the token has a clock that is not before its issue time, so it is at most backdate
		// behind vendorNow.
		expires:     now.local.Add(ttl - defaultBackdate + now.backdate),
		renewAt:     now.local.Add(ttl * 4 / 5),
		credentials: key,
		clock:       now,
	}, nil
}
