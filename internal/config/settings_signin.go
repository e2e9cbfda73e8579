package config

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// signInSettings decide how operators sign in. AUTH and PROXY_JWT_PRESET come first: they decide which of the others
// are read.
func signInSettings() []Setting {
	settings := slices.Concat([]Setting{
		{
			Name: "AUTH",
			Text: "How operators sign in: oidc (OpenID Connect provider), proxy-jwt (a proxy in front sends a signed " +
				"assertion) or proxy-header (the proxy sends plain headers). Required, except with -demo.",
			missing: "is missing. Set it to how people sign in: oidc, proxy-jwt or proxy-header. To try the console without " +
				"sign-in, start it with -demo.",
			apply: setAuth,
		},
	}, oidcSettings(), proxyJWTSettings(), proxyHeaderSettings(), proxySettings())
	for i := range settings {
		settings[i].demoReplacement = demoOperators
	}
	return settings
}

func oidcSettings() []Setting {
	return onlyWithAuth(operator.OIDC, []Setting{
		{
			Name:    "OIDC_ISSUER",
			Text:    "Issuer of the provider, exactly as in its discovery document, such as https://id.example.com.",
			missing: "is missing. Set it to the provider's issuer, such as https://id.example.com.",
			apply:   setIssuer,
		},
		{
			Name: "OIDC_CLIENT_ID",
			Text: "Client id of the console at the provider.",
			missing: "is missing. Register the console at the provider, with the console's address and /sign-in/callback as " +
				"the redirect URI, and set this to the client id.",
			apply: setWord(func(c *Config) *string { return &c.OIDC.ClientID }),
		},
		{
			Name:   "OIDC_CLIENT_SECRET",
			Secret: true,
			Text:   "Client secret of the console at the provider.",
			missing: "is missing. Register the console at the provider as a confidential client, and set this to the client " +
				"secret.",
			apply: setClientSecret,
		},
		{
			Name:    "OIDC_SCOPES",
			Default: "openid profile email",
			Text: "Scopes to request, separated by spaces; openid is required. Some providers need groups here. With " +
				"offline_access the console can renew the groups without a new sign-in.",
			apply: setScopes,
		},
		{
			Name:    "OIDC_GROUPS_CLAIM",
			Default: "groups",
			Text:    "Claim with the groups of the operator.",
			apply:   setWord(func(c *Config) *string { return &c.OIDC.GroupsClaim }),
		},
		{
			Name:    "OIDC_REAUTHENTICATE",
			Default: "on",
			Text: "on or off. on: privileged changes require a recent sign-in, proven by the auth_time claim. Use off only " +
				"for providers that do not send auth_time.",
			apply: setSwitch(func(c *Config) *bool { return &c.OIDC.Reauthenticate }),
		},
	})
}

