package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// checkSignIn tries what the sign-in needs from outside.
func checkSignIn(ctx context.Context, cfg config.Config) []checkLine {
	const name = "sign-in"
	switch {
	case cfg.Auth == operator.OIDC && cfg.OIDC.Issuer != "" && cfg.OIDC.ClientID != "" && cfg.BaseURL != nil:
		return checkProvider(ctx, cfg)
	case cfg.Auth == operator.ProxyJWT && cfg.ProxyJWT.Preset != "":
		known, err := identity.CheckKeys(ctx, identity.ProxyJWTOptions{
			ProxyJWT: cfg.ProxyJWT,
			RootCAs:  cfg.RootCAs,
			Proxy:    cfg.ProxyFunc(),
		})
		switch {
		case err != nil:
			return []checkLine{failuref(name, "%v. Check the settings VOXWARDEN_PROXY_JWT_…, and the way to the keys", err)}
		case !known:
			return []checkLine{{passed, name, "the keys of the proxy are read when an operator signs in"}}
		}
		return []checkLine{{passed, name, "the keys of the proxy can be read"}}
	case cfg.Auth == operator.ProxyHeader && cfg.ProxyHeader.User != "":
		return []checkLine{{passed, name, "operators are named by the proxy, in the header " + cfg.ProxyHeader.User}}
	}
	return notChecked(name)
}

// checkProvider returns a line each for the provider, the client and the callback.
func checkProvider(ctx context.Context, cfg config.Config) []checkLine {
	found := identity.CheckProvider(ctx, identity.OIDCOptions{
		Issuer:       cfg.OIDC.Issuer,
		ClientID:     cfg.OIDC.ClientID,
		ClientSecret: cfg.OIDC.ClientSecret,
		Scopes:       cfg.OIDC.Scopes,
		BaseURL:      cfg.BaseURL,
		RootCAs:      cfg.RootCAs,
		Proxy:        cfg.ProxyFunc(),
	})
	const provider, client, callback = "sign-in provider", "sign-in client", "sign-in callback"
	if found.Provider != nil {
		const text = "not checked, because the provider's settings cannot be read"
		return []checkLine{failure(provider, found.Provider), {skipped, client, text}, {skipped, callback, text}}
	}
	lines := []checkLine{
		{passed, provider, "the issuer " + cfg.OIDC.Issuer + " has its settings and keys in place"},
		{passed, client, "the provider accepts the client id and secret"},
		{passed, callback, "the provider begins a sign-in that returns to " + cfg.BaseURL.String() + "/sign-in/callback"},
	}
	switch {
	case found.Client != nil:
		lines[1] = failure(client, found.Client)
	case !found.ClientKnown:
		lines[1] = checkLine{skipped, client, "whether the provider accepts the client secret shows at the first sign-in"}
	}
	if found.Callback != nil {
		lines[2] = failure(callback, found.Callback)
	}
	return lines
}

// checkAddresses tries to listen on the addresses of the console and of its metrics.
func checkAddresses(ctx context.Context, cfg config.Config) []checkLine {
	var lines []checkLine
	for _, address := range []struct{ setting, listen string }{
		{"VOXWARDEN_LISTEN", cfg.Listen},
		{"VOXWARDEN_METRICS_LISTEN", cfg.Metrics},
	} {
		if address.listen == "" {
			continue
		}
		const name = "addresses"
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address.listen)
		switch {
		case err == nil:
			text := "the console can listen on " + address.listen
			if err := listener.Close(); err != nil {
				return []checkLine{failure(name, err)}
			}
			lines = append(lines, checkLine{passed, name, text})
		case errors.Is(err, syscall.EADDRINUSE):
			text := address.listen + " is in use: by a console that runs, or by another program"
			lines = append(lines, checkLine{warning, name, text})
		case errors.Is(err, syscall.EACCES):
			text := "this user may not listen on " + address.listen + ". Use a port from 1024 on in " + address.setting
			lines = append(lines, checkLine{failed, name, text})
		default:
			lines = append(lines, failuref(name, "%v. Correct %s", err, address.setting))
		}
	}
	return lines
}

// checkTrustedProxies compares the trusted proxies with the address of the console: a proxy that connects to a loopback
// address comes from one.
func checkTrustedProxies(_ context.Context, cfg config.Config) []checkLine {
	const name = "trusted proxies"
	if len(cfg.TrustedProxies) == 0 {
		return nil // a warning, or a problem of the settings
	}
	loopback := slices.ContainsFunc(cfg.TrustedProxies, func(proxy netip.Prefix) bool { return proxy.Addr().IsLoopback() })
	if config.Loopback(cfg.Listen) && !loopback {
		line := checkLine{warning, name, "VOXWARDEN_LISTEN is " + cfg.Listen + ", so the proxy connects from a loopback " +
			"address, which VOXWARDEN_TRUSTED_PROXIES does not contain. Add 127.0.0.1"}
		if cfg.Auth == operator.ProxyHeader {
			line.mark = failed // every sign-in would be refused
		}
		return []checkLine{line}
	}
	var texts []string
	for _, proxy := range cfg.TrustedProxies {
		texts = append(texts, proxy.String())
	}
	return []checkLine{{passed, name, strings.Join(texts, ", ")}}
}

// checkWrittenFiles checks that the files which the console writes outside the database can be written.
func checkWrittenFiles(_ context.Context, cfg config.Config) []checkLine {
	var lines []checkLine
	for _, path := range []string{cfg.AuditCopy, cfg.AuditWitness} {
		if path == "" {
			continue
		}
		line := checkLine{passed, "files to write", path + " can be written"}
		if err := config.CheckWritable(path); err != nil {
			line = failure(line.name, err)
		}
		lines = append(lines, line)
	}
	return lines
}

// canWriteFiles returns an error unless the files that the console writes outside the database can be written.
func canWriteFiles(cfg config.Config) error {
	for _, path := range []string{cfg.AuditCopy, cfg.AuditWitness} {
		if path == "" {
			continue
		}
		if err := config.CheckWritable(path); err != nil {
			return fmt.Errorf("checking the copy of the audit log and the witness: %w", err)
		}
	}
	return nil
}
