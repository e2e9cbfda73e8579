package directory

import (
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// keyIndex is the keys of an account, and whose they are.
type keyIndex struct {
	startTick   uint64 // the tick at which reading them began
	list        []Key  // by name
	known       bool   // all of them were read
	byOwner     map[int64][]access.NamedKey
	ownersKnown bool // the keys found for a subuser are all of theirs
}

// newKeyIndex sorts keys by name and by owner.
//
// A key without an owner is read as one that is no subuser's as long as the vendor names the owner of some
// other: then they tell whose keys are. If no key has an owner, nobody's keys are known.
func newKeyIndex(keys []Key, known bool) keyIndex {
	index := keyIndex{list: slices.Clone(keys), known: known, byOwner: map[int64][]access.NamedKey{}}
	slices.SortFunc(index.list, func(a, b Key) int {
		if c := strings.Compare(fold(a.Name), fold(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	for _, key := range index.list {
		if key.OwnerKnown {
			index.byOwner[key.OwnerID] = append(index.byOwner[key.OwnerID], access.NamedKey{ID: key.ID, Name: key.Name})
		}
	}
	index.ownersKnown = known && (len(keys) == 0 || len(index.byOwner) > 0)
	return index
}

// matches whether a key is there just as given, or is not there when nil is given.
func (i keyIndex) matches(id string, key *Key) bool {
	at := slices.IndexFunc(i.list, func(k Key) bool { return k.ID == id })
	return at < 0 && key == nil || at >= 0 && key != nil && i.list[at].equal(*key)
}

// withSubuser returns the keys with one as given, or without it when nil is given.
func (i keyIndex) with(id string, key *Key) keyIndex {
	others := slices.DeleteFunc(slices.Clone(i.list), func(k Key) bool { return k.ID == id })
	if key != nil {
		others = append(others, *key)
	}
	fresh := newKeyIndex(others, i.known)
	fresh.startTick, fresh.ownersKnown = i.startTick, i.ownersKnown
	return fresh
}

// withoutDescription is how many keys have no description.
func (i keyIndex) withoutDescription() int {
	count := 0
	for _, k := range i.list {
		if strings.TrimSpace(k.Description) == "" {
			count++
		}
	}
	return count
}

// asStale returns the same keys as possibly out of date.
func (i keyIndex) asStale() keyIndex {
	i.known, i.ownersKnown = false, false
	return i
}

// equal says whether two readings say the same of a key.
func (k Key) equal(other Key) bool {
	return k.ID == other.ID && k.Name == other.Name && k.Description == other.Description && k.Tag == other.Tag &&
		k.RolesKnown == other.RolesKnown &&
		k.OwnerID == other.OwnerID && k.OwnerLogin == other.OwnerLogin && k.OwnerKnown == other.OwnerKnown &&
		slices.Equal(k.Roles, other.Roles)
}

// convertKey turns the client's key into ours.
func (i roleIndex) convertKey(k voxapi.Key) Key {
	text, tag := SplitTag(k.Description)
	key := Key{
		ID:          k.ID,
		Name:        k.Name,
		Description: text,
		Tag:         tag,
		Roles:       i.roleAssignments(k.Roles),
		RolesKnown:  k.RolesKnown,
	}
	if k.OwnerKnown && len(k.Owner) > 0 {
		key.OwnerID, key.OwnerLogin, key.OwnerKnown = k.Owner[0].ID, k.Owner[0].Name, true
	}
	return key
}

// convertKeys turns the rows of a whole listing into ours; what absent roles mean is as in subusersOf.
func (i roleIndex) convertKeys(listed []voxapi.Key) []Key {
	anyRolesKnown := false
	for _, k := range listed {
		anyRolesKnown = anyRolesKnown || k.RolesKnown
	}
	keys := make([]Key, 0, len(listed))
	for _, k := range listed {
		key := i.convertKey(k)
		key.RolesKnown = anyRolesKnown
		keys = append(keys, key)
	}
	return keys
}

// Keys answers the account's keys from the snapshot, by name, with the same waiting and failing as Subusers.
func (d *Directory) Keys(ctx context.Context, account int64) (KeyList, error) {
	snap, status, err := d.account(account).currentSnapshot(ctx)
	if snap == nil {
		return KeyList{Status: status}, err
	}
	return KeyList{Keys: snap.keys.list, Known: snap.keys.known, Status: status}, nil
}
