package policy

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Mapping maps groups and operators to dashboard roles.
type Mapping struct {
	Groups map[DashboardRole][]string // the issuer's group names
	// "issuer|subject", or "issuer|email:address" for an address that the issuer has verified
	Operators map[DashboardRole][]string
}

// Policy is the configured permissions. It never changes and is safe for concurrent use.
type Policy struct {
	mapping    Mapping
	privileged []string // normalised names
	table      map[Permission][]DashboardRole
}

// New returns a policy with the configured mapping and names of privileged roles.
func New(mapping Mapping, privilegedRoles []string) *Policy {
	p := &Policy{mapping: mapping, table: map[Permission][]DashboardRole{}}
	for _, name := range privilegedRoles {
		if n := RoleNameKey(name); n != "" {
			p.privileged = append(p.privileged, n)
		}
	}
	for _, d := range Permissions() {
		p.table[d.Permission] = d.Roles
	}
	return p
}

// RolesOf returns the dashboard roles of an operator, fewest permissions first.
func (p *Policy) RolesOf(o operator.Operator) []DashboardRole {
	var roles []DashboardRole
	if !o.Authenticated() {
		return nil
	}
	for _, role := range DashboardRoles() {
		hasGroup := func(group string) bool { return slices.Contains(o.Groups, group) }
		isEntry := func(entry string) bool { return isMappedOperator(o, entry) }
		if slices.ContainsFunc(p.mapping.Groups[role], hasGroup) ||
			slices.ContainsFunc(p.mapping.Operators[role], isEntry) {
			roles = append(roles, role)
		}
	}
	return roles
}

// emailPrefix marks an operator in the mapping that is identified by e-mail address.
const emailPrefix = "email:"

// isMappedOperator reports whether an entry of the mapping identifies the operator. An address counts only when the
// entry's issuer has verified it: an unverified address can be chosen freely. Only the case of ASCII letters is
// ignored: folding others would make the Kelvin sign equal to k, although that address belongs to another person.
func isMappedOperator(o operator.Operator, entry string) bool {
	issuer, subject, _ := strings.Cut(entry, "|")
	if address, byEmail := strings.CutPrefix(subject, emailPrefix); byEmail {
		return o.Issuer == issuer && o.EmailVerified && o.Email != "" && asciiLower(o.Email) == asciiLower(address)
	}
	return o.ID() == entry
}

// asciiLower returns the text with the letters A to Z in lower case.
func asciiLower(text string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	}, text)
}

// May reports whether the operator has a permission. No operator has an unknown permission.
func (p *Policy) May(o operator.Operator, permission Permission) bool {
	return slices.ContainsFunc(p.RolesOf(o), func(r DashboardRole) bool {
		return slices.Contains(p.table[permission], r)
	})
}

// IsAdminOnly reports whether no dashboard role but Admin has the permission. What it allows counts as privileged and
// needs a recent sign-in.
func (p *Policy) IsAdminOnly(permission Permission) bool {
	return slices.Equal(p.table[permission], []DashboardRole{Admin})
}

// Require returns a *Denied when the operator does not have the permission.
func (p *Policy) Require(o operator.Operator, permission Permission) error {
	if p.May(o, permission) {
		return nil
	}
	return &Denied{Permission: permission}
}

// MaySeeOperation reports whether the operator may see an operation with its reason and its calls: every operation
// with AuditView, their own ones with AuditOwn. actor is the operation's "issuer|subject".
func (p *Policy) MaySeeOperation(o operator.Operator, actor string) bool {
	return p.May(o, AuditView) || p.May(o, AuditOwn) && actor == o.ID()
}

// Denied is the error for a missing permission.
type Denied struct {
	Permission Permission
	Role       string // the role that requires it, "" when none does
}

// Error implements error.
func (d *Denied) Error() string {
	if d.Role != "" {
		return "permission " + string(d.Permission) + " is missing for the role " + d.Role
	}
	return "permission " + string(d.Permission) + " is missing"
}
