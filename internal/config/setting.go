package config

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Setting is one environment variable. EnvFile and SettingsTable are generated from all of them.
type Setting struct {
	Name    string // without the prefix
	Default string // empty if there is none
	Text    string // description: purpose, allowed values and example
	Secret  bool   // can also be set with a file: the variable with the suffix _FILE contains its path
	apply   func(*Config, string) error

	missing         string   // problem when it is not set; empty for an optional setting. Not used in a demo
	auths           []string // values of AUTH with which it is read; nil for all
	presets         []string // values of PROXY_JWT_PRESET with which it is read; nil for all
	demoReplacement string   // what a demo uses instead of the setting; empty if a demo reads it
}

// What a demo uses instead of settings.
const (
	demoAccount   = "a simulated account"
	demoOperators = "its own operators"
)

// demoSettings returns the settings of a demo: none is required, and the replaced ones have no default. A demo has a
// database of its own, and no balancer in front.
func demoSettings() []Setting {
	settings := Settings()
	for i := range settings {
		settings[i].missing = ""
		demoHasOwn := slices.Contains([]string{"DATABASE_URL", "SHUTDOWN_DELAY"}, settings[i].Name)
		if settings[i].demoReplacement != "" || demoHasOwn {
			settings[i].Default = ""
		}
	}
	return settings
}

// variables returns the names of the setting's environment variables, without the prefix.
func (s Setting) variables() []string {
	if s.Secret {
		return []string{s.Name, s.Name + "_FILE"}
	}
	return []string{s.Name}
}

// unusedReason returns why the setting is not read with c, and what to do; "" if it is read. A setting without an
// effect is a problem, because the admin expects an effect. If AUTH or the preset is not set, all their settings are
// read.
func (s Setting) unusedReason(c *Config) string {
	switch {
	case c.Auth == operator.Demo && s.demoReplacement != "":
		return "cannot be used with -demo, which uses " + s.demoReplacement + ". Unset it."
	case c.Auth != "" && !among(s.auths, c.Auth):
		return unusedText("AUTH", s.auths, c.Auth)
	case c.ProxyJWT.Preset != "" && !among(s.presets, c.ProxyJWT.Preset):
		return unusedText("PROXY_JWT_PRESET", s.presets, c.ProxyJWT.Preset)
	}
	return ""
}

// needed reports whether the setting is required with c.
func (s Setting) needed(c *Config) bool {
	return s.missing != "" && among(s.auths, c.Auth) && among(s.presets, c.ProxyJWT.Preset)
}

// among reports whether values contains value. A nil list contains every value.
func among(values []string, value string) bool {
	return len(values) == 0 || slices.Contains(values, value)
}

// unusedText returns the problem of a setting that is read only with some values of another setting.
func unusedText(other string, values []string, value string) string {
	return "belongs to " + Prefix + other + "=" + alternatives(values) + ", but " + Prefix + other + " is " + value +
		". Unset it, or change " + Prefix + other + "."
}

// alternatives returns values as "a, b or c".
func alternatives(values []string) string {
	last := len(values) - 1
	if last < 1 {
		return strings.Join(values, "")
	}
	return strings.Join(values[:last], ", ") + " or " + values[last]
}
