package identity

import (
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// operatorFromClaims reads a person from proven claims, subject, address and groups to the letter: what differs in a
// space is another. Whether the address is theirs is for the preset to say.
func operatorFromClaims(issuer, groupsClaim string, claims jwt.MapClaims) (operator.Operator, error) {
	o := operator.Operator{Issuer: issuer}
	for _, claim := range []struct {
		name string
		to   *string
	}{{"sub", &o.Subject}, {"name", &o.Name}, {"email", &o.Email}} {
		switch value := claims[claim.name].(type) {
		case nil:
		case string:
			*claim.to = value
		default:
			return operator.Operator{}, &Refused{Reason: "the assertion's " + claim.name + " is not a text"}
		}
	}
	o.Name = strings.TrimSpace(o.Name) // which is for display only
	if strings.TrimSpace(o.Subject) == "" {
		return operator.Operator{}, &Refused{Reason: "the assertion names no person"}
	}
	if err := checkOperator(o); err != nil {
		return operator.Operator{}, err
	}
	groups, err := claimedGroups(claims, groupsClaim)
	if err != nil {
		return operator.Operator{}, err
	}
	o.Groups = groups
	return o, checkGroups(groups)
}

// claimedGroups reads the groups from a claim: a list of texts, or one text for one group. A claim that is not there
// is no groups, and neither is the claim without a name; one of any other shape is refused, since what it grants can
// only be guessed.
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
		return nil, &Refused{Reason: "the claim with the groups is neither a list nor a text"}
	}
	var groups []string
	for _, entry := range list {
		group, ok := entry.(string)
		if !ok {
			return nil, &Refused{Reason: "the claim with the groups holds something that is not a text"}
		}
		if strings.TrimSpace(group) != "" {
			groups = append(groups, group)
		}
	}
	return groups, nil
}
