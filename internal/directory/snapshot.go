package directory

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// snapshot is what an account contained at one time. It never changes: a newer one replaces it. Its rows are sorted in
// every order that a page can ask for, so that a page only selects from them.
type snapshot struct {
	subusers, keys *section

	keysByOwner map[int64][]access.NamedKey // by the id of the subuser, in order of name
	ownersKnown bool                        // keysByOwner has every key of every subuser

	facts map[access.Ref]*access.Facts // see SetFacts
}

// emptySnapshot returns the snapshot before anything was read.
func emptySnapshot() *snapshot {
	return &snapshot{
		subusers: newSection(access.Subuser, 0, time.Time{}, false, nil),
		keys:     newSection(access.Key, 0, time.Time{}, false, nil),
	}
}

// section is the part of a snapshot with the principals of one kind.
type section struct {
	kind      access.Kind
	startTick uint64    // the account's tick when its listing began
	asOf      time.Time // when its listing began; zero before the first
	patchedAt time.Time // when the newest of the rows was read that were read by id since; zero for none
	complete  bool      // no rows are missing
	sorted    [orderCount][]*row

	roles              map[listedRole]int // how many of its principals have a role
	roleNames          []string           // the names of these roles in ascending order
	withoutRoles       int
	withoutDescription int
	rolesUnknown       int
}

// unread reports whether its listing was never read.
func (s *section) unread() bool { return s.asOf.IsZero() }

// listedRole is a role as principals have it.
type listedRole struct {
	id   int64
	name string
}

// newSection returns the section of a listing. Its rows are not sorted by keys and by creation, see sortByKeys and
// sortByCreated.
func newSection(kind access.Kind, startTick uint64, asOf time.Time, complete bool, all []access.Principal) *section {
	rows := make([]*row, 0, len(all))
	lists := roleLists{}
	for _, p := range all {
		r := newRow(p)
		lists.share(r)
		rows = append(rows, r)
	}
	s := &section{kind: kind, startTick: startTick, asOf: asOf, complete: complete}
	unowned := &snapshot{}
	for _, o := range kinds()[kind].orders {
		if o != byKeys && o != byCreated {
			s.sorted[o] = unowned.sort(o, rows)
		}
	}
	s.roles = map[listedRole]int{}
	for _, r := range rows {
		s.count(r, 1)
	}
	s.sortRoleNames()
	return s
}

// sort returns the rows in an order, in memory of their own.
func (s *snapshot) sort(o order, rows []*row) []*row {
	return slices.SortedFunc(slices.Values(rows), func(a, b *row) int { return s.compare(o, a, b) })
}

// count adds a row to the counts, or removes it when n is -1.
func (s *section) count(r *row, n int) {
	switch r.roleCount {
	case -1:
		s.rolesUnknown += n
	case 0:
		s.withoutRoles += n
	}
	if r.withoutDescription() {
		s.withoutDescription += n
	}
	for _, assigned := range r.Roles {
		role := listedRole{assigned.ID, assigned.Name}
		s.roles[role] += n
		if s.roles[role] == 0 {
			delete(s.roles, role)
		}
	}
}

func (s *section) sortRoleNames() {
	names := make([]string, 0, len(s.roles))
	for role := range s.roles {
		names = append(names, role.name)
	}
	slices.SortFunc(names, compareNames)
	s.roleNames = slices.Compact(names)
}

// compareNames compares names without case, and only equal ones with it.
func compareNames(a, b string) int {
	return cmp.Or(strings.Compare(fold(a), fold(b)), strings.Compare(a, b))
}

// lookUp returns the row of a principal, nil when there is none.
func (s *section) lookUp(ref access.Ref) *row {
	rows := s.sorted[byID]
	at, found := slices.BinarySearchFunc(rows, ref, func(r *row, ref access.Ref) int { return r.Compare(ref) })
	if !found {
		return nil
	}
	return rows[at]
}

