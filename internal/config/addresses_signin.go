package config

import (
	"net/url"
	"strings"
)

// setIssuer accepts the provider's issuer and stores it unchanged: it is compared with tokens.
func setIssuer(c *Config, value string) error {
	if strings.Contains(value, "/.well-known/") {
		return valueError("is the address of the discovery document. Remove /.well-known/ and everything after it.")
	}
	u, err := absolute(value)
	if err != nil {
		return valueError("must be the provider's issuer, such as https://id.example.com.")
	}
	if u.Scheme == "http" && !loopbackHost(u.Hostname()) {
		return valueError("must begin with https:// unless its host is a loopback address.")
	}
	c.OIDC.Issuer = value
	return nil
}

// setKeysURL accepts the address of a key set, with an optional query. Keys fetched over plain http could be replaced
// on the way.
func setKeysURL(c *Config, value string) error {
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || !validHost(u) || u.User != nil || u.Fragment != "" {
		return valueError("must be the address of a key set, such as https://proxy.example.com/.well-known/jwks.json.")
	}
	if u.Scheme == "http" && !loopbackHost(u.Hostname()) {
		return valueError("must begin with https:// unless its host is a loopback address.")
	}
	c.ProxyJWT.KeysURL = value
	return nil
}

// setSignOutURL accepts a link, or a path on the console's host. Browsers treat a backslash as a slash, so a path with
// one could lead to another host.
func setSignOutURL(c *Config, value string) error {
	u, err := url.Parse(value)
	path := err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(value, "/") &&
		!strings.HasPrefix(value, "//")
	link := err == nil && u.User == nil && validHost(u) &&
		(u.Scheme == "https" || u.Scheme == "http" && loopbackHost(u.Hostname()))
	if !path && !link || strings.Contains(value, `\`) || !word(value) {
		return valueError("must be a link that begins with https://, or a path such as /oauth2/sign_out.")
	}
	c.ProxySignOutURL = value
	return nil
}
