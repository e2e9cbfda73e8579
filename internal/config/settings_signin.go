package config

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// The kinds of proxies whose signed assertions the console knows, as PROXY_JWT_PRESET writes them.
const (
	presetCloudflare = "cloudflare-access"
	presetGoogle     = "google-iap"
	presetALB        = "aws-alb"
	presetPomerium   = "pomerium"
	presetCustom     = "custom" // everything is a setting
)

// signInSettings say how people are known. Which of them are read, AUTH and the preset decide; those two come first.
func signInSettings() []Setting {
	settings := slices.Concat([]Setting{
		{
			Name: "AUTH",
			Text: "How people sign in: oidc (at a provider), proxy-jwt (a proxy in front sends a signed assertion) or " +
				"proxy-header (it sends plain headers). Only a demo does without.",
			missing: "is missing. Set it to how people sign in: oidc, proxy-jwt or proxy-header. To try the console without, " +
				"start it with -demo.",
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
		{Name: "OIDC_ISSUER", Text: "With oidc: the provider's issuer, exactly as its discovery document has it.",
			missing: "is missing. Set it to the provider's issuer, such as https://id.example.com.", apply: setIssuer},
		{Name: "OIDC_CLIENT_ID", Text: "The console's client id at the provider.",
			missing: "is missing. Register the console at the provider, with /sign-in/callback behind its address to come " +
				"back to, and set this to the client id it got.",
			apply: setWord(func(c *Config) *string { return &c.OIDC.ClientID })},
		{Name: "OIDC_CLIENT_SECRET", Secret: true, Text: "The secret that belongs to the client id.",
			missing: "is missing. Register the console at the provider as a confidential client, and set this to the " +
				"secret it got.",
			apply: setClientSecret},
		{
			Name:    "OIDC_SCOPES",
			Default: "openid profile email",
			Text: "What to ask the provider for, separated by spaces. Some want groups here; with offline_access, groups " +
				"can be asked for again without the person.",
			apply: setScopes,
		},
		{
			Name:    "OIDC_GROUPS_CLAIM",
			Default: "groups",
			Text:    "The claim that holds a person's groups.",
			apply:   setWord(func(c *Config) *string { return &c.OIDC.GroupsClaim }),
		},
		{
			Name:    "OIDC_REAUTHENTICATE",
			Default: "on",
			Text:    "on: privileged acts want a fresh sign-in. off is for providers that do not say when a person signed in.",
			apply:   setSwitch(func(c *Config) *bool { return &c.OIDC.Reauthenticate }),
		},
	})
}

func proxyJWTSettings() []Setting {
	custom := []string{presetCustom}
	balancer := []string{presetALB}
	return onlyWithAuth(operator.ProxyJWT, []Setting{
		{
			Name: "PROXY_JWT_PRESET",
			Text: "With proxy-jwt: whose assertion it is: cloudflare-access, google-iap, aws-alb, pomerium or custom.",
			missing: "is missing. Set it to the proxy in front: cloudflare-access, google-iap, aws-alb or pomerium, or to " +
				"custom for any other.",
			apply: setPreset,
		},
		{
			Name:    "PROXY_JWT_HEADER",
			presets: custom,
			Text:    "The header that carries the assertion; custom only.",
			missing: "is missing. Set it to the header in which the proxy sends its assertion.",
			apply:   setHeader(func(c *Config) *string { return &c.ProxyJWT.Header }),
		},
		{
			Name:    "PROXY_JWT_ISSUER",
			presets: []string{presetCloudflare, presetALB, presetPomerium, presetCustom},
			Text: "Who makes the assertion, exactly as it says: https://TEAM.cloudflareaccess.com, for aws-alb the load " +
				"balancer's provider, for pomerium the route's host name. google-iap has its own.",
			missing: "is missing. Set it to the issuer of the proxy's assertion, exactly as it has it.",
			apply:   setWord(func(c *Config) *string { return &c.ProxyJWT.Issuer }),
		},
		{
			Name:    "PROXY_JWT_AUDIENCE",
			presets: []string{presetCloudflare, presetGoogle, presetPomerium, presetCustom},
			Text: "For whom the assertion must be made: Cloudflare's AUD tag, IAP's /projects/…, Pomerium's route host " +
				"name. Several, separated by commas. aws-alb has none.",
			missing: "is missing. Set it to the audience of the proxy's assertion: without it, one that was made for another " +
				"application would do.",
			apply: setAudiences,
		},
		{
			Name:    "PROXY_JWT_KEYS_URL",
			presets: custom,
			Text:    "Address of the key set (JWKS) that checks the assertion; custom only.",
			apply:   setKeysURL,
		},
		{
			Name:    "PROXY_JWT_KEYS_FILE",
			presets: custom,
			Text:    "Path of a key set instead of an address; custom only.",
			apply:   setKeysFile,
		},
		{
			Name:    "PROXY_JWT_ALGORITHMS",
			presets: custom,
			Text: "The algorithms that may have signed the assertion, separated by commas: RS256, PS256, ES256 (and their " +
				"384 and 512) or EdDSA; custom only.",
			missing: "is missing. Set it to the algorithm with which the proxy signs, such as ES256.",
			apply:   setAlgorithms,
		},
		{
			Name:    "PROXY_JWT_GROUPS_CLAIM",
			Default: "groups",
			Text:    "The claim that holds a person's groups.",
			apply:   setWord(func(c *Config) *string { return &c.ProxyJWT.GroupsClaim }),
		},
		{
			Name:    "PROXY_JWT_SIGNER",
			presets: balancer,
			Text:    "ARN of the load balancer; aws-alb only.",
			missing: "is missing. Set it to the ARN of the load balancer: the keys of its region sign for everybody's.",
			apply:   setSigner,
		},
		{
			Name:    "PROXY_JWT_CLIENT",
			presets: balancer,
			Text:    "The load balancer's client id at its provider; aws-alb only.",
			missing: "is missing. Set it to the load balancer's client id at its provider.",
			apply:   setWord(func(c *Config) *string { return &c.ProxyJWT.Client }),
		},
		{Name: "PROXY_JWT_REGION", presets: balancer, Text: "The load balancer's region, such as eu-central-1; aws-alb only.",
			missing: "is missing. Set it to the load balancer's region, such as eu-central-1.", apply: setRegion},
	})
}

func proxyHeaderSettings() []Setting {
	return onlyWithAuth(operator.ProxyHeader, []Setting{
		{
			Name: "PROXY_HEADER_USER",
			Text: "With proxy-header: the header with a person's stable name, such as Remote-User. The proxy must take it " +
				"out of what browsers send.",
			missing: "is missing. Set it to the header in which the proxy says who is asking, such as Remote-User.",
			apply:   setHeader(func(c *Config) *string { return &c.ProxyHeader.User }),
		},
		{
			Name:  "PROXY_HEADER_NAME",
			Text:  "The header with the name to show.",
			apply: setHeader(func(c *Config) *string { return &c.ProxyHeader.Name }),
		},
		{
			Name:  "PROXY_HEADER_EMAIL",
			Text:  "The header with the e-mail address.",
			apply: setHeader(func(c *Config) *string { return &c.ProxyHeader.Email }),
		},
		{
			Name:  "PROXY_HEADER_GROUPS",
			Text:  "The header with the groups.",
			apply: setHeader(func(c *Config) *string { return &c.ProxyHeader.Groups }),
		},
		{
			Name:    "PROXY_GROUPS_SEPARATOR",
			Default: ",",
			Text:    "The character between two groups in that header.",
			apply:   setSeparator,
		},
	})
}

// proxySettings are about whatever proxy is in front.
func proxySettings() []Setting {
	return []Setting{
		{
			Name:  "PROXY_SIGN_OUT_URL",
			auths: []string{operator.ProxyJWT, operator.ProxyHeader},
			Text: "Where to sign out of the proxy: a link, or a path on the console's host such as /oauth2/sign_out. Shown " +
				"after signing out.",
			apply: setSignOutURL,
		},
		{
			Name: "TRUSTED_PROXIES",
			Text: "Addresses or networks from which the proxy in front calls, such as 10.0.3.7 or 10.0.3.0/28, separated by " +
				"commas. Only their word is taken for a browser's address and, with proxy-header, for who is asking, which " +
				"needs them.",
			apply: setTrustedProxies,
		},
	}
}

// onlyWithAuth says of settings that one way to sign in reads them.
func onlyWithAuth(auth string, settings []Setting) []Setting {
	for i := range settings {
		settings[i].auths = []string{auth}
	}
	return settings
}
