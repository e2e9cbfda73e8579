package config

import (
	"net/url"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// checkProxyJWT looks at what the preset makes of the settings: where the keys are, and that they fit together.
func (r *envReader) checkProxyJWT(c *Config) {
	jwt := c.ProxyJWT
	switch jwt.Preset {
	case presetCloudflare:
		// The address of the keys follows from the issuer.
		r.require(
			jwt.Issuer == "" || origin(jwt.Issuer),
			"PROXY_JWT_ISSUER",
			"must be the team's address without anything behind it, such as https://TEAM.cloudflareaccess.com.",
		)
	case presetPomerium:
		// The address of the keys follows from the audience, which Pomerium writes as it does the issuer.
		r.require(
			jwt.Issuer == "" || routeHost(jwt.Issuer),
			"PROXY_JWT_ISSUER",
			"must be the route's host name, or https:// with it and a slash, as Pomerium is set to write it.",
		)
		r.require(len(jwt.Audiences) == 0 || len(jwt.Audiences) == 1 && routeHost(jwt.Audiences[0]), "PROXY_JWT_AUDIENCE",
			"must be the route's host name and nothing else: the keys are looked for there.")
	case presetGoogle:
		named := !slices.ContainsFunc(jwt.Audiences, func(a string) bool { return !strings.HasPrefix(a, "/projects/") })
		r.require(
			named,
			"PROXY_JWT_AUDIENCE",
			"must begin with /projects/, such as /projects/1234567890/global/backendServices/9876543210.",
		)
	case presetALB:
		match := balancerARN.FindStringSubmatch(jwt.Signer)
		r.require(len(match) == 0 || jwt.Region == "" || match[1] == jwt.Region, "PROXY_JWT_REGION",
			"is not the region in VOXWARDEN_PROXY_JWT_SIGNER. Set both to the same load balancer.")
	case presetCustom:
		address, file := r.given("PROXY_JWT_KEYS_URL"), r.given("PROXY_JWT_KEYS_FILE")
		r.require(
			address || file,
			"PROXY_JWT_KEYS_URL",
			"and VOXWARDEN_PROXY_JWT_KEYS_FILE are both missing. Set one of them to the key set that checks the assertion.",
		)
		r.require(
			!address || !file,
			"PROXY_JWT_KEYS_URL",
			"and VOXWARDEN_PROXY_JWT_KEYS_FILE are both set. Unset one of them.",
		)
	}
}

// origin says whether a text is an https address of nothing but a host, perhaps with a port.
func origin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && validHost(u) && text == "https://"+u.Host
}

// routeHost says whether a text is a host name, or https:// with one and perhaps a slash.
func routeHost(text string) bool {
	return origin("https://" + strings.TrimSuffix(strings.TrimPrefix(text, "https://"), "/"))
}

// checkProxyHeader looks at what can come from the proxy: its headers are believed because of where they come from.
func (r *envReader) checkProxyHeader(c *Config) {
	if c.Auth != operator.ProxyHeader {
		return
	}
	headers := c.ProxyHeader
	r.require(
		r.given("TRUSTED_PROXIES"),
		"TRUSTED_PROXIES",
		"is missing. Set it to the addresses from which the proxy calls, such as 10.0.3.7: anybody else could write "+
			"its headers.",
	)
	if !r.given("PROXY_HEADER_GROUPS") {
		mapped := r.given("ADMIN_GROUPS", "EDITOR_GROUPS", "AUDITOR_GROUPS", "VIEWER_GROUPS")
		r.require(
			!mapped,
			"PROXY_HEADER_GROUPS",
			"is missing, so that no group ever arrives. Set it to the header with the groups, or map people instead of groups.",
		)
		r.require(
			!r.given("PROXY_GROUPS_SEPARATOR"),
			"PROXY_GROUPS_SEPARATOR",
			"has nothing to separate without VOXWARDEN_PROXY_HEADER_GROUPS. Set that, or unset this.",
		)
		return
	}
	// Whoever may choose their own name could otherwise choose the name of a group.
	shared := headers.Groups != "" && slices.Contains([]string{headers.User, headers.Name, headers.Email}, headers.Groups)
	r.require(
		!shared,
		"PROXY_HEADER_GROUPS",
		"is also the header of a name or an address. Set it to a header that holds nothing but groups.",
	)
}
