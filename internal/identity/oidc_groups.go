package identity

import (
	"context"
	"strings"
)

// The limits of what a provider may say of groups: Entra ID puts 200 in a token, Keycloak as many as there are.
const (
	maxGroups = 1000
	maxGroup  = 256 // bytes of one
)

// parsedGroups are the groups that claims tell. Not told is another thing than none.
type parsedGroups struct {
	names   []string
	present bool
	problem string // what is wrong with the claim, for the log; "" when nothing is
}

// readGroups reads the groups from claims, and logs what is wrong with them.
func (p *OIDC) readGroups(ctx context.Context, id string, claims map[string]any) parsedGroups {
	groups := parseGroups(claims, p.groupsClaim)
	if groups.problem != "" {
		p.logger.WarnContext(
			ctx,
			"the groups are not as they should be: "+groups.problem,
			"operator",
			id,
			"claim",
			p.groupsClaim,
		)
	}
	return groups
}

// parseGroups reads a claim: a list of texts, or one text, which is one group, commas and all. A claim of another form
// tells no groups rather than some.
//
// Entra ID leaves the groups out of the token of somebody who is in more than 200, and says so by _claim_names or
// hasgroups. They are then to be had from another of its services only, so that person has none here.
func parseGroups(claims map[string]any, path string) parsedGroups {
	value, ok := lookupClaim(claims, path)
	if !ok {
		if overage(claims, path) {
			return parsedGroups{
				present: true,
				problem: "the person is in more groups than the provider puts in a token, and counts as in none; " +
					"let the provider send only the groups assigned to this application, or name the person in a *_PEOPLE setting",
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
		groups.problem = "the claim is neither a text nor a list"
		return groups
	}
	for _, entry := range list {
		name, isText := entry.(string)
		switch {
		case !isText:
			return parsedGroups{present: true, problem: "the claim's list holds something else than texts"}
		case name == "":
		case len(name) > maxGroup:
			groups.problem = "a group's name is too long and was left out"
		case len(groups.names) == maxGroups:
			groups.problem = "there are more than 1000 groups, and the rest was left out"
			return groups
		default:
			groups.names = append(groups.names, name)
		}
	}
	return groups
}

// lookupClaim finds a claim by its name, which may have dots in it, as addresses do, else by following the dots into
// objects. A claim that is null is not there.
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

// overage says whether the provider leaves the groups out because they are too many.
func overage(claims map[string]any, path string) bool {
	claimNames, _ := claims["_claim_names"].(map[string]any)
	name, _, _ := strings.Cut(path, ".")
	_, moved := claimNames[name]
	return moved || name == "groups" && (claims["hasgroups"] == true || claims["hasgroups"] == "true")
}