// section returns the principals of one kind.
func (s *snapshot) section(kind access.Kind) *section {
	if kind == access.Key {
		return s.keys
	}
	return s.subusers
}

// withSection returns the snapshot with a newly read section.
//
// The vendor may not report owners at all. When it reports the owner of any key, a key without one belongs to no
// subuser. When it reports none, the keys of no subuser are known.
func (s *snapshot) withSection(fresh *section) *snapshot {
	next := *s
	if fresh.kind == access.Key {
		next.setKeys(fresh)
		next.sortByCreated()
		next.ownersKnown = fresh.complete && (len(fresh.sorted[byName]) == 0 || len(next.keysByOwner) > 0)
	} else {
		next.subusers = fresh
	}
	next.sortByKeys()
	return &next
}

// setKeys sets the keys and their owners.
func (s *snapshot) setKeys(keys *section) {
	s.keys, s.keysByOwner = keys, map[int64][]access.NamedKey{}
	for _, key := range keys.sorted[byName] {
		if key.BelongsTo != nil {
			owner := key.BelongsTo.SubuserID()
			s.keysByOwner[owner] = append(s.keysByOwner[owner], access.NamedKey{ID: key.ID, Name: key.Name})
		}
	}
}

// sortByKeys sorts the subusers by the number of their keys.
func (s *snapshot) sortByKeys() {
	subusers := *s.subusers
	subusers.sorted[byKeys] = s.sort(byKeys, subusers.sorted[byName])
	s.subusers = &subusers
}

// withFacts returns the snapshot with other facts.
func (s *snapshot) withFacts(facts map[access.Ref]*access.Facts) *snapshot {
	next := *s
	next.facts = facts
	next.sortByCreated()
	return &next
}

// sortByCreated sorts the keys by their creation.
func (s *snapshot) sortByCreated() {
	keys := *s.keys
	keys.sorted[byCreated] = s.sort(byCreated, keys.sorted[byName])
	s.keys = &keys
}

// withPrincipal returns the snapshot in which a principal is as given, or is missing when p is nil, as read at a time.
// It returns the same snapshot when that changes nothing.
func (s *snapshot) withPrincipal(ref access.Ref, p *access.Principal, readAt time.Time) *snapshot {
	current := s.section(ref.Kind)
	old := current.lookUp(ref)
	if old == nil && p == nil || old != nil && p != nil && old.Principal.Equal(*p) {
		return s
	}
	var fresh *row
	if p != nil {
		fresh = newRow(*p)
	}
	patched := *current
	if readAt.After(patched.patchedAt) {
		patched.patchedAt = readAt
	}
	for _, o := range kinds()[ref.Kind].orders {
		rows := slices.Clone(current.sorted[o])
		place := func(r *row) int {
			at, _ := slices.BinarySearchFunc(rows, r, func(a, b *row) int { return s.compare(o, a, b) })
			return at
		}
		if old != nil {
			at := place(old)
			rows = slices.Delete(rows, at, at+1)
		}
		if fresh != nil {
			rows = slices.Insert(rows, place(fresh), fresh)
		}
		patched.sorted[o] = rows
	}
	patched.roles = maps.Clone(current.roles)
	if old != nil {
		patched.count(old, -1)
	}
	if fresh != nil {
		patched.count(fresh, 1)
	}
	patched.sortRoleNames()
	next := *s
	if ref.Kind == access.Key {
		next.setKeys(&patched)
		next.sortByKeys()
	} else {
		next.subusers = &patched
	}
	return &next
}

// principals returns rows as callers get them: subusers with their keys.
func (s *snapshot) principals(rows []*row) []access.Principal {
	principals := make([]access.Principal, len(rows))
	for i, r := range rows {
		principals[i] = r.Principal
		principals[i].Facts = s.facts[r.Ref]
		if r.Kind == access.Subuser {
			principals[i].Keys, principals[i].KeysKnown = s.keysByOwner[r.number], s.ownersKnown
		}
	}
	return principals
}
