package config

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// SettingValue is how one setting stands, to show to people. It holds no secret.
type SettingValue struct {
	Name  string // with the prefix
	Value string // [redacted] for a secret that was given; quoted when it could not be told from what stands around it
	From  string // "environment", "file …", "default", or why there is no value
}

// Describe tells how every setting stands, in the order of Settings. The environment may be wrong; what is wrong with
// it, Parse and Demo say.
func Describe(environ []string, demo bool) []SettingValue {
	c, r := parseEnviron(environ, demo)
	settings := Settings()
	if demo {
		settings = demoSettings()
	}
	lines := make([]SettingValue, 0, len(settings))
	for _, s := range settings {
		line := SettingValue{Name: Prefix + s.Name}
		line.Value, line.From = r.describe(&c, s)
		lines = append(lines, line)
	}
	return lines
}

func (r *envReader) describe(c *Config, s Setting) (value, from string) {
	direct, path := r.values[s.Name], r.values[s.Name+"_FILE"]
	switch {
	case s.Secret && direct != "":
		return redacted, "environment"
	case s.Secret && path != "":
		return redacted, "file " + pathOrRedacted(path)
	case s.Name == "CREDENTIALS_FILE" && direct != "":
		return pathOrRedacted(direct), "environment"
	case direct != "" && strings.HasSuffix(s.Name, "_PEOPLE"):
		return quoteUnlessPlain(direct), "environment" // the @ in it is an address of a person
	case direct != "":
		return quoteUnlessPlain(withoutCredentials(direct)), "environment"
	case s.unusedReason(c) != "":
		return "", "not read with " + excludedBy(c, s)
	case s.Name == "BASE_URL" && c.BaseURL != nil:
		return c.BaseURL.String(), "default, from " + Prefix + "LISTEN"
	case s.Default != "":
		return quoteUnlessPlain(s.Default), "default"
	default:
		return "", "not set"
	}
}

// excludedBy is what makes it so that a setting is not read.
func excludedBy(c *Config, s Setting) string {
	switch {
	case s.demoReplacement != "" && c.Auth == operator.Demo:
		return "-demo"
	case !among(s.auths, c.Auth):
		return Prefix + "AUTH=" + c.Auth
	default:
		return Prefix + "PROXY_JWT_PRESET=" + c.ProxyJWT.Preset
	}
}

// pathOrRedacted shows a path to a secret when there is such a file. Anything else may be the secret itself, put
// where its path should be.
func pathOrRedacted(path string) string {
	if _, err := os.Stat(path); err != nil {
		return "[redacted: there is no such file]"
	}
	return quoteUnlessPlain(path)
}

// credentialsInURL is what people write into addresses although it belongs elsewhere.
var credentialsInURL = regexp.MustCompile(`(?s)//.*@`)

func withoutCredentials(value string) string {
	return credentialsInURL.ReplaceAllString(value, "//"+redacted+"@")
}

// quoted puts a value that is no secret into a sentence.
func quoted(value string) string { return strconv.Quote(withoutCredentials(value)) }

// quoteUnlessPlain makes a value fit for one line, with nothing in it that a terminal would obey.
func quoteUnlessPlain(value string) string {
	plain := strings.TrimSpace(value) == value && !strings.ContainsAny(value, "#\"\\") &&
		!strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) })
	if plain {
		return value
	}
	return strconv.Quote(value)
}
