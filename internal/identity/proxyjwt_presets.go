package identity

import (
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// assertionPreset is what is known of a kind of proxy.
type assertionPreset struct {
	header      string
	algorithms  []string
	issuer      string // "" when each company has its own
	groupsClaim string
	padded      bool // the parts are padded base64, against RFC 7515
	// keysURL answers where the key set is, once the other settings are known to be right.
	keysURL func(o ProxyJWTOptions) (string, error)
	// check answers what is missing or wrong, and fills in what the preset knows.
	check func(p assertionPreset, o *ProxyJWTOptions) []error
	// keys makes what finds a key for an assertion.
	keys func(o ProxyJWTOptions) (assertionKeys, error)
	// requiredHeaders answers what the assertion's own header must say, beside the algorithm and the key.
	requiredHeaders func(o ProxyJWTOptions) map[string]string
	// checkOperator looks at a proven person: it may refuse, and say that the address is theirs.
	checkOperator func(o *operator.Operator, claims jwt.MapClaims) error
}

// presetOf answers a preset by its name. The facts of each are from the vendor's page named beside it.
func presetOf(name string) (assertionPreset, error) {
	p := assertionPreset{
		check:           checkKeySetSettings,
		keys:            newKeySet,
		requiredHeaders: noMoreHeaders,
		checkOperator:   checkEmailClaim,
	}
	switch name {
	// https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/
	case "cloudflare-access":
		p.header, p.algorithms = "Cf-Access-Jwt-Assertion", []string{"RS256"}
		p.keysURL = func(o ProxyJWTOptions) (string, error) { return o.Issuer + "/cdn-cgi/access/certs", nil }
		p.checkOperator = checkCloudflareOperator
	case "google-iap": // https://cloud.google.com/iap/docs/signed-headers-howto
		p.header, p.algorithms = "X-Goog-Iap-Jwt-Assertion", []string{"ES256"}
		p.issuer = "https://cloud.google.com/iap"
		p.keysURL = func(ProxyJWTOptions) (string, error) { return "https://www.gstatic.com/iap/verify/public_key-jwk", nil }
		p.checkOperator = checkGoogleOperator
	case "aws-alb": // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
		p.header, p.algorithms, p.padded = "X-Amzn-Oidc-Data", []string{"ES256"}, true
		p.check, p.keys, p.requiredHeaders = checkALBSettings, newALBKeys, albRequiredHeaders
	case "pomerium": // https://www.pomerium.com/docs/capabilities/getting-users-identity
		p.header, p.algorithms, p.groupsClaim = "X-Pomerium-Jwt-Assertion", []string{"ES256"}, "groups"
		p.keysURL = pomeriumKeysURL
	case "custom":
		p.check = checkCustomSettings
	default:
		return assertionPreset{}, fmt.Errorf(
			"%q is no preset: use cloudflare-access, google-iap, aws-alb, pomerium or custom",
			name,
		)
	}
	return p, nil
}

func noMoreHeaders(ProxyJWTOptions) map[string]string { return nil }

// albRequiredHeaders pins the load balancer. Its region's key server has the keys of every load balancer there, so
// that a signature alone says only that some AWS customer's load balancer made the assertion.
func albRequiredHeaders(o ProxyJWTOptions) map[string]string {
	return map[string]string{"signer": o.Signer, "client": o.Client}
}

// checkEmailClaim believes the address when the assertion says that it was verified. Some providers write the
// boolean as a text.
func checkEmailClaim(o *operator.Operator, claims jwt.MapClaims) error {
	o.EmailVerified = o.Email != "" && (claims["email_verified"] == true || claims["email_verified"] == "true")
	return nil
}

// checkCloudflareOperator refuses service tokens, which name a program and no person. Access's own policies go by the
// address, so it vouches for it.
func checkCloudflareOperator(o *operator.Operator, _ jwt.MapClaims) error {
	if o.Email == "" {
		return &Refused{Reason: "the assertion is of a service token, not of a person"}
	}
	o.EmailVerified = true
	return nil
}

// checkGoogleOperator takes Google's word for the addresses of Google's own accounts. IAP also lets in people whom a
// company's Identity Platform signed up, with whatever address they gave: their subject begins otherwise.
func checkGoogleOperator(o *operator.Operator, _ jwt.MapClaims) error {
	o.EmailVerified = o.Email != "" && strings.HasPrefix(o.Subject, "accounts.google.com:")
	return nil
}
