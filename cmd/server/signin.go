package main

import (
	"fmt"
	"log/slog"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/handlers"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

// signIn is the configured sign-in method for package handlers. demo and provider are nil with other methods. operators
// are those of bulk changes: only OpenID Connect can ask for their groups again.
type signIn struct {
	identity  handlers.Identity
	demo      handlers.Demo
	provider  handlers.Provider
	operators bulk.Operators
}

// newSignIn returns the configured sign-in method. It returns an error if the settings do not fit together, but not if
// the provider or key server is unavailable.
func newSignIn(cfg config.Config, sessions *session.Store, logger *slog.Logger) (signIn, error) {
	switch cfg.Auth {
	case operator.Demo:
		demo := identity.Demo{Sessions: sessions}
		return signIn{identity: demo, demo: demo, operators: sessions}, nil
	case operator.OIDC:
		provider, err := identity.NewOIDC(identity.OIDCOptions{
			Issuer:         cfg.OIDC.Issuer,
			ClientID:       cfg.OIDC.ClientID,
			ClientSecret:   cfg.OIDC.ClientSecret,
			Scopes:         cfg.OIDC.Scopes,
			GroupsClaim:    cfg.OIDC.GroupsClaim,
			Configured:     cfg.Access.Groups(),
			Reauthenticate: cfg.OIDC.Reauthenticate,
			BaseURL:        cfg.BaseURL,
			Keys:           cfg.SecretKeys,
			RootCAs:        cfg.RootCAs,
			Proxy:          cfg.ProxyFunc(),
			Sessions:       sessions,
			Logger:         logger,
		})
		if err != nil {
			return signIn{}, fmt.Errorf("preparing the sign-in: %w", err)
		}
		return signIn{identity: provider, provider: provider, operators: provider}, nil
	case operator.ProxyJWT:
		proxy, err := identity.NewProxyJWT(identity.ProxyJWTOptions{
			ProxyJWT:   cfg.ProxyJWT,
			Configured: cfg.Access.Groups(),
			RootCAs:    cfg.RootCAs,
			Proxy:      cfg.ProxyFunc(),
			Sessions:   sessions,
			Logger:     logger,
		})
		if err != nil {
			return signIn{}, fmt.Errorf("preparing the sign-in: %w", err)
		}
		return signIn{identity: proxy, operators: sessions}, nil
	case operator.ProxyHeader:
		proxy, err := identity.NewProxyHeader(identity.ProxyHeaderOptions{
			User:           cfg.ProxyHeader.User,
			Name:           cfg.ProxyHeader.Name,
			Email:          cfg.ProxyHeader.Email,
			Groups:         cfg.ProxyHeader.Groups,
			Separator:      cfg.ProxyHeader.Separator,
			Configured:     cfg.Access.Groups(),
			TrustedProxies: cfg.TrustedProxies,
			Sessions:       sessions,
			Logger:         logger,
		})
		if err != nil {
			return signIn{}, fmt.Errorf("preparing the sign-in: %w", err)
		}
		return signIn{identity: proxy, operators: sessions}, nil
	default:
		return signIn{}, fmt.Errorf("unknown sign-in method %q", cfg.Auth)
	}
}
