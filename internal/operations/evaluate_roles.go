package operations

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// effect is what one call of a role change does.
type effect struct {
	grant  []int64
	revoke []int64
}

// effects returns what the calls of a role change do, in their order: revoke first, then grant.
func (i Intent) effects() []effect {
	var out []effect
	if len(i.Revoke) > 0 {
		out = append(out, effect{revoke: idsOf(i.Revoke)})
	}
	if len(i.Grant) > 0 {
		out = append(out, effect{grant: idsOf(i.Grant)})
	}
	return out
}

// evidence is what a reading proves about an effect.
type evidence int

const (
	inconclusive evidence = iota // the list of roles proves nothing
	absent
	present
)

// roleReading is the roles that a principal has, with what is known of how the vendor lists roles.
type roleReading struct {
	roleIDs, directIDs []int64
	catalogue          directory.Catalogue
	listsParentRoles   bool // the vendor is known to list roles that contain others, and not only the innermost ones
}

// evidenceIn returns what a reading proves about the effect. The vendor carries out a call as a whole, so when one part
// of it is present and another is absent, the same roles were changed elsewhere, and the list proves nothing.
func (e effect) evidenceIn(reading roleReading) evidence {
	counts := map[evidence]int{}
	for _, id := range e.revoke {
		counts[reading.revokeEvidence(id)]++
	}
	for _, id := range e.grant {
		counts[reading.grantEvidence(id)]++
	}
	switch {
	case counts[absent]+counts[inconclusive] == 0:
		return present
	case counts[present] == 0 && counts[absent] > 0:
		return absent
	default:
		return inconclusive
	}
}

// grantEvidence returns what the reading proves about a granted role; it may be direct or inherited. The vendor does
// not document whether it lists a role that contains others, or only those that it contains. So when the role is
// missing from the list but all roles that it contains are listed, the list proves nothing.
func (r roleReading) grantEvidence(id int64) evidence {
	switch {
	case slices.Contains(r.roleIDs, id):
		return present
	case r.listsParentRoles || r.catalogue.Known && !r.catalogue.Graph().CoveredBy(id, access.NewRoleSet(r.roleIDs...)):
		return absent
	default:
		return inconclusive
	}
}

// revokeEvidence returns what the reading proves about a revoked role. An inherited role counts as revoked: revoking
// the assignment cannot remove it. When it may be inherited from a role that is not listed, the list proves nothing.
func (r roleReading) revokeEvidence(id int64) evidence {
	switch {
	case !slices.Contains(r.directIDs, id):
		return present
	case r.listsParentRoles || r.catalogue.Known && len(r.catalogue.Graph().Parents(id)) == 0:
		return absent
	default:
		return inconclusive
	}
}

// combineResults returns the result of an operation from those of its calls. There are fewer calls than planned when
// one of them stopped the rest.
func combineResults(calls []audit.Result, planned int) audit.Result {
	applied := 0
	for _, result := range calls {
		switch result {
		case audit.Unknown:
			return audit.Unknown
		case audit.Applied:
			applied++
		}
	}
	switch {
	case applied == planned:
		return audit.Applied
	case applied > 0:
		return audit.PartlyApplied
	case len(calls) == 0:
		return audit.NotSent
	case slices.Contains(calls, audit.NotApplied):
		return audit.NotApplied
	default:
		return calls[len(calls)-1]
	}
}

// finalResults returns one result for each planned call. A refused call that is followed by another of the same method
// was sent again with other parameters, so only the second counts.
func finalResults(calls []audit.Call) []audit.Result {
	out := make([]audit.Result, 0, len(calls))
	for i, c := range calls {
		again := i+1 < len(calls) && calls[i+1].Method == c.Method
		if !again || c.Result != audit.Refused {
			out = append(out, c.Result)
		}
	}
	return out
}

// rolesEvaluation is what a reading proves about a change of roles.
type rolesEvaluation struct {
	result       audit.Result // Unknown while a call has left no trace that should have left one
	confirmed    bool         // the reading shows the effects of all calls that count as applied
	contradicted bool         // the effect of a call that the vendor reported as successful is absent
	firstMissing bool         // the first call was not applied
}

// evaluateRoles combines a reading with what is known of each call. A call without an answer counts as applied when its
// effect is present. When the effect is absent, the call counts as unknown, whatever the vendor reported, and after the
// deadline as not applied, as in evaluation.setAbsent.
func evaluateRoles(calls []audit.Result, planned []effect, reading roleReading, deadlinePassed bool) rolesEvaluation {
	results := slices.Clone(calls)
	if len(results) > len(planned) {
		return rolesEvaluation{result: audit.Unknown} // not written by this program
	}
	eval := rolesEvaluation{confirmed: true}
	for i, result := range results {
		found := planned[i].evidenceIn(reading)
		switch {
		case result != audit.Applied && result != audit.Unknown:
		case found == present:
			results[i] = audit.Applied
		case found == absent && deadlinePassed:
			results[i] = audit.NotApplied
			eval.contradicted = eval.contradicted || result == audit.Applied
		case found == absent:
			results[i], eval.confirmed = audit.Unknown, false
			eval.contradicted = eval.contradicted || result == audit.Applied
		case result == audit.Applied:
			eval.confirmed = false
		}
	}
	eval.firstMissing = len(results) > 0 && results[0] == audit.NotApplied
	eval.result = combineResults(results, len(planned))
	return eval
}
