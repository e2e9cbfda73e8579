package policy

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Mapping says which groups and which people have which dashboard role.
type Mapping struct {
	Groups map[DashboardRole][]string // the issuer's group names
	People map[DashboardRole][]string // "issuer|subject"
}

// Policy answers questions of permission. It is made once and never changes.
type Policy struct {
	mapping    Mapping
	privileged []string // normalised names
	table      map[Permission][]DashboardRole
}

// New makes a policy from the configured mapping and the names of the privileged roles.
func New(mapping Mapping, privilegedRoles []string) *Policy {
	p := &Policy{mapping: mapping, table: map[Permission][]DashboardRole{}}
	for _, name := range privilegedRoles {
		if n := normalise(name); n != "" {
			p.privileged = append(p.privileged, n)
		}
	}
	for _, d := range Permissions() {
		p.table[d.Permission] = d.Roles
	}
	return p
}

// RolesOf returns the dashboard roles of an operator, from the least to the most; none for a stranger.
func (p *Policy) RolesOf(o operator.Operator) []DashboardRole {
	var roles []DashboardRole
	if !o.Known() {
		return nil
	}
	for _, role := range DashboardRoles() {
		inGroup := slices.ContainsFunc(p.mapping.Groups[role], func(g string) bool { return slices.Contains(o.Groups, g) })
		if inGroup || slices.Contains(p.mapping.People[role], o.ID()) {
			roles = append(roles, role)
		}
	}
	return roles
}

// May says whether the operator has a permission. An unknown permission is nobody's.
func (p *Policy) May(o operator.Operator, permission Permission) bool {
	return slices.ContainsFunc(p.RolesOf(o), func(r DashboardRole) bool {
		return slices.Contains(p.table[permission], r)
	})
}

// Require is May as an error: nil, or a Denied that names what is missing.
func (p *Policy) Require(o operator.Operator, permission Permission) error {
	if p.May(o, permission) {
		return nil
	}
	return &Denied{Permission: permission}
}

// MaySeeOperation says whether the operator may see an operation in full, its reason and its calls: everybody's
// with record.view, one's own with record.own. actor is the operation's "issuer|subject".
func (p *Policy) MaySeeOperation(o operator.Operator, actor string) bool {
	return p.May(o, RecordView) || p.May(o, RecordOwn) && actor == o.ID()
}

// Denied is the error of an operator who may not do what they asked for.
type Denied struct {
	Permission Permission
	Role       string // the vendor's role that made it so, when one did
}

// Error implements error.
func (d *Denied) Error() string {
	if d.Role != "" {
		return "permission " + string(d.Permission) + " is missing for the role " + d.Role
	}
	return "permission " + string(d.Permission) + " is missing"
}
