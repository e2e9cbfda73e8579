package identity

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/operator"
)

const (
	// maxAssertion is the longest assertion in bytes. Load balancers pass on no more than 16 KiB of one header.
	maxAssertion = 16 << 10
	// assertionLeeway is how far the proxy's clock and ours may be apart; Google's page names the same 30 seconds.
	assertionLeeway = 30 * time.Second
)

// assertionKeys finds the key that an assertion names. The error is a *Refused when there is none, and wraps ErrAway
// when that cannot be known now.
type assertionKeys interface {
	key(ctx context.Context, token *jwt.Token) (any, error)
}

// assertionVerifier proves the assertion in a header.
type assertionVerifier struct {
	header          string // canonical
	parser          *jwt.Parser
	keys            assertionKeys
	requiredHeaders map[string]string // what the assertion's own header must say
	issuer          string
	groups          string // the claim with the groups, or ""
	checkOperator   func(o *operator.Operator, claims jwt.MapClaims) error
}

// newAssertionParser makes the parser: it accepts the configured signatures only, and insists on issuer, expiry and,
// where assertions have one, audience.
func newAssertionParser(o ProxyJWTOptions, p assertionPreset) *jwt.Parser {
	options := []jwt.ParserOption{
		jwt.WithValidMethods(o.Algorithms), jwt.WithIssuer(o.Issuer), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(assertionLeeway), jwt.WithTimeFunc(o.Now), jwt.WithStrictDecoding(),
	}
	if len(o.Audiences) > 0 {
		options = append(options, jwt.WithAudience(o.Audiences...))
	}
	if p.padded {
		options = append(options, jwt.WithPaddingAllowed())
	}
	return jwt.NewParser(options...)
}

func (p *assertionVerifier) verify(r *http.Request) (operator.Operator, error) {
	raw, _, err := soleHeader(r.Header, p.header)
	switch {
	case err != nil || raw == "":
		return operator.Operator{}, err
	case len(raw) > maxAssertion:
		return operator.Operator{}, &Refused{Reason: "the assertion is too long"}
	case strings.ContainsAny(raw, "\r\n"): // which decoding would skip, so that one assertion had many spellings
		return operator.Operator{}, &Refused{Reason: "the assertion cannot be read"}
	}
	claims := jwt.MapClaims{}
	if _, err := p.parser.ParseWithClaims(raw, claims, func(t *jwt.Token) (any, error) {
		if err := p.checkHeader(t.Header); err != nil {
			return nil, err
		}
		return p.keys.key(r.Context(), t)
	}); err != nil {
		return operator.Operator{}, assertionError(err)
	}
	o, err := operatorFromClaims(p.issuer, p.groups, claims)
	if err == nil {
		err = p.checkOperator(&o, claims)
	}
	if err != nil {
		return operator.Operator{}, err
	}
	return o, nil
}

// checkHeader looks at the assertion's own header before a key is looked for, so that what another load balancer signed
// costs no question to the key server.
func (p *assertionVerifier) checkHeader(head map[string]any) error {
	if _, ok := head["crit"]; ok {
		return &Refused{Reason: "the assertion wants an extension to be understood, and none is"}
	}
	for name, want := range p.requiredHeaders {
		if head[name] != want {
			return &Refused{Reason: "the assertion is of another " + name}
		}
	}
	if issuer, ok := head["iss"]; ok && issuer != p.issuer {
		return &Refused{Reason: "the assertion's header names another issuer"}
	}
	return nil
}

// assertionError says in our own words why an assertion was not accepted. The library's words are left out, since they
// may quote the assertion.
func assertionError(err error) error {
	if refused, ok := errors.AsType[*Refused](err); ok {
		return refused
	}
	if errors.Is(err, ErrUnavailable) {
		return err
	}
	for _, known := range []struct {
		err    error
		reason string
	}{
		{jwt.ErrTokenExpired, "the assertion has expired"},
		{jwt.ErrTokenNotValidYet, "the assertion is not valid yet"},
		{jwt.ErrTokenUsedBeforeIssued, "the assertion was issued in the future"},
		{jwt.ErrTokenInvalidIssuer, "the assertion is of another issuer"},
		{jwt.ErrTokenInvalidAudience, "the assertion is for another audience"},
		{jwt.ErrTokenRequiredClaimMissing, "the assertion lacks its issuer, audience or expiry"},
		{jwt.ErrTokenSignatureInvalid, "the assertion's signature is wrong, or of a kind that is not accepted"},
		{jwt.ErrTokenMalformed, "the assertion cannot be read"},
	} {
		if errors.Is(err, known.err) {
			return &Refused{Reason: known.reason}
		}
	}
	return &Refused{Reason: "the assertion cannot be checked"}
}
