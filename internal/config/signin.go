package config

// OIDC is the sign-in at an OpenID Connect provider, with AUTH=oidc.
type OIDC struct {
	Issuer         string // exactly as the provider's tokens have it; a slash at its end counts
	ClientID       string
	ClientSecret   Secret
	Scopes         []string // openid is among them
	GroupsClaim    string   // the claim that holds the groups
	Reauthenticate bool     // privileged acts want a sign-in that the provider says is fresh
}

// ProxyJWT is the sign-in by a proxy's signed assertion, with AUTH=proxy-jwt. What a preset brings itself, such as the
// header and the algorithms of Cloudflare Access, is empty here.
type ProxyJWT struct {
	Preset      string // "cloudflare-access", "google-iap", "aws-alb", "pomerium" or "custom"
	Header      string // in canonical form; custom only
	Issuer      string // exactly as the assertion has it; empty with google-iap
	Audiences   []string
	KeysURL     string   // custom only, and then either this or KeysFile
	KeysFile    string   // path of a JSON Web Key Set
	Algorithms  []string // asymmetric ones; custom only
	GroupsClaim string   // the claim that holds the groups
	Signer      string   // ARN of the load balancer; aws-alb only, as Client and Region
	Client      string   // the load balancer's client id at its provider
	Region      string   // where the load balancer is, such as eu-central-1
}

// ProxyHeader is the sign-in by a proxy's plain headers, with AUTH=proxy-header. The names are in canonical form; all
// but User may be empty.
type ProxyHeader struct {
	User, Name, Email, Groups string
	Separator                 string // stands between two groups; one character
}
