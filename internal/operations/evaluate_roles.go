package operations

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// effect is what one call of a role change is to bring about.
type effect struct {
	grant  []int64
	revoke []int64
}

// effects are the calls of a role change in their order: take away first, then give.
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

// evidence is what a reading says of an effect.
type evidence int

const (
	inconclusive evidence = iota // the list of roles cannot tell
	absent                       // the effect is not there
	present                      // the effect is there
)

// newRoleReading is what is weighed: the roles that somebody holds, and what is known of how to read that.
type roleReading struct {
	roleIDs, directIDs []int64
	catalogue          directory.Catalogue
	listsParentRoles   bool // the vendor is known to list roles that contain others, and not only the innermost ones
}

// evaluationInput says whether a reading shows the effect. A call is carried out as a whole, so when one part of it
// is there and another is not, somebody else has changed the same roles, and the list cannot tell.
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

// grantEvidence says whether a granted role is held, in whichever way. Whether the vendor lists a role that contains
// others, or only those contained, is not published. So when the role is missing from the list but all that it
// contains are there, the list cannot tell.
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

// revokeEvidence says whether a revoked role is gone, or held only through a parent: taking the assignment away cannot
// remove that. When the parent may be one that is not listed, the list cannot tell.
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

// combineResults makes the result of an operation from those of its calls. There are fewer calls than planned when
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
	default:
		return calls[len(calls)-1]
	}
}

// finalResults are the results of calls, one for each planned call: a refused call that was followed by another of
// the same method was asked for in another way, and only the answer to that counts.
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

// rolesEvaluation is what a reading says about an operation.
type rolesEvaluation struct {
	result    audit.Result // Unknown while a call without an answer has left no trace
	confirmed bool         // the effects of all calls that count as applied were seen
}

// evaluateRoles weighs a reading against what is known of each call. A call without an answer counts as applied when
// its effect is shown. When it is absent, that proves nothing yet: late says that the time for a late commit
// is over, and only then does it count as not applied.
func evaluateRoles(calls []audit.Result, planned []effect, reading roleReading, deadlinePassed bool) rolesEvaluation {
	results := slices.Clone(calls)
	if len(results) > len(planned) {
		return rolesEvaluation{result: audit.Unknown} // a record that this program did not write
	}
	eval := rolesEvaluation{confirmed: true}
	for i, result := range results {
		found := planned[i].evidenceIn(reading)
		switch {
		case result == audit.Applied && found != present:
			eval.confirmed = false
		case result == audit.Unknown && found == present:
			results[i] = audit.Applied
		case result == audit.Unknown && found == absent && deadlinePassed:
			results[i] = audit.NotApplied
		}
	}
	eval.result = combineResults(results, len(planned))
	return eval
}
