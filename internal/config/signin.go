package config

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// OIDC holds the settings of AUTH=oidc: sign-in at an OpenID Connect provider.
type OIDC struct {
	Issuer         string // exactly as in the provider's tokens, including a trailing slash
	ClientID       string
	ClientSecret   Secret
	Scopes         []string // contains openid
	GroupsClaim    string   // claim with the groups
	Reauthenticate bool     // privileged changes require a recent sign-in, proven by auth_time
}

// ProxyJWT holds the settings of AUTH=proxy-jwt: sign-in by the signed assertion of a proxy. Fields that the preset
// does not read are empty: see Preset.Settings.
type ProxyJWT struct {
	Preset      string   // a name from PresetNames
	Header      string   // canonical name of the HTTP header with the assertion
	Issuer      string   // required iss claim, compared exactly
	Audiences   []string // the aud claim must contain one of them
	KeysURL     string   // address of the key set; either KeysURL or KeysFile is set
	KeysFile    string   // path of a JSON Web Key Set
	Algorithms  []string // some of SignatureAlgorithms
	GroupsClaim string   // claim with the groups; a.b means b inside a; "" means the preset's
	Signer      string   // ARN of the load balancer
	Client      string   // client id of the load balancer at its identity provider
	Region      string   // AWS region of the load balancer, such as eu-central-1
}

// Check reports all problems of the settings as a *Problems. It returns nil for everything that Parse returns.
func (j ProxyJWT) Check() error {
	r := newEnvReader(nil)
	r.values = map[string]string{
		"PROXY_JWT_PRESET":       j.Preset,
		"PROXY_JWT_HEADER":       j.Header,
		"PROXY_JWT_ISSUER":       j.Issuer,
		"PROXY_JWT_AUDIENCE":     strings.Join(j.Audiences, ","),
		"PROXY_JWT_KEYS_URL":     j.KeysURL,
		"PROXY_JWT_KEYS_FILE":    j.KeysFile,
		"PROXY_JWT_ALGORITHMS":   strings.Join(j.Algorithms, ","),
		"PROXY_JWT_GROUPS_CLAIM": j.GroupsClaim,
		"PROXY_JWT_SIGNER":       j.Signer,
		"PROXY_JWT_CLIENT":       j.Client,
		"PROXY_JWT_REGION":       j.Region,
	}
	c := Config{Auth: operator.ProxyJWT}
	for _, s := range proxyJWTSettings() {
		r.apply(&c, s)
	}
	r.checkProxyJWT(&c)
	r.require(
		len(r.problems) > 0 || slices.Equal(c.ProxyJWT.Audiences, j.Audiences),
		"PROXY_JWT_AUDIENCE",
		"contains an empty audience, or one with a comma.",
	)
	_, err := finish(c, r)
	return err
}

// ProxyHeader holds the settings of AUTH=proxy-header: sign-in by plain headers of a proxy. Header names are canonical;
// all except User may be empty.
type ProxyHeader struct {
	User, Name, Email, Groups string
	Separator                 string // one character between two groups
}
