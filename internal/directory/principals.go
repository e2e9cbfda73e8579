package directory

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
)

// Filter selects, sorts and pages a list of principals of one kind. The zero value is the first page of all of them,
// sorted by name.
type Filter struct {
	Query   string // every word must occur in the name, the description, the id or owner of a key, or a role's name
	Role    string // the name of a role that the principal has, compared without case; "" for any, "-" for none
	Sort    string // "name" (default), "description", "roles", "id"; "keys" for subusers, "owner" for keys
	Desc    bool
	Page    int // from 1
	PerPage int // default 50; Everything for exports
}

// Page is one page of a filtered list.
type Page struct {
	Rows      []access.Principal
	Matches   int      // how many principals match the filter
	Total     int      // how many there are in the account
	Page      int      // the page shown, from 1: the last one when a later one was asked for
	Pages     int      // at least 1
	RoleNames []string // sorted names of roles that any principal of the kind has
	Known     bool     // false: they could not all be read
	Status    Status
}

// List returns a page of the snapshot. With no snapshot it waits at most ColdWait and then returns a page whose Status
// is cold. It returns a *ReadError when there is no snapshot and none could be read, or the error of the context.
func (d *Directory) List(ctx context.Context, account int64, kind access.Kind, f Filter) (Page, error) {
	if kind == access.Key {
		p, err := d.KeyPage(ctx, account, KeyFilter(f))
		return Page{
			Rows: principalsOfKeys(p.Rows), Matches: p.Matches, Total: p.Total, Page: p.Page, Pages: p.Pages,
			RoleNames: p.RoleNames, Known: p.Known, Status: p.Status,
		}, err
	}
	old := SubuserFilter(f)
	if old.Sort == "name" {
		old.Sort = "login"
	}
	p, err := d.Subusers(ctx, account, old)
	return Page{
		Rows: principalsOfSubusers(p.Rows), Matches: p.Matches, Total: p.Total, Page: p.Page, Pages: p.Pages,
		RoleNames: p.RoleNames, Known: !p.Status.Cold(), Status: p.Status,
	}, err
}

// ByID reads one principal from the vendor, never from the snapshot. It returns ErrNotFound, a *ReadError or the error
// of the context. The snapshot is updated with what was read.
func (d *Directory) ByID(ctx context.Context, account int64, ref access.Ref) (access.Principal, error) {
	switch ref.Kind {
	case access.Subuser:
		s, err := d.SubuserByID(ctx, account, ref.SubuserID())
		return s.Principal(), err
	case access.Key:
		k, err := d.KeyByID(ctx, account, ref.ID)
		return k.Principal(), err
	default:
		return access.Principal{}, ErrNotFound
	}
}

// ByIDs returns principals of one kind from the snapshot, in the order of the ids; ids that it lacks are left out. It
// waits and fails as List does.
func (d *Directory) ByIDs(
	ctx context.Context,
	account int64,
	kind access.Kind,
	ids []string,
) ([]access.Principal, Status, error) {
	page, err := d.List(ctx, account, kind, Filter{PerPage: Everything})
	byID := map[string]access.Principal{}
	for _, p := range page.Rows {
		byID[p.ID] = p
	}
	var found []access.Principal
	for _, id := range ids {
		if p, ok := byID[id]; ok {
			found = append(found, p)
		}
	}
	return found, page.Status, err
}

// WithRole returns the principals of one kind in the snapshot that have a role, by name. It waits and fails as List
// does.
func (d *Directory) WithRole(
	ctx context.Context,
	account int64,
	kind access.Kind,
	roleID int64,
) ([]access.Principal, Status, error) {
	if kind == access.Key {
		keys, status, err := d.KeysWithRole(ctx, account, roleID)
		return principalsOfKeys(keys), status, err
	}
	subusers, status, err := d.SubusersWithRole(ctx, account, roleID)
	return principalsOfSubusers(subusers), status, err
}

// KeysBelongingTo returns the keys that the snapshot knows to belong to a subuser. known is false when there may be
// more. It waits and fails as List does.
func (d *Directory) KeysBelongingTo(
	ctx context.Context,
	account int64,
	subuser access.Ref,
) (keys []access.Principal, known bool, err error) {
	found, known, err := d.KeysOf(ctx, account, subuser.SubuserID())
	return principalsOfKeys(found), known, err
}

// Search is the result of Find.
type Search struct {
	Found     bool
	Principal access.Principal   // the one with the tag, else the only one with the name
	SameName  []access.Principal // all with the name; subusers have unique names
	Complete  bool               // false: the listing may lack some, so that absence proves nothing
}

// Find reads the whole listing of a kind from the vendor and returns the principal whose description ends in the tag,
// whatever its name, else by its name, compared without case for subusers. tag may be "". It returns a *ReadError or
// the error of the context.
func (d *Directory) Find(ctx context.Context, account int64, kind access.Kind, name, tag string) (Search, error) {
	if kind == access.Key {
		k, found, named, complete, err := d.FindKey(ctx, account, tag, name)
		return Search{Found: found, Principal: k.Principal(), SameName: principalsOfKeys(named), Complete: complete}, err
	}
	s, found, complete, err := d.FindSubuser(ctx, account, name, tag)
	return Search{Found: found, Principal: s.Principal(), Complete: complete}, err
}

// Principal returns the subuser as a principal.
func (s Subuser) Principal() access.Principal {
	return access.Principal{
		Ref: access.SubuserRef(s.ID), Name: s.Login, Description: s.Description, Tag: s.Tag,
		Roles: s.Roles, RolesKnown: s.RolesKnown, Keys: s.Keys, KeysKnown: s.KeysKnown,
	}
}

// Principal returns the key as a principal.
func (k Key) Principal() access.Principal {
	p := access.Principal{
		Ref: access.KeyRef(k.ID), Name: k.Name, Description: k.Description, Tag: k.Tag,
		Roles: k.Roles, RolesKnown: k.RolesKnown, OwnerLogin: k.OwnerLogin, OwnerKnown: k.OwnerKnown,
	}
	if owner := access.SubuserRef(k.OwnerID); k.OwnerKnown && !owner.IsZero() {
		p.BelongsTo = &owner
	}
	return p
}

func principalsOfSubusers(subusers []Subuser) []access.Principal {
	out := make([]access.Principal, 0, len(subusers))
	for _, s := range subusers {
		out = append(out, s.Principal())
	}
	return out
}

func principalsOfKeys(keys []Key) []access.Principal {
	out := make([]access.Principal, 0, len(keys))
	for _, k := range keys {
		out = append(out, k.Principal())
	}
	return out
}