func proxyJWTSettings() []Setting {
	settings := onlyWithAuth(operator.ProxyJWT, []Setting{
		{
			Name: "PROXY_JWT_PRESET",
			Text: "The proxy that signs the assertion: " + alternatives(PresetNames()) + ".",
			missing: "is missing. Set it to the proxy in front: " + alternatives(PresetNames()) + ". Use custom for any " +
				"proxy without a preset.",
			apply: setPreset,
		},
		{
			Name:    "PROXY_JWT_HEADER",
			Text:    "HTTP header that carries the assertion, such as X-Assertion.",
			missing: "is missing. Set it to the header in which the proxy sends its assertion.",
			apply:   setHeader(func(c *Config) *string { return &c.ProxyJWT.Header }),
		},
		{
			Name:    "PROXY_JWT_ISSUER",
			Text:    "Issuer of the assertion (iss claim), compared exactly. " + presetExamples("PROXY_JWT_ISSUER"),
			missing: "is missing. Set it to the issuer of the proxy's assertion, exactly as the iss claim has it.",
			apply:   setWord(func(c *Config) *string { return &c.ProxyJWT.Issuer }),
		},
		{
			Name: "PROXY_JWT_AUDIENCE",
			Text: "Audience of the assertion (aud claim); several are separated by commas, and one of them must match. " +
				presetExamples("PROXY_JWT_AUDIENCE"),
			missing: "is missing. Set it to the audience of the proxy's assertion. Without it the console would accept " +
				"assertions for other applications.",
			apply: setAudiences,
		},
		{
			Name:  "PROXY_JWT_KEYS_URL",
			Text:  "Address of the key set (JWKS) that verifies the assertion, such as https://proxy.example.com/jwks.json.",
			apply: setKeysURL,
		},
		{
			Name:  "PROXY_JWT_KEYS_FILE",
			Text:  "Path of a file with the key set, instead of PROXY_JWT_KEYS_URL.",
			apply: setKeysFile,
		},
		{
			Name: "PROXY_JWT_ALGORITHMS",
			Text: "Accepted signature algorithms of the assertion, separated by commas: " +
				alternatives(SignatureAlgorithms()) + ".",
			missing: "is missing. Set it to the algorithm with which the proxy signs, such as ES256.",
			apply:   setAlgorithms,
		},
		{
			Name:    "PROXY_JWT_GROUPS_CLAIM",
			Default: "groups",
			Text:    "Claim with the groups of the operator. a.b is the claim b inside the claim a.",
			apply:   setWord(func(c *Config) *string { return &c.ProxyJWT.GroupsClaim }),
		},
		{
			Name: "PROXY_JWT_SIGNER",
			Text: "ARN of the load balancer.",
			missing: "is missing. Set it to the ARN of the load balancer: the keys of its region verify the assertions of " +
				"other customers' load balancers too.",
			apply: setSigner,
		},
		{
			Name:    "PROXY_JWT_CLIENT",
			Text:    "Client id of the load balancer at its identity provider.",
			missing: "is missing. Set it to the load balancer's client id at its identity provider.",
			apply:   setWord(func(c *Config) *string { return &c.ProxyJWT.Client }),
		},
		{
			Name:    "PROXY_JWT_REGION",
			Text:    "AWS region of the load balancer, such as eu-central-1.",
			missing: "is missing. Set it to the load balancer's region, such as eu-central-1.",
			apply:   setRegion,
		},
	})
	for i := range settings {
		if settings[i].presets = presetsWith(settings[i].Name); len(settings[i].presets) > 0 {
			settings[i].Text += " Only with " + alternatives(settings[i].presets) + "."
		}
	}
	return settings
}

func proxyHeaderSettings() []Setting {
	return onlyWithAuth(operator.ProxyHeader, []Setting{
		{
			Name: "PROXY_HEADER_USER",
			Text: "HTTP header with the operator's unique and stable name, such as Remote-User. The proxy must remove this " +
				"header from requests of browsers.",
			missing: "is missing. Set it to the header in which the proxy names the operator, such as Remote-User.",
			apply:   setHeader(func(c *Config) *string { return &c.ProxyHeader.User }),
		},
		{
			Name:  "PROXY_HEADER_NAME",
			Text:  "HTTP header with the operator's display name, such as Remote-Name.",
			apply: setHeader(func(c *Config) *string { return &c.ProxyHeader.Name }),
		},
		{
			Name:  "PROXY_HEADER_EMAIL",
			Text:  "HTTP header with the operator's e-mail address, such as Remote-Email.",
			apply: setHeader(func(c *Config) *string { return &c.ProxyHeader.Email }),
		},
		{
			Name:  "PROXY_HEADER_GROUPS",
			Text:  "HTTP header with the operator's groups, such as Remote-Groups.",
			apply: setHeader(func(c *Config) *string { return &c.ProxyHeader.Groups }),
		},
		{
			Name:    "PROXY_GROUPS_SEPARATOR",
			Default: ",",
			Text:    "The character that separates two groups in PROXY_HEADER_GROUPS.",
			apply:   setSeparator,
		},
	})
}

// proxySettings concern the proxy in front, also without proxy sign-in.
func proxySettings() []Setting {
	return []Setting{
		{
			Name:  "PROXY_SIGN_OUT_URL",
			auths: []string{operator.ProxyJWT, operator.ProxyHeader},
			Text: "Where to sign out of the proxy: an https:// link, or a path on the console's host such as " +
				"/oauth2/sign_out. The page after signing out shows it.",
			apply: setSignOutURL,
		},
		{
			Name: "TRUSTED_PROXIES",
			Text: "Addresses or networks from which the proxy in front connects, separated by commas, such as 10.0.3.7 or " +
				"10.0.3.0/28. The console accepts the browser's address (X-Forwarded-For) only from them. With proxy-header " +
				"they are required, and the console accepts the operator's headers only from them.",
			apply: setTrustedProxies,
		},
	}
}

// onlyWithAuth restricts settings to one value of AUTH.
func onlyWithAuth(auth string, settings []Setting) []Setting {
	for i := range settings {
		settings[i].auths = []string{auth}
	}
	return settings
}
