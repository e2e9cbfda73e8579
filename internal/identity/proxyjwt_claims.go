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
	name, _ := claims["name"].(string) // only for display, so any other type is ignored
	o.Name = displayName(name)
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
	if err := p.setGroups(&o, claims); err != nil {
		return operator.Operator{}, err
	}
	return o, nil
}

// setGroups sets the groups in a claim, which may be missing. A claim that cannot be read is refused, because its
// meaning would be a guess.
func (p *assertionVerifier) setGroups(o *operator.Operator, claims jwt.MapClaims) error {
	groups := parsedGroups{status: operator.GroupsMissing}
	if p.groups != "" {
		groups = parseGroups(claims, p.groups)
	}
	if groups.status == operator.GroupsUnreadable {
		return &Refused{Reason: groups.problem}
	}
	o.GroupsStatus, o.GroupsClaim = groups.status, p.groups
	return setProxyGroups(o, groups.names, p.configuredGroups)
}

// emailVerified reports whether the e-mail address of a subject is verified. Some providers send the boolean
// email_verified as a string.
func emailVerified(preset config.Preset, subject string, claims jwt.MapClaims) bool {
	if preset.TrustEmail {
		return strings.HasPrefix(subject, preset.TrustedSubjects)
	}
	return claims["email_verified"] == true || claims["email_verified"] == "true"
}
