package config

import (
	"slices"
	"strings"
)

// Preset is one value of PROXY_JWT_PRESET: a proxy and the signed assertions that it sends.
//
// Everything that the console knows about a proxy is in its entry of presets: the settings, their descriptions and
// package identity read this table. To add a proxy, add an entry here and a section to docs/sign-in/proxy-jwt.md.
type Preset struct {
	Name string

	// Settings are the PROXY_JWT_ settings that the preset reads besides PROXY_JWT_PRESET and PROXY_JWT_GROUPS_CLAIM,
	// each with an example or explanation for its description, or "".
	Settings map[string]string

	Header      string   // HTTP header that carries the assertion; "" means PROXY_JWT_HEADER
	Algorithms  []string // accepted signature algorithms; nil means PROXY_JWT_ALGORITHMS
	Issuer      string   // iss claim of every assertion; "" means PROXY_JWT_ISSUER
	GroupsClaim string   // claim with the groups where PROXY_JWT_GROUPS_CLAIM is empty
	Padded      bool     // the parts of the assertion are padded base64, contrary to RFC 7515

	// KeysURL returns the address of the key set; nil means PROXY_JWT_KEYS_URL or PROXY_JWT_KEYS_FILE.
	KeysURL func(ProxyJWT) string
	// KeyServer returns the address of a server that publishes every key as PEM under its key id, instead of a key set.
	// It ends in a slash.
	KeyServer func(ProxyJWT) string
	// RequiredHeaders returns the values that the JOSE header of the assertion must have; nil means none.
	RequiredHeaders func(ProxyJWT) map[string]string

	// TrustEmail accepts the e-mail address as verified without an email_verified claim, for subjects that begin with
	// TrustedSubjects.
	TrustEmail      bool
	TrustedSubjects string
	// RequireEmail refuses assertions without an e-mail address: they belong to a service token.
	RequireEmail bool

	// check reports settings that do not fit together.
	check func(*envReader, ProxyJWT)
}

// presets returns all presets, in the order of the documentation.
func presets() []Preset {
	return []Preset{
		{
			// https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/
			Name: "cloudflare-access",
			Settings: map[string]string{
				"PROXY_JWT_ISSUER":   "https://TEAM.cloudflareaccess.com",
				"PROXY_JWT_AUDIENCE": "the application's AUD tag",
			},
			Header:     "Cf-Access-Jwt-Assertion",
			Algorithms: []string{"RS256"},
			KeysURL:    func(j ProxyJWT) string { return j.Issuer + "/cdn-cgi/access/certs" },
			// The policies of Access decide by the e-mail address, so Access has verified it.
			TrustEmail:   true,
			RequireEmail: true,
			check:        checkCloudflare,
		},
		{
			// https://cloud.google.com/iap/docs/signed-headers-howto
			Name: "google-iap",
			Settings: map[string]string{
				"PROXY_JWT_AUDIENCE": "/projects/1234567890/global/backendServices/9876543210",
			},
			Header:     "X-Goog-Iap-Jwt-Assertion",
			Algorithms: []string{"ES256"},
			Issuer:     "https://cloud.google.com/iap",
			KeysURL:    func(ProxyJWT) string { return "https://www.gstatic.com/iap/verify/public_key-jwk" },
			// Google has verified the addresses of its own accounts. IAP also admits people who signed up with an Identity
			// Platform of the company, with an unverified address; their subjects begin differently.
			TrustEmail:      true,
			TrustedSubjects: "accounts.google.com:",
			check:           checkGoogle,
		},
		{
			// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
			Name: "aws-alb",
			Settings: map[string]string{
				"PROXY_JWT_ISSUER": "the issuer of the load balancer's identity provider",
				"PROXY_JWT_SIGNER": "",
				"PROXY_JWT_CLIENT": "",
				"PROXY_JWT_REGION": "",
			},
			Header:     "X-Amzn-Oidc-Data",
			Algorithms: []string{"ES256"},
			Padded:     true,
			KeyServer:  albKeyServer,
			// The key server of a region has the keys of all load balancers there: a valid signature alone only proves that
			// the load balancer of some AWS customer made the assertion.
			RequiredHeaders: func(j ProxyJWT) map[string]string {
				return map[string]string{"signer": j.Signer, "client": j.Client}
			},
			check: checkALB,
		},
		{
			// https://www.pomerium.com/docs/capabilities/getting-users-identity
			Name: "pomerium",
			Settings: map[string]string{
				"PROXY_JWT_ISSUER":   "the route's host name",
				"PROXY_JWT_AUDIENCE": "the route's host name",
			},
			Header:      "X-Pomerium-Jwt-Assertion",
			Algorithms:  []string{"ES256"},
			GroupsClaim: "groups",
			// The route itself serves the key set.
			KeysURL: func(j ProxyJWT) string {
				return "https://" + routeHost(j.Audiences[0]) + "/.well-known/pomerium/jwks.json"
			},
			check: checkPomerium,
		},
		{
			Name: "custom",
			Settings: map[string]string{
				"PROXY_JWT_HEADER":     "",
				"PROXY_JWT_ISSUER":     "",
				"PROXY_JWT_AUDIENCE":   "",
				"PROXY_JWT_KEYS_URL":   "",
				"PROXY_JWT_KEYS_FILE":  "",
				"PROXY_JWT_ALGORITHMS": "",
			},
			check: checkCustom,
		},
	}
}

