package directory

import (
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// keyIndex is the keys of an account, and whose they are.
type keyIndex struct {
	began       uint64 // the tick at which reading them began
	list        []Key  // by name
	known       bool   // all of them were read
	of          map[int64][]KeyRef
	ownersKnown bool // the keys found for a subuser are all of theirs
}

// newKeyIndex sorts keys by name and by owner.
//
// A key without an owner is read as one that is no subuser's as long as the vendor names the owner of some
// other: then they tell whose keys are. If no key has an owner, nobody's keys are known.
func newKeyIndex(keys []Key, known bool) keyIndex {
	index := keyIndex{list: slices.Clone(keys), known: known, of: map[int64][]KeyRef{}}
	slices.SortFunc(index.list, func(a, b Key) int {
		if c := strings.Compare(fold(a.Name), fold(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	for _, key := range index.list {
		if key.OwnerKnown {
			index.of[key.OwnerID] = append(index.of[key.OwnerID], KeyRef{ID: key.ID, Name: key.Name})
		}
	}
	index.ownersKnown = known && (len(keys) == 0 || len(index.of) > 0)
	return index
}

// says whether a key is there just as given, or is not there when nil is given.
func (i keyIndex) says(id string, key *Key) bool {
	at := slices.IndexFunc(i.list, func(k Key) bool { return k.ID == id })
	return at < 0 && key == nil || at >= 0 && key != nil && i.list[at].same(*key)
}

// with returns the keys with one as given, or without it when nil is given.
func (i keyIndex) with(id string, key *Key) keyIndex {
	others := slices.DeleteFunc(slices.Clone(i.list), func(k Key) bool { return k.ID == id })
	if key != nil {
		others = append(others, *key)
	}
	fresh := newKeyIndex(others, i.known)
	fresh.began, fresh.ownersKnown = i.began, i.ownersKnown
	return fresh
}

// bare is how many keys have no description.
func (i keyIndex) bare() int {
	count := 0
	for _, k := range i.list {
		if strings.TrimSpace(k.Description) == "" {
			count++
		}
	}
	return count
}

// doubtful returns the same keys as possibly out of date.
func (i keyIndex) doubtful() keyIndex {
	i.known, i.ownersKnown = false, false
	return i
}

// same says whether two readings say the same of a key.
func (k Key) same(other Key) bool {
	return k.ID == other.ID && k.Name == other.Name && k.Description == other.Description && k.Mark == other.Mark &&
		k.RolesKnown == other.RolesKnown &&
		k.OwnerID == other.OwnerID && k.OwnerLogin == other.OwnerLogin && k.OwnerKnown == other.OwnerKnown &&
		slices.Equal(k.Roles, other.Roles)
}

// keyOf turns the client's key into ours.
func (f family) keyOf(k voxapi.Key) Key {
	text, mark := SplitMark(k.Description)
	key := Key{
		ID:          k.ID,
		Name:        k.Name,
		Description: text,
		Mark:        mark,
		Roles:       f.heldRoles(k.Roles),
		RolesKnown:  k.RolesKnown,
	}
	if k.OwnerKnown && len(k.Owner) > 0 {
		key.OwnerID, key.OwnerLogin, key.OwnerKnown = k.Owner[0].ID, k.Owner[0].Name, true
	}
	return key
}

// keysOf turns the rows of a whole listing into ours; what absent roles mean is as in subusersOf.
func (f family) keysOf(listed []voxapi.Key) []Key {
	told := false
	for _, k := range listed {
		told = told || k.RolesKnown
	}
	keys := make([]Key, 0, len(listed))
	for _, k := range listed {
		key := f.keyOf(k)
		key.RolesKnown = told
		keys = append(keys, key)
	}
	return keys
}

// Keys answers the account's keys from the snapshot, by name, with the same waiting and failing as Subusers.
func (d *Directory) Keys(ctx context.Context, account int64) (KeyList, error) {
	snap, status, err := d.account(account).view(ctx)
	if snap == nil {
		return KeyList{Status: status}, err
	}
	return KeyList{Keys: snap.keys.list, Known: snap.keys.known, Status: status}, nil
}
