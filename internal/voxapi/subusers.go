package voxapi

import "context"

// SubUser is a person with limited access to the control panel. See
// https://voximplant.com/docs/references/httpapi/subuserview.
type SubUser struct {
	// ID is the subuser's id, a positive number.
	ID int64
	// Name is the login, which the vendor stores in lower case.
	Name string
	// Description is free text; its maximum length is not documented.
	Description string
	// Roles are the subuser's roles, direct and inherited.
	Roles []Role
	// RolesKnown is false if the response had no roles field. Roles is then empty, which does not mean that the subuser
	// has none.
	RolesKnown bool
}

// SubUsersQuery selects subusers.
type SubUsersQuery struct {
	// ID selects one subuser; 0 for all.
	ID int64
	// WithRoles includes the roles of each subuser.
	WithRoles bool
	// Offset is how many rows to skip.
	Offset int
	// Count is the page size; 0 leaves it to the vendor. The vendor's default and maximum are not documented, so a
	// short page is not necessarily the last.
	Count int
}

// GetSubUsers lists subusers, without a total and without the account holder. An unknown id returns an empty list or
// code 434; which one is not documented. The console key needs the role Owner, else the code is 104.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/get-sub-users
func (r *Reader) GetSubUsers(ctx context.Context, account int64, q SubUsersQuery) ([]SubUser, error) {
	p := newParams()
	if q.ID != 0 {
		p.subuserID(q.ID)
	}
	p.flag("with_roles", q.WithRoles)
	p.count("offset", q.Offset)
	p.count("count", q.Count)
	return readList(ctx, r, account, "GetSubUsers", p, wireSubUser.subUser)
}

// GetSubUserRoles lists the roles of a subuser. expanded includes additional properties of the roles. Code 434: no such
// subuser. The console key needs the role Owner, else the code is 104.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/get-sub-user-roles
func (r *Reader) GetSubUserRoles(ctx context.Context, account, id int64, expanded bool) ([]Role, error) {
	p := newParams()
	p.subuserID(id)
	p.flag("with_expanded_roles", expanded)
	return readList(ctx, r, account, "GetSubUserRoles", p, wireRole.role)
}

// wireSubUser is the vendor's SubUserView.
type wireSubUser struct {
	ID          *number              `json:"subuser_id"`
	Name        text                 `json:"subuser_name"`
	Description text                 `json:"description"`
	Roles       *oneOrMany[wireRole] `json:"roles"`
}

func (w wireSubUser) subUser() (SubUser, error) {
	id, err := requiredID(w.ID, "a subuser without subuser_id")
	if err != nil {
		return SubUser{}, err
	}
	roles, known, err := decodeRoles(w.Roles)
	if err != nil {
		return SubUser{}, err
	}
	return SubUser{
		ID:          id,
		Name:        string(w.Name),
		Description: string(w.Description),
		Roles:       roles,
		RolesKnown:  known,
	}, nil
}
