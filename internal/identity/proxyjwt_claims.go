package identity

import (
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// operatorFromClaims returns the operator in verified claims. Subject, e-mail address and groups are taken exactly:
// values that differ in a space are different.
func (p *assertionVerifier) operatorFromClaims(claims jwt.MapClaims) (operator.Operator, error) {
	o := operator.Operator{Issuer: p.issuer}
	for _, claim := range []struct {
		name Reason
		to   *string
	}{
		{"sub", &o.Subject},
		{"name", &o.Name},
		{"email", &o.Email},
	} {
		switch value := claims[string(claim.name)].(type) {
		case nil:
		case string:
			*claim.to = value
		default:
			return operator.Operator{}, &Refused{Reason: "the assertion's " + claim.name + " is not a string"}
		}
	}
	o.Name = strings.TrimSpace(o.Name) // only for display
	if strings.TrimSpace(o.Subject) == "" {
		return operator.Operator{}, &Refused{Reason: "the assertion has no subject"}
	}
	if err := checkOperator(o); err != nil {
		return operator.Operator{}, err
	}
	if p.preset.RequireEmail && o.Email == "" {
		return operator.Operator{}, &Refused{Reason: "the assertion belongs to a service token, not to a person"}
	}
	o.EmailVerified = o.Email != "" && emailVerified(p.preset, o.Subject, claims)
	groups, err := claimedGroups(claims, p.groups)
	if err != nil {
		return operator.Operator{}, err
	}
	o.Groups = groups
	return o, checkGroups(groups)
}

// emailVerified reports whether the e-mail address of a subject is verified. Some providers send the boolean
// email_verified as a string.
func emailVerified(preset config.Preset, subject string, claims jwt.MapClaims) bool {
	if preset.TrustEmail {
		return strings.HasPrefix(subject, preset.TrustedSubjects)
	}
	return claims["email_verified"] == true || claims["email_verified"] == "true"
}

// claimedGroups returns the groups in a claim: a list of strings, or one string for one group. A missing claim and an
// empty path mean no groups. Any other type is refused, because its meaning would be a guess.
func claimedGroups(claims jwt.MapClaims, path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	var list []any
	value, _ := lookupClaim(claims, path)
	switch value := value.(type) {
	case nil:
	case string:
		list = []any{value}
	case []any:
		list = value
	default:
		return nil, &Refused{Reason: "the groups claim is neither a list nor a string"}
	}
	var groups []string
	for _, entry := range list {
		group, ok := entry.(string)
		if !ok {
			return nil, &Refused{Reason: "the groups claim contains a value that is not a string"}
		}
		if strings.TrimSpace(group) != "" {
			groups = append(groups, group)
		}
	}
	return groups, nil
}
