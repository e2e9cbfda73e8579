package config

import (
	"net/url"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// checkProxyJWT reports settings of a preset that do not fit together.
func (r *envReader) checkProxyJWT(c *Config) {
	if preset, ok := FindPreset(c.ProxyJWT.Preset); ok {
		preset.check(r, c.ProxyJWT)
	}
}

// origin reports whether text is an https address that consists of a host and an optional port.
func origin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && validHost(u) && text == "https://"+u.Host
}

// routeHost returns the host of text, which is a host name, or https:// with a host name and an optional slash. It
// returns "" for any other text.
func routeHost(text string) string {
	host := strings.TrimSuffix(strings.TrimPrefix(text, "https://"), "/")
	if !origin("https://" + host) {
		return ""
	}
	return host
}

// checkProxyHeader reports problems of the header settings that concern several of them.
func (r *envReader) checkProxyHeader(c *Config) {
	if c.Auth != operator.ProxyHeader {
		return
	}
	headers := c.ProxyHeader
	r.require(
		r.given("TRUSTED_PROXIES"),
		"TRUSTED_PROXIES",
		"is missing. Set it to the addresses from which the proxy connects, such as 10.0.3.7. Without it every client "+
			"could send the proxy's headers.",
	)
	if !r.given("PROXY_HEADER_GROUPS") {
		mapped := r.given("ADMIN_GROUPS", "EDITOR_GROUPS", "AUDITOR_GROUPS", "VIEWER_GROUPS")
		r.require(
			!mapped,
			"PROXY_HEADER_GROUPS",
			"is missing, but groups are mapped to dashboard roles. Set it to the header with the groups, or map people "+
				"instead of groups.",
		)
		r.require(
			!r.given("PROXY_GROUPS_SEPARATOR"),
			"PROXY_GROUPS_SEPARATOR",
			"has no effect without VOXWARDEN_PROXY_HEADER_GROUPS. Set that, or unset this.",
		)
		return
	}
	// Otherwise an operator who may choose a display name could choose the name of a group.
	shared := headers.Groups != "" && slices.Contains([]string{headers.User, headers.Name, headers.Email}, headers.Groups)
	r.require(
		!shared,
		"PROXY_HEADER_GROUPS",
		"is also the header of a name or an e-mail address. Set it to a header that contains only groups.",
	)
}
