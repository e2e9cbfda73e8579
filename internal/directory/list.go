package directory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// Filter selects, sorts and pages a list of principals of one kind. The zero value is the first page of all of them,
// sorted by name.
type Filter struct {
	Query   string // every word must occur in the name, the description, the id or owner of a key, or a role's name
	Role    string // the name of a role that the principal has, compared without case; "" for any, "-" for none
	Sort    string // "name" (default), "description", "roles", "id"; "keys" for subusers; "owner", "created" for keys
	Desc    bool
	Page    int // from 1
	PerPage int // default 50; Everything for exports
	// OutlivedOwner selects the keys that are known to have outlived the subuser that they belonged to.
	OutlivedOwner bool
	// OwnerUnknown selects the keys of which neither the vendor reports the subuser nor a former reading did.
	OwnerUnknown bool
	// WithoutDescription selects the principals with an empty description.
	WithoutDescription bool
	// Privileged selects the principals that hold a privileged role, see Options.Privileged.
	Privileged bool
}

// ByRoles reports whether the filter compares roles. Principals with unknown roles then do not match.
func (f Filter) ByRoles() bool { return f.Role != "" || f.Privileged }

// Page is one page of a filtered list.
type Page struct {
	Rows      []access.Principal
	Matches   int      // how many principals match the filter
	Total     int      // how many there are in the account
	Page      int      // the page shown, from 1: the last one when a later one was asked for
	Pages     int      // at least 1
	RoleNames []string // sorted names of roles that any principal of the kind has
	Status    Status
}

// Status is the age of the snapshot that a list was made from, and the quality of its principals of one kind.
type Status struct {
	AsOf         time.Time  // when its listing began; zero before the first
	PatchedAt    time.Time  // when the newest row was read that differs from the listing; zero when none does
	Refreshing   bool       // a newer listing is being read
	LoadedRows   int        // rows read so far by the listing under way
	Incomplete   bool       // rows may be missing: they moved during each pass, paging did not work, or keys failed
	RolesUnknown int        // rows without a roles field in the vendor's answer: they may have any role
	LastError    *ReadError // why the newest attempt failed; nil when it did not
}

// Cold reports whether nothing has been read yet.
func (s Status) Cold() bool { return s.AsOf.IsZero() }

// of returns the status with the age and the quality of a section. One that could not be read is as old as the rest.
func (s Status) of(kind *section) Status {
	if !kind.unread() {
		s.AsOf = kind.asOf
	}
	s.PatchedAt, s.Incomplete, s.RolesUnknown = kind.patchedAt, !kind.complete, kind.rolesUnknown
	return s
}

// Counts are the numbers of an account for the overview.
type Counts struct {
	Subusers               int
	Keys                   int
	KeysKnown              bool // false when the keys could not all be read
	KeysWithoutDescription int
	KeysOutlivedOwner      int    // see Filter.OutlivedOwner
	WithoutRoles           int    // subusers that are known to have no role
	Status                 Status // of the subusers
}

// List returns a page of the snapshot. Until the principals of the kind have been read for the first time it waits at
// most ColdWait and then returns a page with a cold Status. It returns a *ReadError when there is no snapshot and none
// could be read, or the error of the context.
func (d *Directory) List(ctx context.Context, account int64, kind access.Kind, f Filter) (Page, error) {
	snap, status, err := d.account(account).withKind(ctx, kind, d.coldWait)
	if err != nil {
		return Page{}, err
	}
	if snap == nil {
		return Page{Page: 1, Pages: 1, Status: status}, nil
	}
	all, matches := snap.section(kind), snap.find(kind, f)
	if f.Privileged {
		matches = d.privilegedRows(ctx, account, matches)
	}
	page, pages, from, to := Paginate(len(matches), f.Page, f.PerPage, defaultPerPage)
	return Page{
		Rows:      snap.principals(matches[from:to]),
		Matches:   len(matches),
		Total:     len(all.sorted[byName]),
		Page:      page,
		Pages:     pages,
		RoleNames: all.roleNames,
		Status:    status.of(all),
	}, nil
}

