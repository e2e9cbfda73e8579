package config

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Problems lists all problems of an environment, in the order of the settings. Each sentence begins with the variable's
// name and ends with what to do. No sentence contains a secret.
type Problems struct{ Sentences []string }

// Error implements error.
func (p *Problems) Error() string {
	return "the configuration has problems:\n  " + strings.Join(p.Sentences, "\n  ")
}

// Parse reads the configuration for a real account. environ has the form of os.Environ. The error is a *Problems.
func Parse(environ []string) (Config, error) { return finish(parseEnviron(environ, false)) }

// ParsePartly is Parse, but returns what is valid also of an environment with problems, so that it can be tried. The
// other fields have their zero values.
func ParsePartly(environ []string) (Config, error) {
	c, r := parseEnviron(environ, false)
	_, err := finish(c, r)
	return c, err
}

// Demo reads the configuration of a demo, which has a simulated account and operators to choose from, and listens only
// on a loopback address. No setting is required. Settings of a real account or of sign-in are problems, so that a demo
// cannot be mistaken for a real console.
func Demo(environ []string) (Config, error) { return finish(parseEnviron(environ, true)) }

// ParseAudit reads only DATABASE_URL, AUDIT_KEY, AUDIT_COPY and AUDIT_WITNESS, so that commands on the audit log work
// without the other settings.
func ParseAudit(environ []string) (Config, error) {
	r := newEnvReader(environ)
	var c Config
	for _, s := range Settings() {
		if s.Name == "DATABASE_URL" || strings.HasPrefix(s.Name, "AUDIT_") {
			r.apply(&c, s)
		}
	}
	return finish(c, r)
}

func finish(c Config, r *envReader) (Config, error) {
	if len(r.problems) > 0 {
		return Config{}, &Problems{Sentences: r.problems}
	}
	return c, nil
}

// parseEnviron reads all settings, and then checks combinations of them. The configuration is only valid if the
// envReader has no problems.
func parseEnviron(environ []string, demo bool) (Config, *envReader) {
	r := newEnvReader(environ)
	var c Config
	settings := Settings()
	if demo {
		settings, c.Auth, c.Access = demoSettings(), operator.Demo, DemoGroups()
	}
	known := map[string]bool{}
	for _, s := range settings {
		for _, name := range s.variables() {
			known[name] = true
		}
		r.apply(&c, s)
	}
	r.refuseUnknown(known)
	r.deriveBaseURL(&c)
	r.checkKeys(&c)
	r.require(
		c.SessionMax >= c.SessionIdle || c.SessionMax == 0,
		"SESSION_MAX",
		"is shorter than VOXWARDEN_SESSION_IDLE. Set it to at least the same time.",
	)
	r.require(
		!slices.ContainsFunc(c.AuditKeys, func(key Secret) bool {
			return slices.ContainsFunc(c.SecretKeys, func(other Secret) bool { return key.Reveal() == other.Reveal() })
		}),
		"AUDIT_KEY",
		"contains a key of VOXWARDEN_SECRET_KEY. Create another one, for example with: openssl rand -base64 32.",
	)
	r.require(
		c.NoProxy == nil || r.given("HTTPS_PROXY", "HTTPS_PROXY_FILE"),
		"NO_PROXY",
		"has no effect without VOXWARDEN_HTTPS_PROXY. Set that, or unset this.",
	)
	if c.Proxy.Empty() {
		c.unusedProxy = r.proxy
	}
	r.checkTickets(&c)
	r.require(
		c.Metrics == "" || c.Metrics != c.Listen,
		"METRICS_LISTEN",
		"is the same address as VOXWARDEN_LISTEN. Use another port.",
	)
	if demo {
		r.require(
			Loopback(c.Metrics) || c.Metrics == "",
			"METRICS_LISTEN",
			"must be a loopback address with -demo, such as 127.0.0.1:9090.",
		)
		r.require(
			Loopback(c.Listen) || c.Listen == "",
			"LISTEN",
			"must be a loopback address with -demo, such as 127.0.0.1:8080: in a demo every visitor can be an admin.",
		)
		return c, r
	}
	r.require(
		r.given("ADMIN_GROUPS", "ADMIN_PEOPLE"),
		"ADMIN_GROUPS",
		"and VOXWARDEN_ADMIN_PEOPLE are both missing. Set one of them: the console needs an admin.",
	)
	r.checkProxyJWT(&c)
	r.checkProxyHeader(&c)
	r.checkPeople(&c)
	return c, r
}
