package identity

import (
	"context"
	"strings"
)

// Limits of groups: Entra ID sends at most 200 in a token, Keycloak any number.
const (
	maxGroups     = 1000
	maxGroupBytes = 256 // of one name
)

// parsedGroups are the groups in claims. A missing claim differs from an empty one.
type parsedGroups struct {
	names   []string
	present bool   // the claims contain the groups claim
	problem string // with the claim, for the log; "" for none
}

// readGroups returns the groups in claims, and logs problems with them.
func (p *OIDC) readGroups(ctx context.Context, id string, claims map[string]any) parsedGroups {
	groups := parseGroups(claims, p.groupsClaim)
	if groups.problem != "" {
		p.logger.WarnContext(
			ctx,
			"invalid groups claim: "+groups.problem,
			"operator", id,
			"claim", p.groupsClaim,
		)
	}
	return groups
}

// parseGroups reads a groups claim: a list of strings, or one string, which is one group even with commas in it. A
// claim of another type contains no groups.
//
// For a user in more than 200 groups, Entra ID omits the groups from the token and sends _claim_names or hasgroups
// instead. Only another service of Entra ID has the groups, so such an operator has none here.
func parseGroups(claims map[string]any, path string) parsedGroups {
	value, ok := lookupClaim(claims, path)
	if !ok {
		if overage(claims, path) {
			return parsedGroups{
				present: true,
				problem: "the provider omits the groups because there are too many; configure it to send only the groups " +
					"assigned to this application, or add the operator to a *_PEOPLE setting",
			}
		}
		return parsedGroups{}
	}
	groups := parsedGroups{present: true}
	if one, isText := value.(string); isText {
		value = []any{one}
	}
	list, isList := value.([]any)
	if !isList {
		groups.problem = "the claim is neither a string nor a list"
		return groups
	}
	for _, entry := range list {
		name, isText := entry.(string)
		switch {
		case !isText:
			return parsedGroups{present: true, problem: "the list contains a value that is not a string"}
		case name == "":
		case len(name) > maxGroupBytes:
			groups.problem = "ignored a group with a name over 256 bytes"
		case len(groups.names) == maxGroups:
			groups.problem = "ignored groups beyond the first 1000"
			return groups
		default:
			groups.names = append(groups.names, name)
		}
	}
	return groups
}

// lookupClaim returns the claim with the name path. If there is none, it treats dots in path as separators of nested
// objects. A null claim counts as missing.
func lookupClaim(claims map[string]any, path string) (any, bool) {
	if value := claims[path]; value != nil {
		return value, true
	}
	first, rest, more := strings.Cut(path, ".")
	inner, isObject := claims[first].(map[string]any)
	if !more || !isObject {
		return nil, false
	}
	return lookupClaim(inner, rest)
}

// overage reports whether the provider omits the groups because there are too many.
func overage(claims map[string]any, path string) bool {
	claimNames, _ := claims["_claim_names"].(map[string]any)
	name, _, _ := strings.Cut(path, ".")
	_, moved := claimNames[name]
	return moved || name == "groups" && (claims["hasgroups"] == true || claims["hasgroups"] == "true")
}