// privilegedRows returns the rows that hold a privileged role.
func (d *Directory) privilegedRows(ctx context.Context, account int64, rows []*row) []*row {
	holds := d.privileged(d.Catalogue(ctx, account))
	var matches []*row
	for _, r := range rows {
		if holds(r.Principal) {
			matches = append(matches, r)
		}
	}
	return matches
}

// ByIDs returns principals from the snapshot, in the order of the ids; ids that it lacks are left out. It waits as
// Counts does and fails as List does.
func (d *Directory) ByIDs(
	ctx context.Context,
	account int64,
	kind access.Kind,
	ids []string,
) ([]access.Principal, Status, error) {
	return d.selectRows(ctx, account, kind, func(snap *snapshot) []*row {
		var rows []*row
		for _, id := range ids {
			if r := snap.section(kind).lookUp(access.Ref{Kind: kind, ID: id}); r != nil {
				rows = append(rows, r)
			}
		}
		return rows
	})
}

// WithRole returns the principals of one kind in the snapshot that have a role, by name. It waits as Counts
// does and fails as List does.
func (d *Directory) WithRole(
	ctx context.Context,
	account int64,
	kind access.Kind,
	roleID int64,
) ([]access.Principal, Status, error) {
	return d.selectRows(ctx, account, kind, func(snap *snapshot) []*row {
		var rows []*row
		for _, r := range snap.section(kind).sorted[byName] {
			if r.HasRole(roleID) {
				rows = append(rows, r)
			}
		}
		return rows
	})
}

// selectRows returns the selected rows of the snapshot, all of one kind.
func (d *Directory) selectRows(
	ctx context.Context,
	account int64,
	kind access.Kind,
	selected func(*snapshot) []*row,
) ([]access.Principal, Status, error) {
	snap, status, err := d.account(account).withKind(ctx, kind, 0)
	if snap == nil {
		return nil, status, err
	}
	return snap.principals(selected(snap)), status.of(snap.section(kind)), nil
}

// KeysBelongingTo returns the keys that the snapshot knows to belong to a subuser, by name. known is false when there
// may be more. It waits as Counts does and fails as List does.
func (d *Directory) KeysBelongingTo(
	ctx context.Context,
	account int64,
	subuser access.Ref,
) (keys []access.Principal, known bool, err error) {
	keys, _, err = d.selectRows(ctx, account, access.Key, func(snap *snapshot) []*row {
		known = snap.ownersKnown
		var rows []*row
		for _, r := range snap.keys.sorted[byName] {
			if r.BelongsTo != nil && *r.BelongsTo == subuser {
				rows = append(rows, r)
			}
		}
		return rows
	})
	return keys, known, err
}

// Counts returns the numbers of the snapshot. It waits for the first subusers as List does, but not for the keys, which
// may arrive later. It fails as List does.
func (d *Directory) Counts(ctx context.Context, account int64) (Counts, error) {
	snap, status, err := d.account(account).currentSnapshot(ctx)
	if snap == nil {
		return Counts{Status: status}, err
	}
	return Counts{
		Subusers:               len(snap.subusers.sorted[byName]),
		Keys:                   len(snap.keys.sorted[byName]),
		KeysKnown:              snap.keys.complete,
		KeysWithoutDescription: snap.keys.withoutDescription,
		KeysOutlivedOwner:      len(snap.find(access.Key, Filter{OutlivedOwner: true})),
		WithoutRoles:           snap.subusers.withoutRoles,
		Status:                 status,
	}, nil
}

// RoleCount is a role and the number of principals of one kind that have it.
type RoleCount struct {
	ID         int64
	Name       string
	Principals int
}

// RoleCounts returns the roles that principals of a kind have in the snapshot, those of most principals first. It waits
// as Counts does and fails as List does.
func (d *Directory) RoleCounts(ctx context.Context, account int64, kind access.Kind) ([]RoleCount, Status, error) {
	snap, status, err := d.account(account).withKind(ctx, kind, 0)
	if snap == nil {
		return nil, status, err
	}
	section := snap.section(kind)
	counts := make([]RoleCount, 0, len(section.roles))
	for role, principals := range section.roles {
		counts = append(counts, RoleCount{role.id, role.name, principals})
	}
	slices.SortFunc(counts, func(a, b RoleCount) int {
		return cmp.Or(cmp.Compare(b.Principals, a.Principals), compareNames(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return counts, status.of(section), nil
}