// FindPreset returns the preset with a name, and whether there is one.
func FindPreset(name string) (Preset, bool) {
	for _, p := range presets() {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

// PresetNames returns the names of all presets, in the order of the documentation.
func PresetNames() []string {
	var names []string
	for _, p := range presets() {
		names = append(names, p.Name)
	}
	return names
}

// presetsWith returns the names of the presets that read a setting.
func presetsWith(setting string) []string {
	var names []string
	for _, p := range presets() {
		if _, ok := p.Settings[setting]; ok {
			names = append(names, p.Name)
		}
	}
	return names
}

// presetExamples returns the explanations of a setting by preset, as the end of its description.
func presetExamples(setting string) string {
	var examples []string
	for _, p := range presets() {
		if example := p.Settings[setting]; example != "" {
			examples = append(examples, p.Name+": "+example)
		}
	}
	return strings.Join(examples, "; ") + "."
}

func checkCloudflare(r *envReader, j ProxyJWT) {
	// The address of the key set is derived from the issuer.
	r.require(
		j.Issuer == "" || origin(j.Issuer),
		"PROXY_JWT_ISSUER",
		"must be the team's address without a path or slash after the host, such as https://TEAM.cloudflareaccess.com.",
	)
}

func checkGoogle(r *envReader, j ProxyJWT) {
	r.require(
		!slices.ContainsFunc(j.Audiences, func(a string) bool { return !strings.HasPrefix(a, "/projects/") }),
		"PROXY_JWT_AUDIENCE",
		"must begin with /projects/, such as /projects/1234567890/global/backendServices/9876543210.",
	)
}

func checkALB(r *envReader, j ProxyJWT) {
	match := balancerARN.FindStringSubmatch(j.Signer)
	r.require(
		len(match) == 0 || j.Region == "" || match[1] == j.Region,
		"PROXY_JWT_REGION",
		"is not the region in VOXWARDEN_PROXY_JWT_SIGNER. Set both to the same load balancer.",
	)
}

func checkPomerium(r *envReader, j ProxyJWT) {
	r.require(
		j.Issuer == "" || routeHost(j.Issuer) != "",
		"PROXY_JWT_ISSUER",
		"must be the route's host name, or https:// with the host name and a slash, as Pomerium is configured to write it.",
	)
	// The address of the key set is derived from the audience.
	r.require(
		len(j.Audiences) == 0 || len(j.Audiences) == 1 && routeHost(j.Audiences[0]) != "",
		"PROXY_JWT_AUDIENCE",
		"must be the route's host name and nothing else: the key set is fetched from that host.",
	)
}

func checkCustom(r *envReader, j ProxyJWT) {
	address, file := r.given("PROXY_JWT_KEYS_URL"), r.given("PROXY_JWT_KEYS_FILE")
	r.require(
		address || file,
		"PROXY_JWT_KEYS_URL",
		"and VOXWARDEN_PROXY_JWT_KEYS_FILE are both missing. Set one of them to the key set that verifies the assertion.",
	)
	r.require(
		!address || !file,
		"PROXY_JWT_KEYS_URL",
		"and VOXWARDEN_PROXY_JWT_KEYS_FILE are both set. Unset one of them.",
	)
}

// albKeyServer returns the address of the keys of a region. GovCloud keeps them in S3.
func albKeyServer(j ProxyJWT) string {
	if strings.HasPrefix(j.Region, "us-gov-") {
		return "https://s3-" + j.Region + ".amazonaws.com/aws-elb-public-keys-prod-" + j.Region + "/"
	}
	return "https://public-keys.auth.elb." + j.Region + ".amazonaws.com/"
}
