package config

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Setting is one environment variable, as the README's table shows it.
type Setting struct {
	Name    string // without the prefix
	Default string // empty when there is none
	Text    string // what it is, for people
	Secret  bool   // may be given as a file instead: the name with _FILE at its end holds the path
	apply   func(*Config, string) error

	missing         string   // what to say to a console on a real account that lacks it; empty when it may
	auths           []string // the values of AUTH with which it is read; none for all
	presets         []string // the values of PROXY_JWT_PRESET with which it is read; none for all
	demoReplacement string   // what a demo brings instead, which is why it does not take this; empty when it does
}

// What a demo brings, so that nobody can take it for the real thing.
const (
	demoAccount   = "a simulated account"
	demoOperators = "people of its own"
)

// demoSettings are the settings as a demo reads them: nothing is missing, and what it brings itself has no default.
func demoSettings() []Setting {
	settings := Settings()
	for i := range settings {
		settings[i].missing = ""
		if settings[i].demoReplacement != "" || settings[i].Name == "DATABASE_URL" {
			settings[i].Default = ""
		}
	}
	return settings
}

// variables are the names under which the setting is read, without the prefix.
func (s Setting) variables() []string {
	if s.Secret {
		return []string{s.Name, s.Name + "_FILE"}
	}
	return []string{s.Name}
}

// unusedReason says why the setting is not read as things stand, and what to do; empty when it is read. A setting that
// does nothing is a problem: whoever wrote it believes that it does something. While AUTH or the preset is not known,
// neither is what belongs elsewhere.
func (s Setting) unusedReason(c *Config) string {
	switch {
	case c.Auth == operator.Demo && s.demoReplacement != "":
		return "cannot be used with -demo, which brings " + s.demoReplacement + ". Unset it."
	case c.Auth != "" && !among(s.auths, c.Auth):
		return unusedText("AUTH", s.auths, c.Auth)
	case c.ProxyJWT.Preset != "" && !among(s.presets, c.ProxyJWT.Preset):
		return unusedText("PROXY_JWT_PRESET", s.presets, c.ProxyJWT.Preset)
	}
	return ""
}

// needed says whether the console cannot do without the setting as things stand.
func (s Setting) needed(c *Config) bool {
	return s.missing != "" && among(s.auths, c.Auth) && among(s.presets, c.ProxyJWT.Preset)
}

// among says whether a value is one of these; none at all stand for every value.
func among(these []string, value string) bool {
	return len(these) == 0 || slices.Contains(these, value)
}

func unusedText(chooser string, these []string, chosen string) string {
	return "belongs to " + Prefix + chooser + "=" + alternatives(these) + ", but " + Prefix + chooser + " is " + chosen +
		". Unset it, or change " + Prefix + chooser + "."
}

// alternatives returns values as "a, b or c".
func alternatives(values []string) string {
	last := len(values) - 1
	if last < 1 {
		return strings.Join(values, "")
	}
	return strings.Join(values[:last], ", ") + " or " + values[last]
}
