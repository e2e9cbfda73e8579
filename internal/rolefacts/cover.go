package rolefacts

import (
	"cmp"
	"slices"
)

// Candidate is a role of the account that a cover may use.
type Candidate struct {
	ID      int64
	Methods MethodSet // of the role, and of the roles that it contains
}

// Cover is a set of roles that allow the wanted methods, and none of which can be left out.
type Cover struct {
	Roles   []int64   // in the order of the candidates
	Allowed MethodSet // what the roles allow
	Extra   MethodSet // what they allow beside the wanted methods
}

// Covers are the result of FindCovers.
type Covers struct {
	List []Cover // fewest extra methods first, then fewest roles; one with the fewest roles is always among them
	// Missing are wanted methods that no candidate allows. They are left out of the covers.
	Missing MethodSet
	// Incomplete reports that the search ended at its limit: there may be better covers.
	Incomplete bool
}

const (
	maxCovers = 5
	// maxCoverSteps limits the search. The vendor's published roles need some hundred steps for any choice of methods; a
	// catalogue of many roles with different contents could need years.
	maxCoverSteps = 10_000
)

// FindCovers returns the best covers of the wanted methods. Of candidates with equal methods it uses the first.
func FindCovers(wanted MethodSet, candidates []Candidate) Covers {
	s := coverSearch{wanted: wanted}
	var allowed MethodSet
	seen := map[MethodSet]bool{}
	for order, c := range candidates {
		useful := c.Methods.Without(c.Methods.Without(wanted))
		if useful == (MethodSet{}) || seen[c.Methods] {
			continue
		}
		seen[c.Methods] = true
		allowed = allowed.Union(useful)
		s.candidates = append(s.candidates, coverCandidate{Candidate: c, order: order, useful: useful})
	}
	missing := wanted.Without(allowed)
	s.wanted = wanted.Without(missing)
	if s.wanted == (MethodSet{}) {
		return Covers{Missing: missing}
	}
	// The candidates with the fewest extra methods come first, so that the limits prune the rest early.
	slices.SortStableFunc(s.candidates, func(a, b coverCandidate) int {
		return cmp.Compare(a.Methods.Without(wanted).Len(), b.Methods.Without(wanted).Len())
	})
	for _, c := range s.candidates {
		for m := range c.useful.All() {
			s.byMethod[m.index] = append(s.byMethod[m.index], c)
		}
	}
	s.search(nil, MethodSet{}, MethodSet{}, byExtra)
	best := s.best
	incomplete := s.steps >= maxCoverSteps
	s.best, s.steps = nil, 0
	s.search(nil, MethodSet{}, MethodSet{}, bySize)
	incomplete = incomplete || s.steps >= maxCoverSteps
	smallest := func(f foundCover) bool { return len(f.chosen) == len(s.best[0].chosen) }
	if len(s.best) > 0 && !slices.ContainsFunc(best, smallest) {
		best = append(best[:min(len(best), maxCovers-1)], s.best[0])
	}
	covers := Covers{Missing: missing, Incomplete: incomplete}
	for _, found := range best {
		slices.SortFunc(found.chosen, func(a, b coverCandidate) int { return cmp.Compare(a.order, b.order) })
		cover := Cover{Allowed: unionOf(found.chosen), Extra: found.extra}
		for _, c := range found.chosen {
			cover.Roles = append(cover.Roles, c.ID)
		}
		covers.List = append(covers.List, cover)
	}
	return covers
}

type coverCandidate struct {
	Candidate
	order  int
	useful MethodSet // the wanted ones of its methods
}

type foundCover struct {
	chosen []coverCandidate
	extra  MethodSet
}

// coverSearch finds covers by trying, for the wanted method with the fewest candidates, each of these.
type coverSearch struct {
	wanted     MethodSet
	candidates []coverCandidate
	byMethod   [maxMethods][]coverCandidate // the candidates for each wanted method
	best       []foundCover
	steps      int
}

// coverOrder compares covers. A cover never becomes better when a role is added.
type coverOrder func(a, b foundCover) int

func byExtra(a, b foundCover) int {
	return cmp.Or(cmp.Compare(a.extra.Len(), b.extra.Len()), cmp.Compare(len(a.chosen), len(b.chosen)))
}

func bySize(a, b foundCover) int {
	return cmp.Or(cmp.Compare(len(a.chosen), len(b.chosen)), cmp.Compare(a.extra.Len(), b.extra.Len()))
}

// search adds to best the covers that contain the chosen roles.
func (s *coverSearch) search(chosen []coverCandidate, covered, extra MethodSet, order coverOrder) {
	if s.steps++; s.steps >= maxCoverSteps {
		return
	}
	found := foundCover{chosen: chosen, extra: extra}
	if len(s.best) == maxCovers && order(s.best[maxCovers-1], found) <= 0 {
		return
	}
	open := s.wanted.Without(covered)
	if open == (MethodSet{}) {
		s.add(found, order)
		return
	}
	for _, c := range s.fewestCandidates(open) {
		s.search(
			append(slices.Clip(chosen), c),
			covered.Union(c.useful),
			extra.Union(c.Methods.Without(s.wanted)),
			order,
		)
	}
}

// fewestCandidates returns the candidates for the open method that has the fewest.
func (s *coverSearch) fewestCandidates(open MethodSet) []coverCandidate {
	var fewest []coverCandidate
	for index, list := range s.byMethod {
		if open.has(index) && (fewest == nil || len(list) < len(fewest)) {
			fewest = list
		}
	}
	return fewest
}

// add keeps a cover if it is among the best, without the roles that can be left out.
func (s *coverSearch) add(found foundCover, order coverOrder) {
	found = s.withoutNeedless(found)
	same := func(other foundCover) bool { return sameCandidates(other.chosen, found.chosen) }
	if slices.ContainsFunc(s.best, same) {
		return
	}
	at, _ := slices.BinarySearchFunc(s.best, found, order)
	s.best = slices.Insert(s.best, at, found)
	s.best = s.best[:min(len(s.best), maxCovers)]
}

// withoutNeedless returns a cover without the roles that can be left out, those with the most extra methods first.
func (s *coverSearch) withoutNeedless(found foundCover) foundCover {
	kept := slices.Clone(found.chosen)
	slices.SortStableFunc(kept, func(a, b coverCandidate) int {
		return cmp.Compare(b.Methods.Without(s.wanted).Len(), a.Methods.Without(s.wanted).Len())
	})
	for i := 0; i < len(kept); {
		rest := slices.Delete(slices.Clone(kept), i, i+1)
		if unionOf(rest).Covers(s.wanted) {
			kept = rest
		} else {
			i++
		}
	}
	return foundCover{chosen: kept, extra: unionOf(kept).Without(s.wanted)}
}

func unionOf(list []coverCandidate) MethodSet {
	var union MethodSet
	for _, c := range list {
		union = union.Union(c.Methods)
	}
	return union
}

func sameCandidates(a, b []coverCandidate) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(c coverCandidate) bool {
		return !slices.ContainsFunc(b, func(other coverCandidate) bool { return other.ID == c.ID })
	})
}
