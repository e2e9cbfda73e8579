package identity

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Limits of the groups that a session keeps for display, besides the configured ones. Entra ID sends at most 200 in a
// token, Keycloak any number.
const (
	maxGroups      = 1000
	maxGroupsBytes = 32 << 10 // of all names together
	maxGroupBytes  = 256      // of one name
)

// parsedGroups are the groups in claims.
type parsedGroups struct {
	names   []string
	status  operator.GroupsStatus
	problem Reason // "" for none
}

// parseGroups reads a groups claim: a list of strings, one string, or an object of objects. One string is one group,
// even with commas in it. Of an object, the names of its members are the groups: Zitadel sends roles so, each with the
// organizations that granted it. A claim of another type contains no groups. Nor does a list that was written as a
// string: where a provider sends a single group as a string, its name could otherwise pass for a list of others.
//
// For a user in more than 200 groups, Entra ID leaves the groups out of the token, and the claims say so. Only another
// service of Entra ID has the groups, so such an operator has none here.
func parseGroups(claims map[string]any, path string) parsedGroups {
	value, ok := lookupClaim(claims, path)
	switch {
	case leftOut(claims, path, value):
		return parsedGroups{
			status: operator.GroupsTooMany,
			problem: "the provider leaves the groups out because there are too many; configure it to send only the groups " +
				"assigned to this application, or add the operator to a *_PEOPLE setting",
		}
	case !ok:
		return parsedGroups{status: operator.GroupsMissing}
	}
	var list []any
	switch value := value.(type) {
	case string:
		if text := strings.TrimSpace(value); strings.ContainsAny(text[:min(1, len(text))], "[{") && json.Valid([]byte(text)) {
			return unreadableGroups("is JSON written as a string")
		}
		list = []any{value}
	case []any:
		list = value
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if _, isObject := value[name].(map[string]any); !isObject {
				return unreadableGroups("is an object with a value that is not an object")
			}
			list = append(list, name)
		}
	default:
		return unreadableGroups("is neither a list, a string nor an object")
	}
	var groups parsedGroups
	for _, entry := range list {
		name, isText := entry.(string)
		if !isText {
			return unreadableGroups("contains a value that is not a string")
		}
		if strings.TrimSpace(name) != "" {
			groups.names = append(groups.names, name)
		}
	}
	return groups
}

func unreadableGroups(problem Reason) parsedGroups {
	return parsedGroups{status: operator.GroupsUnreadable, problem: "the groups claim " + problem}
}

// keepGroups returns the groups to store. The configured ones, which decide about roles, come first; the others are
// only shown, so they are cut to the limits. omitted is the number of groups that were left out.
func keepGroups(names, configured []string) (kept []string, omitted int) {
	seen, others, bytes := map[string]bool{}, []string(nil), 0
	for _, name := range names {
		switch {
		case seen[name]:
			continue
		case slices.Contains(configured, name):
			kept = append(kept, name)
		case len(name) > maxGroupBytes || len(others) == maxGroups || bytes+len(name) > maxGroupsBytes:
			omitted++
		default:
			others, bytes = append(others, name), bytes+len(name)
		}
		seen[name] = true
	}
	return append(kept, others...), omitted
}

// lookupClaim returns the claim at a path. Dots in the path separate the names of nested objects, and may also be part
// of a name: at each level the longest name that leads to a claim is used. A backslash before a dot makes it part of
// the name. A null claim counts as missing.
func lookupClaim(claims map[string]any, path string) (any, bool) {
	for _, cut := range pathCuts(path) {
		for _, name := range spellings(path[:cut]) {
			value := claims[name]
			if cut == len(path) && value != nil {
				return value, true
			}
			inner, isObject := value.(map[string]any)
			if !isObject || cut == len(path) {
				continue
			}
			if found, ok := lookupClaim(inner, path[cut+1:]); ok {
				return found, true
			}
		}
	}
	return nil, false
}

// pathCuts returns the ends of the first name in a path: the end of the path, and its dots without a backslash, the
// last one first.
func pathCuts(path string) []int {
	cuts := []int{len(path)}
	for i := len(path) - 1; i >= 0; i-- {
		backslashes := len(path[:i]) - len(strings.TrimRight(path[:i], `\`))
		if path[i] == '.' && backslashes%2 == 0 {
			cuts = append(cuts, i)
		}
	}
	return cuts
}

// unescapeName removes the backslash before a dot and before another backslash.
var unescapeName = strings.NewReplacer(`\.`, `.`, `\\`, `\`)

// spellings returns a name as it is written, for names with backslashes, and without its escapes.
func spellings(name string) []string {
	if plain := unescapeName.Replace(name); plain != name {
		return []string{name, plain}
	}
	return []string{name}
}

// leftOut reports whether the provider left the groups out because there are too many. The claims then refer to another
// source (OpenID Connect Core 1.0, section 5.6.2), by _claim_names or by its name in place of the groups, or have the
// flag hasgroups of Entra ID.
func leftOut(claims map[string]any, path string, value any) bool {
	claimNames, _ := claims["_claim_names"].(map[string]any)
	sources, _ := claims["_claim_sources"].(map[string]any)
	for _, cut := range pathCuts(path) {
		for _, name := range spellings(path[:cut]) {
			if _, moved := claimNames[name]; moved && value == nil {
				return true
			}
			for claim := range claims {
				if value == nil && strings.HasPrefix(claim, name+":src") {
					return true
				}
			}
		}
	}
	if source, isText := value.(string); isText && sources[source] != nil {
		return true
	}
	return value == nil && path == "groups" && (claims["hasgroups"] == true || claims["hasgroups"] == "true")
}
