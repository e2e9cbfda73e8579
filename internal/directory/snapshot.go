package directory

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// snapshot is what an account held at one time. It never changes: a newer one takes its place.
//
// It keeps its rows sorted in every order that a page can ask for, so that an answer only picks from them.
type snapshot struct {
	startTick  uint64    // the account's tick at which its listing began
	asOf       time.Time // likewise, by the clock
	incomplete bool      // rows may be missing
	sorted     [orderCount][]*row
	keys       keyIndex

	roleNames    []string // names of the roles that anybody holds, sorted
	withoutRoles int
	rolesUnknown int
}

// newSnapshot sorts and counts what a listing brought.
func newSnapshot(began uint64, asOf time.Time, incomplete bool, subusers []Subuser, keys keyIndex) *snapshot {
	s := &snapshot{startTick: began, asOf: asOf, incomplete: incomplete, keys: keys}
	rows := make([]*row, 0, len(subusers))
	for _, subuser := range subusers {
		rows = append(rows, newRow(subuser))
	}
	for o := range orderCount {
		s.sorted[o] = s.sort(o, rows)
	}
	s.count()
	return s
}

// sort returns the rows in an order, in memory of their own.
func (s *snapshot) sort(o order, rows []*row) []*row {
	return slices.SortedFunc(slices.Values(rows), func(a, b *row) int { return s.compare(o, a, b) })
}

// count works out the sums over all rows.
func (s *snapshot) count() {
	names := map[string]bool{}
	s.withoutRoles, s.rolesUnknown = 0, 0
	for _, r := range s.sorted[byLogin] {
		switch r.roleCount() {
		case -1:
			s.rolesUnknown++
		case 0:
			s.withoutRoles++
		}
		for _, role := range r.Roles {
			names[role.Name] = true
		}
	}
	s.roleNames = make([]string, 0, len(names))
	for name := range names {
		s.roleNames = append(s.roleNames, name)
	}
	slices.SortFunc(s.roleNames, func(a, b string) int {
		if c := strings.Compare(fold(a), fold(b)); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
}

// lookUp returns the row of a subuser, nil when there is none.
func (s *snapshot) lookUp(id int64) *row {
	rows := s.sorted[byID]
	at, found := slices.BinarySearchFunc(rows, id, func(r *row, id int64) int { return cmp.Compare(r.ID, id) })
	if !found {
		return nil
	}
	return rows[at]
}

// withSubuser returns a snapshot in which a subuser is as given, or is gone when nil is given. It is the same
// snapshot when that changes nothing.
func (s *snapshot) withSubuser(id int64, subuser *Subuser) *snapshot {
	old := s.lookUp(id)
	var fresh *row
	if subuser != nil {
		fresh = newRow(*subuser)
	}
	if old == nil && fresh == nil || old != nil && fresh != nil && old.equal(fresh) {
		return s
	}
	patched := *s
	for o := range orderCount {
		rows := make([]*row, 0, len(s.sorted[o])+1)
		for _, r := range s.sorted[o] {
			if r != old {
				rows = append(rows, r)
			}
		}
		if fresh != nil {
			at, _ := slices.BinarySearchFunc(rows, fresh, func(a, b *row) int { return s.compare(o, a, b) })
			rows = slices.Insert(rows, at, fresh)
		}
		patched.sorted[o] = rows
	}
	patched.count()
	return &patched
}

// withKeys returns the snapshot with other keys.
func (s *snapshot) withKeys(keys keyIndex) *snapshot {
	other := *s
	other.keys = keys
	other.sorted[byKeys] = other.sort(byKeys, s.sorted[byLogin])
	return &other
}

// subuser returns a row as it is handed out, with the keys that are known to be theirs.
func (s *snapshot) subuser(r *row) Subuser {
	subuser := r.Subuser
	subuser.Keys, subuser.KeysKnown = s.keys.byOwner[r.ID], s.keys.ownersKnown
	return subuser
}
