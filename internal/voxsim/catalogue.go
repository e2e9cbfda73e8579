package voxsim

import (
	"cmp"
	"fmt"
	"slices"
)

// role is one role of the catalogue that GetRoles returns.
type role struct {
	id          int64
	name        string
	otherName   string // GetRoles lists the role a second time with this name; "" does not
	group       string
	guiOnly     bool
	parents     []int64
	children    []int64 // directly contained roles
	descendants []int64 // directly and indirectly contained roles
}

// catalogue is a set of roles. It is never modified after newCatalogue; Sim.ChangeRole replaces it.
type catalogue struct {
	roles  []role
	byID   map[int64]*role
	byName map[string]*role
	groups []string // a group's id is its position in this list, from 1
}

// newCatalogue indexes roles and derives their children and descendants from their parents.
func newCatalogue(roles []role) catalogue {
	c := catalogue{roles: roles, byID: make(map[int64]*role), byName: make(map[string]*role)}
	for i := range roles {
		r := &roles[i]
		c.byID[r.id], c.byName[r.name] = r, r
		if !slices.Contains(c.groups, r.group) {
			c.groups = append(c.groups, r.group)
		}
	}
	for i := range roles {
		for _, parent := range roles[i].parents {
			c.byID[parent].children = append(c.byID[parent].children, roles[i].id)
		}
	}
	for i := range roles {
		roles[i].descendants = c.descendantsOf(&roles[i])
	}
	return c
}

// RoleChange is a change of the catalogue, which the vendor may make at any time.
type RoleChange struct {
	RoleID    int64   // as the API shows it
	Name      string  // the new name; "" keeps it
	OtherName string  // a name under which GetRoles lists the role a second time; "" for none
	Parents   []int64 // as the API shows them: roles that contain this one from now on, without cycles; nil keeps them
}

// ChangeRole changes a role of the catalogue. It returns an error for a role that the catalogue lacks.
func (s *Sim) ChangeRole(c RoleChange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	shift := int64(s.variants.RoleIDShift)
	roles, found := slices.Clone(s.roles.roles), false
	for i := range roles {
		r := &roles[i]
		r.children, r.descendants = nil, nil
		if r.id != c.RoleID-shift {
			continue
		}
		found = true
		r.name, r.otherName = cmp.Or(c.Name, r.name), c.OtherName
		if c.Parents != nil {
			r.parents = nil
			for _, id := range c.Parents {
				r.parents = append(r.parents, id-shift)
			}
		}
	}
	if !found {
		return fmt.Errorf("the catalogue has no role %d", c.RoleID)
	}
	s.roles = newCatalogue(roles)
	return nil
}

func (c catalogue) descendantsOf(r *role) []int64 {
	var all []int64
	for _, child := range r.children {
		all = union(all, append([]int64{child}, c.descendantsOf(c.byID[child])...))
	}
	return all
}

// effective returns the direct roles and all roles that they contain, ascending.
func (c catalogue) effective(direct []int64) []int64 {
	all := direct
	for _, id := range direct {
		all = union(all, c.byID[id].descendants)
	}
	return all
}

// sampleRoles returns the catalogue of the simulated account. Published are only Owner and Admin with ids 1 and 2 (by
// inference), Support with id 3 under both, Accountant with id 7, the names of the other roles and the nestings of
// UserManager and ACDManager. Ids from 101, groups, gui_only beyond Support and Accountant, and the spelling of nested
// names are sample data. MainAccount is the account holder, not a role that can be assigned, so it is not listed.
func sampleRoles() []role {
	return []role{
		{id: roleOwner, name: "Owner", group: "Account"},
		{id: roleAdmin, name: "Admin", group: "Account"},
		{id: 3, name: "Support", group: "Contact center", guiOnly: true, parents: []int64{roleOwner, roleAdmin}},
		{id: 7, name: "Accountant", group: "Billing", guiOnly: true},
		{id: 101, name: "Developer", group: "Account"},
		{id: 102, name: "Supervisor", group: "Contact center", guiOnly: true},
		{id: 103, name: "CallListManager", group: "Contact center"},
		{id: 104, name: "PhoneNumberManager", group: "Billing"},
		{id: 105, name: "Payer", group: "Billing", guiOnly: true},
		{id: 106, name: "PayerNoVerify", group: "Billing", guiOnly: true},
		{id: 107, name: "Verification", group: "Billing"},
		{id: 108, name: "Scenarios", group: "API"},
		{id: 109, name: "CallsSMS", group: "API"},
		{id: 110, name: "CallHistory", group: "API"},
		{id: 120, name: "UserManager", group: "Users"},
		{id: 121, name: "UserRead", group: "Users", parents: []int64{120}},
		{id: 122, name: "UserUpdate", group: "Users", parents: []int64{120}},
		{id: 130, name: "ACDManager", group: "Contact center"},
		{id: 131, name: "ACDStats", group: "Contact center", parents: []int64{130}},
		{id: 132, name: "ACDManagement", group: "Contact center", parents: []int64{130}},
	}
}

const (
	roleOwner int64 = 1
	roleAdmin int64 = 2
)
