package idptest

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// storage is what the OP server keeps, in memory. It implements op.Storage.
type storage struct{ p *Provider }

var (
	_ op.Storage                   = storage{}
	_ op.CanSetUserinfoFromRequest = storage{}

	errNoClient = errors.New("no such client")
	errNothing  = errors.New("nothing is known of that")
)

func (s storage) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	made := &request{id: rand.Text(), asked: *asked, prompt: asked.Prompt, maxAge: asked.MaxAge}
	s.p.requests[made.id] = made
	return made, nil
}

func (s storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if found, ok := s.p.requests[id]; ok {
		return found, nil
	}
	return nil, errNothing
}

// AuthRequestByCode finds what a code was made for. The server deletes the request with the code's use, so that a
// second use finds nothing.
func (s storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	s.p.mu.Lock()
	id := s.p.codes[code]
	s.p.mu.Unlock()
	return s.AuthRequestByID(ctx, id)
}

func (s storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.codes[code] = id
	return nil
}

func (s storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	delete(s.p.requests, id)
	return nil
}

func (s storage) CreateAccessToken(_ context.Context, r op.TokenRequest) (string, time.Time, error) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	id, made := s.open(r)
	return id, made.ends, nil
}

// CreateAccessAndRefreshTokens gives a refresh token for one use: the one that it is given for is over.
func (s storage) CreateAccessAndRefreshTokens(
	_ context.Context,
	r op.TokenRequest,
	used string,
) (string, string, time.Time, error) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if used != "" {
		if _, ok := s.p.refresh[used]; !ok {
			return "", "", time.Time{}, oidc.ErrInvalidGrant()
		}
		delete(s.p.refresh, used)
	}
	id, made := s.open(r)
	token := rand.Text()
	s.p.refresh[token] = made
	return id, token, made.ends, nil
}

// open makes an access token. The caller holds the lock. The server reckons how long it lives by the machine's clock.
func (s storage) open(r op.TokenRequest) (string, access) {
	made := access{subject: r.GetSubject(), scopes: r.GetScopes(), ends: time.Now().Add(s.p.options.AccessLife)}
	if timed, ok := r.(interface{ GetAuthTime() time.Time }); ok {
		made.loggedIn = timed.GetAuthTime()
	}
	id := rand.Text()
	kept := made
	kept.ends = s.p.options.Now().Add(s.p.options.AccessLife)
	s.p.access[id] = kept
	return id, made
}

func (s storage) TokenRequestByRefreshToken(_ context.Context, token string) (op.RefreshTokenRequest, error) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	found, ok := s.p.refresh[token]
	if !ok || s.p.disabled[found.subject] {
		return nil, op.ErrInvalidRefreshToken
	}
	return &found, nil
}

func (s storage) TerminateSession(_ context.Context, subject, _ string) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	for value, in := range s.p.logins {
		if in.subject == subject {
			delete(s.p.logins, value)
		}
	}
	for token, opens := range s.p.refresh {
		if opens.subject == subject {
			delete(s.p.refresh, token)
		}
	}
	return nil
}

func (s storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if id != s.p.ClientID {
		return nil, errNoClient
	}
	return client{id: id, redirect: s.p.redirect, signOut: s.p.signOut, refresh: !s.p.options.NoRefresh}, nil
}

func (s storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != s.p.ClientID || secret != s.p.ClientSecret {
		return errNoClient
	}
	return nil
}

func (s storage) SigningKey(context.Context) (op.SigningKey, error) { return signingKey{s.p.key}, nil }

func (s storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

func (s storage) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{s.p.key}}, nil }

func (storage) Health(context.Context) error { return nil }
