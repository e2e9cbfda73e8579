package policy

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Mapping says which groups and which people have which dashboard role.
type Mapping struct {
	Groups map[DashboardRole][]string // the issuer's group names
	// "issuer|subject", or "issuer|email:address" for an address that this issuer vouches for
	Operators map[DashboardRole][]string
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
		if n := normaliseName(name); n != "" {
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
	if !o.Authenticated() {
		return nil
	}
	for _, role := range DashboardRoles() {
		inGroup := slices.ContainsFunc(p.mapping.Groups[role], func(g string) bool { return slices.Contains(o.Groups, g) })
		if inGroup || slices.ContainsFunc(
			p.mapping.Operators[role],
			func(named string) bool { return isMappedOperator(o, named) },
		) {
			roles = append(roles, role)
		}
	}
	return roles
}

// emailPrefix begins the second half of a person who is named by their address.
const emailPrefix = "email:"

// isMappedOperator says whether an operator is the one who is named. An address counts only when the named issuer
// vouches for it: elsewhere anybody may write any address. The case of its plain letters does not matter, as with
// mail itself. That of others does: the sign for kelvin would pass for a k, and an address with it is somebody
// else's.
func isMappedOperator(o operator.Operator, named string) bool {
	issuer, subject, _ := strings.Cut(named, "|")
	if address, byEmail := strings.CutPrefix(subject, emailPrefix); byEmail {
		return o.Issuer == issuer && o.EmailVerified && o.Email != "" && asciiLower(o.Email) == asciiLower(address)
	}
	return o.ID() == named
}

// asciiLower is a text with the letters A to Z in lower case, and all others as they are.
func asciiLower(text string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	}, text)
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
// with audit.view, one's own with audit.own. actor is the operation's "issuer|subject".
func (p *Policy) MaySeeOperation(o operator.Operator, actor string) bool {
	return p.May(o, AuditView) || p.May(o, AuditOwn) && actor == o.ID()
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
