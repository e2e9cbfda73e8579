package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
)

// KeyFilter is what a list of keys is asked for. The zero value is all of them by name.
type KeyFilter struct {
	Query   string // every word must occur in name, description, id, the owner's login or a role's name
	Role    string // as SubuserFilter.Role
	Sort    string // "name" (default), "description", "roles", "owner", "id"
	Desc    bool
	Page    int // from 1
	PerPage int // default 50; Everything for exports
}

// KeyPage is one page of a filtered list of keys.
type KeyPage struct {
	Rows      []Key
	Matches   int      // how many match the filter
	Total     int      // how many there are in the account
	Page      int      // the page shown, from 1: the last one when a later one was asked for
	Pages     int      // at least 1
	RoleNames []string // names of roles held by any key, sorted: the filter's choices when there is no catalogue
	Known     bool     // false when the keys could not all be read
	Status    Status
}

// KeyPage answers a list page of keys from the snapshot, with the same waiting and failing as Subusers. An account has
// few keys, so that they are searched and sorted when they are asked for.
func (d *Directory) KeyPage(ctx context.Context, account int64, f KeyFilter) (KeyPage, error) {
	list, err := d.Keys(ctx, account)
	if err != nil {
		return KeyPage{}, err
	}
	rows := slices.DeleteFunc(slices.Clone(list.Keys), func(k Key) bool { return !f.matches(k) })
	f.sort(rows)
	page, pages, from, to := Paginate(len(rows), f.Page, f.PerPage, defaultPerPage)
	return KeyPage{
		Rows: rows[from:to], Matches: len(rows), Total: len(list.Keys), Page: page, Pages: pages,
		RoleNames: roleNamesOfKeys(list.Keys), Known: list.Known, Status: list.Status,
	}, nil
}

// matches says whether a key is asked for.
func (f KeyFilter) matches(k Key) bool {
	switch role := fold(strings.TrimSpace(f.Role)); role {
	case "":
	case noRolesFilter:
		if !k.RolesKnown || len(k.Roles) > 0 {
			return false
		}
	default:
		if !slices.ContainsFunc(k.Roles, func(r access.RoleAssignment) bool { return fold(r.Name) == role }) {
			return false
		}
	}
	text := []string{k.Name, k.Description, k.ID, k.OwnerLogin}
	for _, r := range k.Roles {
		text = append(text, r.Name)
	}
	whole := fold(strings.Join(text, "\n"))
	return !slices.ContainsFunc(words(f.Query), func(word string) bool { return !strings.Contains(whole, word) })
}

// sort orders keys that are sorted by name; those that are alike stay by name, whichever way round the others stand.
func (f KeyFilter) sort(rows []Key) {
	compare := f.compare()
	slices.SortStableFunc(rows, func(a, b Key) int {
		if f.Desc {
			return compare(b, a)
		}
		return compare(a, b)
	})
}

// checkSubuser is how two keys are ordered by what is sorted by. The empty description and the unknown owner come last.
func (f KeyFilter) compare() func(a, b Key) int {
	text := func(field func(Key) string) func(a, b Key) int {
		return func(a, b Key) int {
			x, y := fold(field(a)), fold(field(b))
			if (x == "") != (y == "") {
				return strings.Compare(y, x)
			}
			return strings.Compare(x, y)
		}
	}
	switch f.Sort {
	case "description":
		return text(func(k Key) string { return k.Description })
	case "owner":
		return text(func(k Key) string { return k.OwnerLogin })
	case "id":
		return text(func(k Key) string { return k.ID })
	case "roles":
		return func(a, b Key) int { return cmp.Compare(len(a.Roles), len(b.Roles)) }
	default:
		return text(func(k Key) string { return k.Name })
	}
}

// roleNamesOfKeys are the names of the roles that any key holds, sorted.
func roleNamesOfKeys(keys []Key) []string {
	var names []string
	for _, k := range keys {
		for _, r := range k.Roles {
			if !slices.Contains(names, r.Name) {
				names = append(names, r.Name)
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(fold(a), fold(b)) })
	return names
}

// KeysOf answers the keys that the snapshot knows to belong to a subuser; known is as Subuser.KeysKnown. It waits and
// fails as Subusers does.
func (d *Directory) KeysOf(ctx context.Context, account, subuser int64) (keys []Key, known bool, err error) {
	snap, _, err := d.account(account).currentSnapshot(ctx)
	if snap == nil {
		return nil, false, err
	}
	for _, k := range snap.keys.list {
		if k.OwnerKnown && k.OwnerID == subuser {
			keys = append(keys, k)
		}
	}
	return keys, snap.keys.ownersKnown, nil
}

// KeysWithRole answers which keys hold a role, from the snapshot, by name. It waits and fails as Subusers does.
func (d *Directory) KeysWithRole(ctx context.Context, account, roleID int64) ([]Key, Status, error) {
	list, err := d.Keys(ctx, account)
	matches := slices.DeleteFunc(
		slices.Clone(list.Keys),
		func(k Key) bool { return !slices.Contains(k.RoleIDs(), roleID) },
	)
	return matches, list.Status, err
}

// SubusersByIDs answers subusers from the snapshot in the order asked for; those that it does not have are left out. It
// waits and fails as Subusers does.
func (d *Directory) SubusersByIDs(ctx context.Context, account int64, ids []int64) ([]Subuser, Status, error) {
	snap, status, err := d.account(account).currentSnapshot(ctx)
	if snap == nil {
		return nil, status, err
	}
	var rows []*row
	for _, id := range ids {
		if r := snap.lookUp(id); r != nil {
			rows = append(rows, r)
		}
	}
	return snap.subusers(rows), status, nil
}
