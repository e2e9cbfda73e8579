package idp

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// storage is the in-memory storage of the OP server. It implements op.Storage.
type storage struct{ provider *Provider }

var (
	_ op.Storage                   = storage{}
	_ op.CanSetUserinfoFromRequest = storage{}

	errUnknownClient = errors.New("unknown client")
	errUnknown       = errors.New("not found")
)

func (s storage) CreateAuthRequest(_ context.Context, params *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	created := &request{id: rand.Text(), params: *params, prompt: params.Prompt, maxAge: params.MaxAge}
	s.provider.requests[created.id] = created
	return created, nil
}

func (s storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	if found, ok := s.provider.requests[id]; ok {
		return found, nil
	}
	return nil, errUnknown
}

// AuthRequestByCode returns the request of a code. The server deletes the request when the code is used, so a second
// use fails.
func (s storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	s.provider.mu.Lock()
	id := s.provider.codes[code]
	s.provider.mu.Unlock()
	return s.AuthRequestByID(ctx, id)
}

func (s storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	s.provider.codes[code] = id
	return nil
}

func (s storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	delete(s.provider.requests, id)
	return nil
}

func (s storage) CreateAccessToken(_ context.Context, r op.TokenRequest) (string, time.Time, error) {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	id, grant := s.newAccessToken(r)
	return id, grant.expires, nil
}

// CreateAccessAndRefreshTokens issues tokens. A refresh token can be used once: used becomes invalid.
func (s storage) CreateAccessAndRefreshTokens(
	_ context.Context,
	r op.TokenRequest,
	used string,
) (string, string, time.Time, error) {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	if used != "" {
		if _, ok := s.provider.refresh[used]; !ok {
			return "", "", time.Time{}, oidc.ErrInvalidGrant()
		}
		delete(s.provider.refresh, used)
	}
	id, grant := s.newAccessToken(r)
	token := rand.Text()
	s.provider.refresh[token] = grant
	return id, token, grant.expires, nil
}

// newAccessToken issues an access token. The caller holds the lock. The returned expiry uses the system clock, like the
// server.
func (s storage) newAccessToken(r op.TokenRequest) (string, tokenGrant) {
	grant := tokenGrant{
		subject: r.GetSubject(),
		scopes:  r.GetScopes(),
		expires: time.Now().Add(s.provider.options.AccessTokenLifetime),
	}
	if timed, ok := r.(interface{ GetAuthTime() time.Time }); ok {
		grant.loggedIn = timed.GetAuthTime()
	}
	id := rand.Text()
	stored := grant
	stored.expires = s.provider.options.Now().Add(s.provider.options.AccessTokenLifetime)
	s.provider.access[id] = stored
	return id, grant
}

func (s storage) TokenRequestByRefreshToken(_ context.Context, token string) (op.RefreshTokenRequest, error) {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	found, ok := s.provider.refresh[token]
	if !ok || s.provider.disabled[found.subject] {
		return nil, op.ErrInvalidRefreshToken
	}
	return &found, nil
}

func (s storage) TerminateSession(_ context.Context, subject, _ string) error {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	for value, session := range s.provider.logins {
		if session.subject == subject {
			delete(s.provider.logins, value)
		}
	}
	for token, grant := range s.provider.refresh {
		if grant.subject == subject {
			delete(s.provider.refresh, token)
		}
	}
	return nil
}

func (s storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	if id != s.provider.ClientID {
		return nil, errUnknownClient
	}
	return client{
		id:       id,
		redirect: s.provider.redirect,
		signOut:  s.provider.signOut,
		refresh:  !s.provider.options.NoRefresh,
	}, nil
}

func (s storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != s.provider.ClientID || secret != s.provider.ClientSecret {
		return errUnknownClient
	}
	return nil
}

func (s storage) SigningKey(context.Context) (op.SigningKey, error) {
	return signingKey{s.provider.key}, nil
}

func (s storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

func (s storage) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{publicKey{s.provider.key}}, nil
}

func (storage) Health(context.Context) error { return nil }
