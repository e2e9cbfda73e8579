package directory

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// kindInfo is everything in which the two kinds of principals differ here.
type kindInfo struct {
	kind         access.Kind
	listMethod   string // the vendor's method that lists the kind, for errors
	errIDIgnored error  // the vendor ignores the id it is asked for, and the list may lack rows
	uniqueNames  bool
	sameName     func(a, b string) bool
	orders       map[string]order // the names that Filter.Sort may have

	// rows reads a page of the vendor's list.
	rows func(ctx context.Context, reader Reader, account int64, q query) ([]vendorRow, error)
	// roles reads the roles of one principal.
	roles func(ctx context.Context, reader Reader, account int64, ref access.Ref) ([]voxapi.Role, error)
}

// query selects rows of a list of the vendor.
type query struct {
	only      access.Ref // the zero Ref for all
	withRoles bool
	offset    int
	count     int // rows on the page; 0 leaves the number to the vendor
}

// vendorRow is a subuser or key as the vendor returned it.
type vendorRow struct {
	ref         access.Ref
	name        string
	description string // with the tag
	roles       []voxapi.Role
	rolesKnown  bool
	owner       *voxapi.SubUser // of a key; nil when the vendor reports none
}

// kinds returns an entry for each kind of principal.
var kinds = sync.OnceValue(func() map[access.Kind]kindInfo {
	return map[access.Kind]kindInfo{
		access.Subuser: {
			kind:         access.Subuser,
			listMethod:   "GetSubUsers",
			errIDIgnored: errors.New("the vendor ignores subuser_id, and the list of subusers may be incomplete"),
			uniqueNames:  true,
			sameName:     strings.EqualFold,
			orders:       sortOrders(access.Subuser),
			rows:         subuserRows,
			roles: func(ctx context.Context, reader Reader, account int64, ref access.Ref) ([]voxapi.Role, error) {
				return reader.GetSubUserRoles(ctx, account, ref.SubuserID(), true)
			},
		},
		access.Key: {
			kind:         access.Key,
			listMethod:   "GetKeys",
			errIDIgnored: errors.New("the vendor ignores key_id, and the list of keys may be incomplete"),
			sameName:     func(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) },
			orders:       sortOrders(access.Key),
			rows:         keyRows,
			roles: func(ctx context.Context, reader Reader, account int64, ref access.Ref) ([]voxapi.Role, error) {
				return reader.GetKeyRoles(ctx, account, ref.ID, true)
			},
		},
	}
})

func subuserRows(ctx context.Context, reader Reader, account int64, q query) ([]vendorRow, error) {
	listed, err := reader.GetSubUsers(ctx, account, voxapi.SubUsersQuery{
		ID:        q.only.SubuserID(),
		WithRoles: q.withRoles,
		Offset:    q.offset,
		Count:     q.count,
	})
	if err != nil {
		return nil, err
	}
	rows := make([]vendorRow, 0, len(listed))
	for _, u := range listed {
		rows = append(rows, vendorRow{
			ref:         access.SubuserRef(u.ID),
			name:        u.Name,
			description: u.Description,
			roles:       u.Roles,
			rolesKnown:  u.RolesKnown,
		})
	}
	return rows, nil
}

func keyRows(ctx context.Context, reader Reader, account int64, q query) ([]vendorRow, error) {
	listed, err := reader.GetKeys(ctx, account, voxapi.KeysQuery{
		ID:        q.only.ID,
		WithRoles: q.withRoles,
		Offset:    q.offset,
		Count:     q.count,
	})
	if err != nil {
		return nil, err
	}
	rows := make([]vendorRow, 0, len(listed))
	for _, k := range listed {
		row := vendorRow{
			ref:         access.KeyRef(k.ID),
			name:        k.Name,
			description: k.Description,
			roles:       k.Roles,
			rolesKnown:  k.RolesKnown,
		}
		if k.OwnerKnown && len(k.Owner) > 0 {
			row.owner = &k.Owner[0]
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// principal converts a row.
func (i roleIndex) principal(row vendorRow) access.Principal {
	description, tag := SplitTag(row.description)
	p := access.Principal{
		Ref:         row.ref,
		Name:        row.name,
		Description: description,
		Tag:         tag,
		Roles:       i.roleAssignments(row.roles),
		RolesKnown:  row.rolesKnown,
		Reported:    i.unlisted(row.roles),
	}
	if row.owner != nil {
		p.OwnerKnown, p.OwnerLogin = true, row.owner.Name
		if owner := access.SubuserRef(row.owner.ID); !owner.IsZero() {
			p.BelongsTo = &owner
		}
	}
	return p
}

// principals converts the rows of a whole list. The vendor may leave out the roles field of a principal without roles:
// when any row has the field, its absence means no roles. When none has it, no roles are known.
func (i roleIndex) principals(rows []vendorRow) []access.Principal {
	anyRolesKnown := false
	for _, row := range rows {
		anyRolesKnown = anyRolesKnown || row.rolesKnown
	}
	principals := make([]access.Principal, 0, len(rows))
	for _, row := range rows {
		p := i.principal(row)
		p.RolesKnown = anyRolesKnown
		principals = append(principals, p)
	}
	return principals
}
