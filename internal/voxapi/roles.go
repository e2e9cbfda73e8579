package voxapi

import "context"

// Role is a role of the catalogue or of a principal. See https://voximplant.com/docs/references/httpapi/roleview.
type Role struct {
	// ID is the role's id in the catalogue of this account. Published ids are examples: read the catalogue.
	ID int64
	// Name is the vendor's name of the role, such as Owner.
	Name string
	// GUIOnly is the vendor's gui_only: the role is for the control panel.
	GUIOnly bool
	// Inherited reports whether the role comes from a parent role, according to the vendor; nil if the response has no
	// such field. The published example contradicts itself, so treat it as a hint.
	Inherited *bool
	// ParentIDs are the roles that contain this one. The list can be empty although there are some.
	ParentIDs []int64
	// ChildIDs are the roles that this one contains. The list can be empty although there are some.
	ChildIDs []int64
}

// RoleGroup is a group of roles in the catalogue.
type RoleGroup struct {
	// ID is the group's id.
	ID int64
	// Name is the group's name, as GetRoles takes it.
	Name string
}

// GetRoles lists the catalogue of roles that can be assigned. group is the name of a role group, or empty for all. Any
// key may call it.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/get-roles
func (r *Reader) GetRoles(ctx context.Context, account int64, group string) ([]Role, error) {
	p := newParams()
	p.optional("group_name", group)
	return readList(ctx, r, account, "GetRoles", p, wireRole.role)
}

// GetRoleGroups lists the role groups of the catalogue. Which keys may call it is not documented; code 104 means that
// the console key may not.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/get-role-groups
func (r *Reader) GetRoleGroups(ctx context.Context, account int64) ([]RoleGroup, error) {
	return readList(ctx, r, account, "GetRoleGroups", newParams(), wireRoleGroup.group)
}

// wireRole is the vendor's RoleView.
type wireRole struct {
	ID        *number           `json:"role_id"`
	Name      text              `json:"role_name"`
	GUIOnly   flag              `json:"gui_only"`
	Inherited *flag             `json:"inherited"`
	ParentIDs oneOrMany[number] `json:"parent_role_id"`
	ChildIDs  oneOrMany[number] `json:"child_ids"`
}

func (w wireRole) role() (Role, error) {
	id, err := requiredID(w.ID, "a role without role_id")
	if err != nil {
		return Role{}, err
	}
	return Role{
		ID:        id,
		Name:      string(w.Name),
		GUIOnly:   bool(w.GUIOnly),
		Inherited: w.Inherited.pointer(),
		ParentIDs: int64s(w.ParentIDs),
		ChildIDs:  int64s(w.ChildIDs),
	}, nil
}

// decodeRoles converts the roles field of a subuser or key. The second result is false if the response has no such
// field.
func decodeRoles(wire *oneOrMany[wireRole]) ([]Role, bool, error) {
	if wire == nil {
		return nil, false, nil
	}
	roles, err := convertAll(*wire, wireRole.role)
	return roles, err == nil, err
}

// wireRoleGroup is the vendor's RoleGroupView.
type wireRoleGroup struct {
	ID   *number `json:"id"`
	Name text    `json:"name"`
}

func (w wireRoleGroup) group() (RoleGroup, error) {
	id, err := requiredID(w.ID, "a role group without id")
	if err != nil {
		return RoleGroup{}, err
	}
	return RoleGroup{ID: id, Name: string(w.Name)}, nil
}
