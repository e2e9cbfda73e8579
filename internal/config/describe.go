package config

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// SettingValue is the value of one setting for display. It contains no secret.
type SettingValue struct {
	Name  string // with the prefix
	Value string // "[redacted]" for a secret that is set; quoted if it contains quotes, spaces at its ends or the like
	From  string // "environment", "file …", "default", or why there is no value
}

// Describe returns the values of all settings, in the order of Settings. The environment may have problems; Parse and
// Demo report them.
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
		return quoteUnlessPlain(direct), "environment" // the @ is part of an e-mail address
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

// excludedBy returns the flag or setting that prevents a setting from being read.
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

// pathOrRedacted returns the path of a secret's file if the file exists. Otherwise the value may be the secret itself,
// set by mistake instead of its path.
func pathOrRedacted(path string) string {
	if _, err := os.Stat(path); err != nil {
		return "[redacted: no such file]"
	}
	return quoteUnlessPlain(path)
}

// credentialsInURL matches a user and password in an address.
var credentialsInURL = regexp.MustCompile(`(?s)//.*@`)

func withoutCredentials(value string) string {
	return credentialsInURL.ReplaceAllString(value, "//"+redacted+"@")
}

// quoted returns a value that is not a secret in quotes, for error texts.
func quoted(value string) string { return strconv.Quote(withoutCredentials(value)) }

// quoteUnlessPlain returns a value for output on one line, without characters that a terminal interprets.
func quoteUnlessPlain(value string) string {
	plain := strings.TrimSpace(value) == value && !strings.ContainsAny(value, "#\"\\") &&
		!strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) })
	if plain {
		return value
	}
	return strconv.Quote(value)
}
