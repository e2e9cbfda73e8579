package config

import (
	"net/url"
	"strings"
)

// setIssuer takes the provider's issuer and keeps it to the letter: tokens are compared with it.
func setIssuer(c *Config, value string) error {
	if strings.Contains(value, "/.well-known/") {
		return valueError("is the address of the discovery document. Leave off what begins with /.well-known/.")
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

// setKeysURL takes the address of a key set, which may have a query. Keys that came in the open could be anybody's.
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

// setSignOutURL takes a link that a page shows, or a path of the proxy's, which has the console's host. Browsers take a
// backslash for a slash, so that a path with one could lead to another host.
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
