package config

import (
	"fmt"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// setAuth accepts the sign-in methods of a real account, so not operator.Demo.
func setAuth(c *Config, value string) error {
	if !slices.Contains([]string{operator.OIDC, operator.ProxyJWT, operator.ProxyHeader}, value) {
		return valueError("must be oidc, proxy-jwt or proxy-header. To try the console without sign-in, start it with -demo.")
	}
	c.Auth = value
	return nil
}

func setPreset(c *Config, value string) error {
	if _, ok := FindPreset(value); !ok {
		return valueError("must be " + alternatives(PresetNames()) + ".")
	}
	c.ProxyJWT.Preset = value
	return nil
}

// setWord accepts a name without spaces, such as a claim or a client id.
func setWord(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		if !word(value) {
			return valueError("contains a space or a character that is not printed. Copy the value again.")
		}
		*field(c) = value
		return nil
	}
}

func word(text string) bool {
	return text != "" && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) })
}

// setClientSecret accepts a secret and stores it unchanged. It refuses characters that are not printed, which an
// editor, a shell or a copied page added: RFC 6749, appendix A.2, does not allow them. Spaces it does allow.
func setClientSecret(c *Config, value string) error {
	if strings.TrimSpace(value) == "" {
		return valueError("is blank. Set it to the client secret from the provider.")
	}
	if at := strings.IndexFunc(value, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }); at >= 0 {
		unseen, _ := utf8.DecodeRuneInString(value[at:])
		return valueError(fmt.Sprintf("contains %U, which is not printed. Write the client secret alone.", unseen))
	}
	if strings.Trim(value, " ") != value {
		c.valueWarnings = append(c.valueWarnings, Prefix+"OIDC_CLIENT_SECRET begins or ends with a space, which is kept.")
	}
	if example(value) {
		return valueError("is an example. Set it to the client secret from the provider.")
	}
	c.OIDC.ClientSecret = NewSecret(value)
	return nil
}

// setScopes accepts names separated by spaces. Without openid the provider sends no ID token.
func setScopes(c *Config, value string) error {
	scopes := strings.Fields(value)
	if !slices.Contains(scopes, "openid") {
		return valueError("must contain openid. Write the scopes separated by spaces, such as openid profile email.")
	}
	c.OIDC.Scopes = scopes
	return nil
}

// headerName is an allowed header name. HTTP also allows underscores, but some proxies treat them as hyphens, so a
// browser could send the header under the other name.
var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

// setHeader accepts the name of a header and stores it in canonical form.
func setHeader(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		if !headerName.MatchString(value) {
			return valueError("must be the name of a header, such as X-Forwarded-User: letters, digits and hyphens.")
		}
		*field(c) = textproto.CanonicalMIMEHeaderKey(value)
		return nil
	}
}

func setAudiences(c *Config, value string) error {
	audiences := split(value)
	if len(audiences) == 0 || slices.ContainsFunc(audiences, func(a string) bool { return !word(a) }) {
		return valueError("must be one or more audiences of the proxy's assertion, without spaces, separated by commas.")
	}
	c.ProxyJWT.Audiences = audiences
	return nil
}

// SignatureAlgorithms returns the JOSE algorithms that the console accepts, from providers and proxies. All of them
// have a public key. With a symmetric algorithm, every program that can verify a token could also make one, and an
// attacker could use the public key as the secret.
func SignatureAlgorithms() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

// setAlgorithms accepts some of SignatureAlgorithms.
func setAlgorithms(c *Config, value string) error {
	algorithms := split(value)
	if len(algorithms) == 0 {
		return valueError("is empty. Set it to the algorithm with which the proxy signs, such as ES256.")
	}
	for _, name := range algorithms {
		if !slices.Contains(SignatureAlgorithms(), name) {
			return valueError(fmt.Sprintf(
				"contains %s, which is not an algorithm with a public key. Use %s.",
				quoted(name),
				alternatives(SignatureAlgorithms()),
			))
		}
	}
	c.ProxyJWT.Algorithms = algorithms
	return nil
}

// balancerARN is the ARN of an Application Load Balancer. Its group is the region.
var balancerARN = regexp.MustCompile(
	`^arn:aws[a-z-]*:elasticloadbalancing:([a-z0-9-]+):[0-9]{12}:loadbalancer/app/[A-Za-z0-9-]+/[0-9a-f]+$`,
)

func setSigner(c *Config, value string) error {
	if !balancerARN.MatchString(value) {
		return valueError(
			"must be the ARN of an Application Load Balancer, such as " +
				"arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/NAME/50dc6c495c0c9188.",
		)
	}
	c.ProxyJWT.Signer = value
	return nil
}

// region is the form of an AWS region. The region becomes part of the key server's address, so nothing else is
// accepted.
var region = regexp.MustCompile(`^[a-z]{2}(-[a-z]{2,12}){1,2}-[1-9]$`)

func setRegion(c *Config, value string) error {
	if !region.MatchString(value) {
		return valueError("must be an AWS region, such as eu-central-1.")
	}
	c.ProxyJWT.Region = value
	return nil
}

// setSeparator accepts one character that is not a letter, digit or control character.
func setSeparator(c *Config, value string) error {
	r, size := utf8.DecodeRuneInString(value)
	if size != len(value) || r == utf8.RuneError || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsControl(r) {
		return valueError("must be one character that no group name contains, such as , or |.")
	}
	c.ProxyHeader.Separator = value
	return nil
}
