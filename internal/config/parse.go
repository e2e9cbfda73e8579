package config

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Problems is everything that is wrong with an environment, one sentence each, with the variable's name
// and what to do. No sentence quotes the value of a secret.
type Problems struct{ Sentences []string }

// Error implements error.
func (p *Problems) Error() string {
	return "the configuration has problems:\n  " + strings.Join(p.Sentences, "\n  ")
}

// Parse reads the configuration of a console that works on a real account. environ is as os.Environ returns it.
// It fails with Problems, which lists all of them.
func Parse(environ []string) (Config, error) { return finish(parseEnviron(environ, false)) }

// Demo reads the configuration of a demo: a simulated account, people to choose from, loopback only. Every setting
// has a default there. Settings that name a real account, real people or how they sign in are refused, so that nobody
// takes a demo for the real thing.
func Demo(environ []string) (Config, error) { return finish(parseEnviron(environ, true)) }

// ParseAudit reads what a command on the record needs, and nothing else: the database, and the keys that sealed it.
// So it works where the console's other settings are not.
func ParseAudit(environ []string) (Config, error) {
	r := newEnvReader(environ)
	var c Config
	for _, s := range Settings() {
		if s.Name == "DATABASE_URL" || s.Name == "AUDIT_KEY" {
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

// parseEnviron applies every setting, then the checks that concern several of them or the way of running. The
// configuration is only to be used when the reading has no problems.
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
	r.require(
		c.SessionMax >= c.SessionIdle || c.SessionMax == 0,
		"SESSION_MAX",
		"is shorter than VOXWARDEN_SESSION_IDLE. Make it at least as long.",
	)
	r.checkTickets(&c)
	r.require(
		c.Metrics == "" || c.Metrics != c.Listen,
		"METRICS_LISTEN",
		"is VOXWARDEN_LISTEN, where the console itself is. Give it a port of its own.",
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
			"must be a loopback address with -demo, such as 127.0.0.1:8080: a demo lets anybody be an admin.",
		)
		return c, r
	}
	r.require(r.given("ADMIN_GROUPS", "ADMIN_PEOPLE"), "ADMIN_GROUPS",
		"and VOXWARDEN_ADMIN_PEOPLE are both missing. Nobody could administer the console: set one of them.")
	r.checkProxyJWT(&c)
	r.checkProxyHeader(&c)
	r.checkPeople(&c)
	return c, r
}
