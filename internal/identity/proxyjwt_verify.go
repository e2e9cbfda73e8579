package identity

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// assertionLeeway is the allowed difference between the proxy's clock and ours. Google documents the same value.
const assertionLeeway = 30 * time.Second

// assertionKeys finds the key that an assertion names. The error is a *Refused when there is no such key, and wraps
// ErrUnavailable when the keys cannot be fetched.
type assertionKeys interface {
	key(ctx context.Context, token *jwt.Token) (any, error)
}

// assertionVerifier verifies the assertion in a header.
type assertionVerifier struct {
	header          string // canonical name
	parser          *jwt.Parser
	keys            assertionKeys
	requiredHeaders map[string]string // required values in the JOSE header
	issuer          string
	groups          string // path of the groups claim, or ""
	preset          config.Preset

	configuredGroups []string
}

// newAssertionParser returns a parser that accepts only the configured algorithms, and requires issuer, expiry and, if
// audiences are configured, one of them.
func newAssertionParser(o ProxyJWTOptions, padded bool) *jwt.Parser {
	options := []jwt.ParserOption{
		jwt.WithValidMethods(o.Algorithms),
		jwt.WithIssuer(o.Issuer),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(assertionLeeway),
		jwt.WithTimeFunc(o.Now),
		jwt.WithStrictDecoding(),
	}
	if len(o.Audiences) > 0 {
		options = append(options, jwt.WithAudience(o.Audiences...))
	}
	if padded {
		options = append(options, jwt.WithPaddingAllowed())
	}
	return jwt.NewParser(options...)
}

func (p *assertionVerifier) verify(r *http.Request) (operator.Operator, error) {
	raw, _, err := soleHeader(r.Header, p.header)
	switch {
	case err != nil || raw == "":
		return operator.Operator{}, err
	case len(raw) > maxProxyHeader:
		return operator.Operator{}, &Refused{Reason: "the assertion is too long"}
	case strings.ContainsAny(raw, "\r\n"): // base64 decoding skips them, so one assertion would have many spellings
		return operator.Operator{}, &Refused{Reason: "the assertion is malformed"}
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
	return p.operatorFromClaims(claims)
}

// checkHeader checks the JOSE header before the key is looked up, so that an assertion of another load balancer causes
// no request to the key server.
func (p *assertionVerifier) checkHeader(header map[string]any) error {
	if _, ok := header["crit"]; ok {
		return &Refused{Reason: "the assertion requires an extension (crit), and none is supported"}
	}
	for _, name := range slices.Sorted(maps.Keys(p.requiredHeaders)) {
		switch {
		case header[name] == p.requiredHeaders[name]:
		case name == "signer":
			return &Refused{Reason: "the assertion has another signer"}
		case name == "client":
			return &Refused{Reason: "the assertion has another client"}
		default:
			return refuseWithDetail("the assertion's header has another value of a required field", name)
		}
	}
	if issuer, ok := header["iss"]; ok && issuer != p.issuer {
		return &Refused{Reason: "the assertion's header has another issuer"}
	}
	return nil
}

// assertionError returns the reason for refusing an assertion, without the library's message: that may quote the
// assertion.
func assertionError(err error) error {
	if refused, ok := errors.AsType[*Refused](err); ok {
		return refused
	}
	if errors.Is(err, ErrUnavailable) {
		return err
	}
	for _, known := range []struct {
		err    error
		reason Reason
	}{
		{jwt.ErrTokenExpired, "the assertion has expired"},
		{jwt.ErrTokenNotValidYet, "the assertion is not valid yet"},
		{jwt.ErrTokenUsedBeforeIssued, "the assertion was issued in the future"},
		{jwt.ErrTokenInvalidIssuer, "the assertion has another issuer"},
		{jwt.ErrTokenInvalidAudience, "the assertion is for another audience"},
		{jwt.ErrTokenRequiredClaimMissing, "the assertion lacks its issuer, audience or expiry"},
		{jwt.ErrTokenSignatureInvalid, "the assertion's signature is wrong, or its algorithm is not accepted"},
		{jwt.ErrTokenMalformed, "the assertion is malformed"},
	} {
		if errors.Is(err, known.err) {
			return &Refused{Reason: known.reason}
		}
	}
	return &Refused{Reason: "the assertion cannot be verified"}
}
