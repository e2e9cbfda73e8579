package directory

import (
	"context"
	"strconv"

	"github.com/voxwarden/voxwarden/internal/access"
)

// Subuser is a subuser as last read.
//
// Deprecated: use access.Principal.
type Subuser struct {
	ID          int64
	Login       string
	Description string
	Tag         string
	Roles       []access.RoleAssignment
	RolesKnown  bool
	Keys        []access.NamedKey
	KeysKnown   bool
}

// DirectRoleIDs returns the ids of the direct roles.
func (s Subuser) DirectRoleIDs() []int64 { return s.Principal().DirectRoleIDs() }

// RoleIDs returns the ids of all roles.
func (s Subuser) RoleIDs() []int64 { return s.Principal().RoleIDs() }

// Key is a service-account key as last read.
//
// Deprecated: use access.Principal.
type Key struct {
	ID          string
	Name        string
	Description string
	Tag         string
	Roles       []access.RoleAssignment
	RolesKnown  bool
	OwnerID     int64
	OwnerLogin  string
	OwnerKnown  bool
}

// DirectRoleIDs returns the ids of the direct roles.
func (k Key) DirectRoleIDs() []int64 { return k.Principal().DirectRoleIDs() }

// RoleIDs returns the ids of all roles.
func (k Key) RoleIDs() []int64 { return k.Principal().RoleIDs() }

// KeyList is every key of an account, by name.
//
// Deprecated: use Page.
type KeyList struct {
	Keys   []Key
	Known  bool
	Status Status
}

// SubuserFilter is a Filter for subusers; Sort "login" is "name".
//
// Deprecated: use Filter.
type SubuserFilter struct {
	Query   string
	Role    string
	Sort    string
	Desc    bool
	Page    int
	PerPage int
}

// SubuserPage is a Page of subusers.
//
// Deprecated: use Page.
type SubuserPage struct {
	Rows      []Subuser
	Matches   int
	Total     int
	Page      int
	Pages     int
	RoleNames []string
	Status    Status
}

// KeyFilter is a Filter for keys.
//
// Deprecated: use Filter.
type KeyFilter struct {
	Query   string
	Role    string
	Sort    string
	Desc    bool
	Page    int
	PerPage int
}

// KeyPage is a Page of keys.
//
// Deprecated: use Page.
type KeyPage struct {
	Rows      []Key
	Matches   int
	Total     int
	Page      int
	Pages     int
	RoleNames []string
	Known     bool
	Status    Status
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

func subuserOf(p access.Principal) Subuser {
	return Subuser{
		ID: p.SubuserID(), Login: p.Name, Description: p.Description, Tag: p.Tag,
		Roles: p.Roles, RolesKnown: p.RolesKnown, Keys: p.Keys, KeysKnown: p.KeysKnown,
	}
}

func keyOf(p access.Principal) Key {
	k := Key{
		ID: p.ID, Name: p.Name, Description: p.Description, Tag: p.Tag,
		Roles: p.Roles, RolesKnown: p.RolesKnown, OwnerLogin: p.OwnerLogin, OwnerKnown: p.OwnerKnown,
	}
	if p.BelongsTo != nil {
		k.OwnerID = p.BelongsTo.SubuserID()
	}
	return k
}

func subusersOf(principals []access.Principal) []Subuser {
	var subusers []Subuser
	for _, p := range principals {
		subusers = append(subusers, subuserOf(p))
	}
	return subusers
}

func keysOf(principals []access.Principal) []Key {
	var keys []Key
	for _, p := range principals {
		keys = append(keys, keyOf(p))
	}
	return keys
}

// Subusers is List for subusers.
//
// Deprecated: use List.
func (d *Directory) Subusers(ctx context.Context, account int64, f SubuserFilter) (SubuserPage, error) {
	p, err := d.List(ctx, account, access.Subuser, Filter(f))
	return SubuserPage{
		Rows: subusersOf(p.Rows), Matches: p.Matches, Total: p.Total, Page: p.Page, Pages: p.Pages,
		RoleNames: p.RoleNames, Status: p.Status,
	}, err
}

// KeyPage is List for keys.
//
// Deprecated: use List.
func (d *Directory) KeyPage(ctx context.Context, account int64, f KeyFilter) (KeyPage, error) {
	p, err := d.List(ctx, account, access.Key, Filter(f))
	return KeyPage{
		Rows: keysOf(p.Rows), Matches: p.Matches, Total: p.Total, Page: p.Page, Pages: p.Pages,
		RoleNames: p.RoleNames, Known: p.Known, Status: p.Status,
	}, err
}

// Keys returns all keys.
//
// Deprecated: use List.
func (d *Directory) Keys(ctx context.Context, account int64) (KeyList, error) {
	p, err := d.List(ctx, account, access.Key, Filter{PerPage: Everything})
	return KeyList{Keys: keysOf(p.Rows), Known: p.Known, Status: p.Status}, err
}

// SubuserByID is ByID for subusers.
//
// Deprecated: use ByID.
func (d *Directory) SubuserByID(ctx context.Context, account, id int64) (Subuser, error) {
	p, err := d.ByID(ctx, account, access.SubuserRef(id))
	return subuserOf(p), err
}

// KeyByID is ByID for keys.
//
// Deprecated: use ByID.
func (d *Directory) KeyByID(ctx context.Context, account int64, id string) (Key, error) {
	p, err := d.ByID(ctx, account, access.KeyRef(id))
	return keyOf(p), err
}

// SubusersByIDs is ByIDs for subusers.
//
// Deprecated: use ByIDs.
func (d *Directory) SubusersByIDs(ctx context.Context, account int64, ids []int64) ([]Subuser, Status, error) {
	var texts []string
	for _, id := range ids {
		texts = append(texts, strconv.FormatInt(id, 10))
	}
	found, status, err := d.ByIDs(ctx, account, access.Subuser, texts)
	return subusersOf(found), status, err
}

// SubusersWithRole is WithRole for subusers.
//
// Deprecated: use WithRole.
func (d *Directory) SubusersWithRole(ctx context.Context, account, roleID int64) ([]Subuser, Status, error) {
	found, status, err := d.WithRole(ctx, account, access.Subuser, roleID)
	return subusersOf(found), status, err
}

// KeysWithRole is WithRole for keys.
//
// Deprecated: use WithRole.
func (d *Directory) KeysWithRole(ctx context.Context, account, roleID int64) ([]Key, Status, error) {
	found, status, err := d.WithRole(ctx, account, access.Key, roleID)
	return keysOf(found), status, err
}

// KeysOf is KeysBelongingTo.
//
// Deprecated: use KeysBelongingTo.
func (d *Directory) KeysOf(ctx context.Context, account, subuser int64) (keys []Key, known bool, err error) {
	found, known, err := d.KeysBelongingTo(ctx, account, access.SubuserRef(subuser))
	return keysOf(found), known, err
}

// FindSubuser is Find for subusers.
//
// Deprecated: use Find.
func (d *Directory) FindSubuser(
	ctx context.Context,
	account int64,
	login, tag string,
) (s Subuser, found, complete bool, err error) {
	search, err := d.Find(ctx, account, access.Subuser, login, tag)
	return subuserOf(search.Principal), search.Found, search.Complete, err
}

// FindKey is Find for keys.
//
// Deprecated: use Find.
func (d *Directory) FindKey(
	ctx context.Context,
	account int64,
	tag, name string,
) (k Key, found bool, named []Key, complete bool, err error) {
	search, err := d.Find(ctx, account, access.Key, name, tag)
	return keyOf(search.Principal), search.Found, keysOf(search.SameName), search.Complete, err
}
