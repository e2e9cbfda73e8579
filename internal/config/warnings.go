package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Warnings are what is allowed but may not be meant, a sentence each; none of a demo.
func (c Config) Warnings() []string {
	if c.Auth == operator.Demo {
		return nil
	}
	var warnings []string
	warn := func(holds bool, format string, args ...any) {
		if holds {
			warnings = append(warnings, fmt.Sprintf(format, args...))
		}
	}
	nobody := c.Access.unmapped()
	warn(
		len(nobody) > 0,
		"Nobody is mapped to these dashboard roles: %s. If somebody should have them, set their _GROUPS or _PEOPLE.",
		strings.Join(nobody, ", "),
	)
	warn(
		!slices.ContainsFunc(c.PrivilegedRoles, isOwner),
		"VOXWARDEN_PRIVILEGED_ROLES does not name Owner: editors may grant it, to themselves too.",
	)
	warn(
		c.databaseWithoutTLS(),
		"VOXWARDEN_DATABASE_URL does not insist on TLS: whoever is on the way can read the record and the password. Add "+
			"sslmode=verify-full.",
	)
	// The console itself speaks plain http, so that behind an https address somebody else does the https.
	proxied := c.BaseURL.Scheme == "https"
	warn(
		loopbackHost(c.BaseURL.Hostname()),
		"VOXWARDEN_BASE_URL is %s: only a browser on this machine can use the console.",
		c.BaseURL,
	)
	warn(
		proxied && len(c.TrustedProxies) == 0,
		"VOXWARDEN_TRUSTED_PROXIES is not set: every address in limits, sessions and log is that of the proxy in front.",
	)
	warn(
		c.Auth == operator.OIDC && !c.OIDC.Reauthenticate,
		"VOXWARDEN_OIDC_REAUTHENTICATE is off: whoever finds a browser signed in can do what is privileged.",
	)
	if c.Auth != operator.ProxyHeader {
		return warnings
	}
	for _, proxy := range c.TrustedProxies {
		warn(
			!proxy.IsSingleIP() && !proxy.Addr().IsLoopback(),
			"VOXWARDEN_TRUSTED_PROXIES has the network %s: any machine in it can say that it is anybody.",
			proxy,
		)
	}
	return warnings
}

// unmapped names the dashboard roles, save admin, that nobody can have.
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

// isOwner compares as the policy does, without case and spaces.
func isOwner(role string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(role), ""), "owner")
}
