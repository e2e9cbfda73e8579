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

// setAuth takes the ways to sign in that a real account allows; the demo's is not among them.
func setAuth(c *Config, value string) error {
	if !slices.Contains([]string{operator.OIDC, operator.ProxyJWT, operator.ProxyHeader}, value) {
		return valueError("must be oidc, proxy-jwt or proxy-header. To try the console without, start it with -demo.")
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

// setWord takes what a token or a provider calls something: no part of such a name is a space.
func setWord(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		if !word(value) {
			return valueError("has a space or a control character in it. Copy the value again.")
		}
		*field(c) = value
		return nil
	}
}

func word(text string) bool {
	return text != "" && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// setClientSecret takes the secret as it is.
func setClientSecret(c *Config, value string) error {
	if strings.TrimSpace(value) == "" {
		return valueError("is blank. Set it to the secret that the provider gave the console.")
	}
	c.OIDC.ClientSecret = NewSecret(value)
	return nil
}

// setScopes takes names separated by spaces. Without openid there is no ID token, and so nobody.
func setScopes(c *Config, value string) error {
	scopes := strings.Fields(value)
	if !slices.Contains(scopes, "openid") {
		return valueError("must contain openid. Write the scopes separated by spaces, such as openid profile email.")
	}
	c.OIDC.Scopes = scopes
	return nil
}

// headerName is what a header may be called here. Underscores are allowed by HTTP, but some proxies take them for
// hyphens, so that a browser could send the header under its other name.
var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

// setHeader takes the name of a header and writes it as net/http does.
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
		return valueError("must be the audience of the proxy's assertion, or several without spaces in them, separated " +
			"by commas.")
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

// setAlgorithms takes asymmetric algorithms. With a symmetric one, whoever can check an assertion could make one, and
// a public key would do as the secret.
func setAlgorithms(c *Config, value string) error {
	algorithms := split(value)
	if len(algorithms) == 0 {
		return valueError("names nothing. Set it to the algorithm with which the proxy signs, such as ES256.")
	}
	for _, name := range algorithms {
		if !slices.Contains(SignatureAlgorithms(), name) {
			return valueError(fmt.Sprintf(
				"has %s, which is not an algorithm with a public key. Use %s.",
				quoted(name),
				alternatives(SignatureAlgorithms()),
			))
		}
	}
	c.ProxyJWT.Algorithms = algorithms
	return nil
}

// balancerARN is what an Application Load Balancer is called, with its region.
var balancerARN = regexp.MustCompile(
	`^arn:aws[a-z-]*:elasticloadbalancing:([a-z0-9-]+):[0-9]{12}:loadbalancer/app/[A-Za-z0-9-]+/[0-9a-f]+$`,
)

func setSigner(c *Config, value string) error {
	if !balancerARN.MatchString(value) {
		return valueError(
			"must be the ARN of an application load balancer, such as " +
				"arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/NAME/50dc6c495c0c9188.",
		)
	}
	c.ProxyJWT.Signer = value
	return nil
}

// region is what AWS calls a place. It becomes part of the address of the keys, so it holds nothing else.
var region = regexp.MustCompile(`^[a-z]{2}(-[a-z]{2,12}){1,2}-[1-9]$`)

func setRegion(c *Config, value string) error {
	if !region.MatchString(value) {
		return valueError("must be a region of AWS, such as eu-central-1.")
	}
	c.ProxyJWT.Region = value
	return nil
}

// setSeparator takes one character that cannot be part of a name.
func setSeparator(c *Config, value string) error {
	r, size := utf8.DecodeRuneInString(value)
	if size != len(value) || r == utf8.RuneError || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsControl(r) {
		return valueError("must be one character that no group's name has, such as , or |.")
	}
	c.ProxyHeader.Separator = value
	return nil
}
