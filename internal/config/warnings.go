package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Warnings returns a sentence for each setting that is valid but may be a mistake. A demo has none.
func (c Config) Warnings() []string {
	if c.Auth == operator.Demo {
		return nil
	}
	warnings := slices.Clone(c.valueWarnings)
	warn := func(applies bool, format string, args ...any) {
		if applies {
			warnings = append(warnings, fmt.Sprintf(format, args...))
		}
	}
	unmapped := c.Access.unmapped()
	warn(
		len(unmapped) > 0,
		"No groups or people are mapped to these dashboard roles: %s. To use them, set their _GROUPS or _PEOPLE.",
		strings.Join(unmapped, ", "),
	)
	warn(
		!slices.ContainsFunc(c.PrivilegedRoles, isOwner),
		"VOXWARDEN_PRIVILEGED_ROLES does not contain Owner: every editor may grant it.",
	)
	warn(
		c.databaseWithoutTLS(),
		"VOXWARDEN_DATABASE_URL does not require TLS: the password and the audit log can be read on the network. Add "+
			"sslmode=verify-full.",
	)
	warn(
		c.unusedProxy != "",
		"%s is set, but the console does not use it. If it needs a proxy to reach the Management API or the sign-in "+
			"provider, set VOXWARDEN_HTTPS_PROXY.",
		c.unusedProxy,
	)
	const every = ", every address of this machine"
	warn(
		!Loopback(c.Listen),
		"VOXWARDEN_LISTEN is %s%s, and the console serves plain HTTP there: sessions and passwords can be read between it "+
			"and the proxy, and clients can bypass the proxy. Let only the proxy connect, or listen on 127.0.0.1.",
		c.Listen,
		onlyIf(unspecified(c.Listen), every),
	)
	warn(
		c.Metrics != "" && !Loopback(c.Metrics),
		"VOXWARDEN_METRICS_LISTEN is %s%s: every client that can connect can read the metrics. Let only Prometheus "+
			"connect, or listen on 127.0.0.1.",
		c.Metrics,
		onlyIf(unspecified(c.Metrics), every),
	)
	if path, isFile := strings.CutPrefix(c.Database.Reveal(), "sqlite:"); isFile {
		warning, _ := CheckDatabaseFile(path) // package store returns the error when it opens the database
		warn(warning != "", "The database %s", warning)
	}
	// The console itself serves plain http, so an https address means that there is a proxy in front.
	proxied := c.BaseURL.Scheme == "https"
	warn(
		loopbackHost(c.BaseURL.Hostname()),
		"VOXWARDEN_BASE_URL is %s: only browsers on this machine can use the console.",
		c.BaseURL,
	)
	warn(
		proxied && len(c.TrustedProxies) == 0,
		"VOXWARDEN_TRUSTED_PROXIES is not set: rate limits, sessions and logs use the address of the proxy instead of the "+
			"browser's.",
	)
	warn(
		c.Auth == operator.OIDC && !c.OIDC.Reauthenticate,
		"VOXWARDEN_OIDC_REAUTHENTICATE is off: privileged changes do not require a recent sign-in.",
	)
	if c.Auth != operator.ProxyHeader {
		return warnings
	}
	for _, proxy := range c.TrustedProxies {
		warn(
			!proxy.IsSingleIP() && !proxy.Addr().IsLoopback(),
			"VOXWARDEN_TRUSTED_PROXIES contains the network %s: every machine in it can act as any operator.",
			proxy,
		)
	}
	return warnings
}

// onlyIf returns text if a condition holds, else "".
func onlyIf(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

// unmapped returns the names of the dashboard roles without groups and people, except admin.
func (a Access) unmapped() []string {
	var roles []string
	for _, role := range []struct {
		name           string
		groups, people []string
	}{
		{"editor", a.EditorGroups, a.EditorPeople},
		{"auditor", a.AuditorGroups, a.AuditorPeople},
		{"viewer", a.ViewerGroups, a.ViewerPeople},
	} {
		if len(role.groups)+len(role.people) == 0 {
			roles = append(roles, role.name)
		}
	}
	return roles
}

// isOwner compares like package policy, ignoring case and spaces.
func isOwner(role string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(role), ""), "owner")
}
