package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
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
func Parse(environ []string) (Config, error) {
	return parse(environ, func(_ *Config, r *reading) {
		r.require(r.given("CREDENTIALS_FILE"), "CREDENTIALS_FILE", "is missing. Set it to the path of the service account's credentials.json.")
		r.require(r.given("SECRET_KEY", "SECRET_KEY_FILE"), "SECRET_KEY", "is missing. Set it to at least 32 random characters, for instance from: openssl rand -base64 32.")
		r.require(r.given("ADMIN_GROUPS", "ADMIN_PEOPLE"), "ADMIN_GROUPS",
			"and VOXWARDEN_ADMIN_PEOPLE are both missing. Nobody could administer the console: set one of them.")
	})
}

// Demo reads the configuration of a demo: a simulated account, people to choose from, loopback only. Every setting
// has a default there. Settings that name a real account or real people are refused, so that nobody takes a demo
// for the real thing.
func Demo(environ []string) (Config, error) {
	return parse(environ, func(c *Config, r *reading) {
		for _, name := range []string{"CREDENTIALS_FILE", "API_URL", "CA_FILE"} {
			r.require(!r.given(name), name, "cannot be used with -demo, which brings a simulated account. Unset it.")
		}
		for _, role := range []string{"ADMIN", "EDITOR", "AUDITOR", "VIEWER"} {
			for _, name := range []string{role + "_GROUPS", role + "_PEOPLE"} {
				r.require(!r.given(name), name, "cannot be used with -demo, which brings people of its own. Unset it.")
			}
		}
		r.require(Loopback(c.Listen) || c.Listen == "", "LISTEN", "must be a loopback address with -demo, such as 127.0.0.1:8080: a demo lets anybody be an admin.")
		c.Access = DemoGroups()
		if !r.given("DATABASE_URL", "DATABASE_URL_FILE") {
			c.Database = Secret{}
		}
	})
}

// parse applies every setting, then the checks that concern several of them or the way of running.
func parse(environ []string, check func(*Config, *reading)) (Config, error) {
	r := newReading(environ)
	var c Config
	known := map[string]bool{}
	for _, s := range Settings() {
		known[s.Name] = true
		known[s.Name+"_FILE"] = known[s.Name+"_FILE"] || s.Secret
		value := r.value(s)
		if value == "" {
			continue
		}
		if err := s.apply(&c, value); err != nil {
			r.report(s.Name, err.Error())
		}
	}
	r.refuseUnknown(known)
	r.deriveBaseURL(&c)
	r.require(c.SessionMax >= c.SessionIdle, "SESSION_MAX", "is shorter than VOXWARDEN_SESSION_IDLE. Make it at least as long.")
	check(&c, r)
	if len(r.problems) > 0 {
		return Config{}, &Problems{Sentences: r.problems}
	}
	return c, nil
}

// reading is one pass over an environment: what it holds, and what is wrong with it so far.
type reading struct {
	values   map[string]string // by name without the prefix; of ours only
	names    []string          // the same names, in order
	problems []string
}

func newReading(environ []string) *reading {
	r := &reading{values: map[string]string{}}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if name, ours := strings.CutPrefix(name, Prefix); ours {
			r.values[name] = value
			r.names = append(r.names, name)
		}
	}
	slices.Sort(r.names)
	return r
}

// given says whether any of these variables is set to anything; an empty one counts as not set.
func (r *reading) given(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return r.values[name] != "" })
}

func (r *reading) report(name, sentence string) {
	r.problems = append(r.problems, Prefix+name+" "+sentence)
}

func (r *reading) require(holds bool, name, sentence string) {
	if !holds {
		r.report(name, sentence)
	}
}

// value answers what a setting is set to, from its variable, its file or its default.
func (r *reading) value(s Setting) string {
	direct, path := r.values[s.Name], r.values[s.Name+"_FILE"]
	switch {
	case s.Secret && direct != "" && path != "":
		r.report(s.Name, "and "+Prefix+s.Name+"_FILE are both set. Unset one of them.")
		return ""
	case s.Secret && path != "":
		return r.file(s.Name+"_FILE", path)
	case direct != "":
		return direct
	default:
		return s.Default
	}
}

// file reads a secret from a file; editors and shells leave a newline at its end, which is not part of it.
func (r *reading) file(name, path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		r.report(name, cannotRead(path, err))
		return ""
	}
	value := strings.TrimRight(string(data), "\r\n")
	r.require(value != "", name, fmt.Sprintf("names the file %q, which is empty. Put the value in it.", path))
	return value
}

// refuseUnknown reports every variable of ours that no setting reads: a misspelt one would otherwise be a setting
// that silently does nothing. Kubernetes injects the excepted ones for a service called voxwarden.
func (r *reading) refuseUnknown(known map[string]bool) {
	for _, name := range r.names {
		injected := strings.HasPrefix(name, "PORT") || strings.HasPrefix(name, "SERVICE_")
		r.require(known[name] || injected, name, "is not a setting of this version. Check the spelling, or unset it.")
	}
}

// cannotRead says why a file cannot be read, without the operation's name that os errors carry.
func cannotRead(path string, err error) string {
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		err = pathErr.Err
	}
	return fmt.Sprintf("names the file %q, which cannot be read: %v. Check the path and who may read it.", path, err)
}

// ListenAddress answers the address that a console with this environment listens on, right or wrong, without
// looking at any other setting.
func ListenAddress(environ []string) string {
	r := newReading(environ)
	for _, s := range Settings() {
		if s.Name == "LISTEN" {
			return r.value(s)
		}
	}
	return ""
}
