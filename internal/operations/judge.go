package operations

import (
	"slices"

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

// sight is what a reading says of an effect.
type sight int

const (
	unclear sight = iota // the list of roles cannot tell
	absent               // the effect is not there
	shown                // the effect is there
)

// reading is what is weighed: the roles that somebody holds, and what is known of how to read that.
type reading struct {
	held, direct    []int64
	catalogue       directory.Catalogue
	listsContainers bool // the vendor is known to list roles that contain others, and not only the innermost ones
}

// look says whether a reading shows the effect. A call is carried out as a whole, so when one part of it is there
// and another is not, somebody else has changed the same roles, and the list cannot tell.
func (e effect) look(now reading) sight {
	seen := map[sight]int{}
	for _, id := range e.revoke {
		seen[now.revoked(id)]++
	}
	for _, id := range e.grant {
		seen[now.granted(id)]++
	}
	switch {
	case seen[absent]+seen[unclear] == 0:
		return shown
	case seen[shown] == 0 && seen[absent] > 0:
		return absent
	default:
		return unclear
	}
}

// granted says whether a granted role is held, in whichever way. Whether the vendor lists a role that contains
// others, or only those contained, is not published. So when the role is missing from the list but all that it
// contains are there, the list cannot tell.
func (r reading) granted(id int64) sight {
	switch {
	case slices.Contains(r.held, id):
		return shown
	case r.listsContainers || r.catalogue.Known && !containedIn(r.catalogue, id, r.held, map[int64]bool{}):
		return absent
	default:
		return unclear
	}
}

// revoked says whether a revoked role is gone, or held only through a parent: taking the assignment away cannot
// remove that. When the parent may be one that is not listed, the list cannot tell.
func (r reading) revoked(id int64) sight {
	switch {
	case !slices.Contains(r.direct, id):
		return shown
	case r.listsContainers || r.catalogue.Known && !r.catalogue.HasParents(id):
		return absent
	default:
		return unclear
	}
}

// containedIn says whether a role contains others, and all of those are held. known are the roles looked at so
// far and what was found, false while it is looked for: so each is looked at once, and a catalogue that goes in a
// circle comes to an end.
func containedIn(c directory.Catalogue, id int64, held []int64, known map[int64]bool) bool {
	if found, seen := known[id]; seen {
		return found
	}
	known[id] = false
	children := c.ChildrenOf(id)
	known[id] = len(children) > 0 && !slices.ContainsFunc(children, func(child int64) bool {
		return !slices.Contains(held, child) && !containedIn(c, child, held, known)
	})
	return known[id]
}

// fold makes the result of an operation from those of its calls. There are fewer calls than planned when
// one of them stopped the rest.
func fold(calls []audit.Result, planned int) audit.Result {
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

// standing are the results of calls, one for each planned call: a refused call that was followed by another of the same
// method was asked for in another way, and only the answer to that counts.
func standing(calls []audit.Call) []audit.Result {
	out := make([]audit.Result, 0, len(calls))
	for i, c := range calls {
		again := i+1 < len(calls) && calls[i+1].Method == c.Method
		if !again || c.Result != audit.Refused {
			out = append(out, c.Result)
		}
	}
	return out
}

// judgement is what a reading says about an operation.
type judgement struct {
	result audit.Result // Unknown while a call without an answer has left no trace
	shown  bool         // the effects of all calls that count as applied were seen
}

// judge weighs a reading against what is known of each call. A call without an answer counts as applied when
// its effect is shown. When it is absent, that proves nothing yet: late says that the time for a late commit
// is over, and only then does it count as not applied.
func judge(calls []audit.Result, planned []effect, now reading, late bool) judgement {
	known := slices.Clone(calls)
	if len(known) > len(planned) {
		return judgement{result: audit.Unknown} // a record that this program did not write
	}
	j := judgement{shown: true}
	for i, result := range known {
		sight := planned[i].look(now)
		switch {
		case result == audit.Applied && sight != shown:
			j.shown = false
		case result == audit.Unknown && sight == shown:
			known[i] = audit.Applied
		case result == audit.Unknown && sight == absent && late:
			known[i] = audit.NotApplied
		}
	}
	j.result = fold(known, len(planned))
	return j
}
