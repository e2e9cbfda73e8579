package policy

import (
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/operator"
)

func TestRolesOf(t *testing.T) {
	t.Parallel()
	p := New(Mapping{
		Groups:    map[DashboardRole][]string{Viewer: {"staff"}, Editor: {"ops", "ops-night"}, Admin: {"leads"}},
		Operators: map[DashboardRole][]string{Auditor: {"https://id.example|anna"}, Admin: {"https://id.example|root"}},
	}, nil)
	tests := []struct {
		name string
		who  operator.Operator
		want []DashboardRole
	}{
		{"not signed in", operator.Operator{}, nil},
		{"not signed in, with groups", operator.Operator{Groups: []string{"leads"}}, nil},
		{"no subject", operator.Operator{Issuer: "https://id.example", Groups: []string{"leads"}}, nil},
		{"no issuer", operator.Operator{Subject: "root", Groups: []string{"leads"}}, nil},
		{"not mapped", operator.Operator{Issuer: "https://id.example", Subject: "eve"}, nil},
		{
			"groups that are not mapped",
			operator.Operator{Issuer: "https://id.example", Subject: "eve", Groups: []string{"Leads", "lead", ""}},
			nil,
		},
		{
			"by a group",
			operator.Operator{Issuer: "https://id.example", Subject: "bob", Groups: []string{"staff"}},
			[]DashboardRole{Viewer},
		},
		{
			"by another group of the same role",
			operator.Operator{Issuer: "https://id.example", Subject: "bob", Groups: []string{"x", "ops-night"}},
			[]DashboardRole{Editor},
		},
		{
			"roles add up",
			operator.Operator{Issuer: "https://id.example", Subject: "bob", Groups: []string{"leads", "staff", "ops"}},
			[]DashboardRole{Viewer, Editor, Admin},
		},
		{"by identity", operator.Operator{Issuer: "https://id.example", Subject: "anna"}, []DashboardRole{Auditor}},
		{
			"by identity and by a group",
			operator.Operator{Issuer: "https://id.example", Subject: "anna", Groups: []string{"staff"}},
			[]DashboardRole{Viewer, Auditor},
		},
		{"the same subject of another issuer", operator.Operator{Issuer: "https://evil.example", Subject: "root"}, nil},
		{
			"a name and an address that equal a mapped subject",
			operator.Operator{Issuer: "https://id.example", Subject: "eve", Name: "root", Email: "root", EmailVerified: true},
			nil,
		},
		{"the subject in other case", operator.Operator{Issuer: "https://id.example", Subject: "Root"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := p.RolesOf(test.who)
			if !slices.Equal(got, test.want) {
				t.Errorf("roles %v, want %v", got, test.want)
			}
			if len(test.want) == 0 {
				for _, d := range Permissions() {
					if p.May(test.who, d.Permission) {
						t.Errorf("may %s", d.Permission)
					}
				}
			}
		})
	}
}

// An address counts only when the mapped issuer has verified it.
func TestOperatorsByEmail(t *testing.T) {
	t.Parallel()
	p := New(
		Mapping{
			Operators: map[DashboardRole][]string{
				Admin: {"https://id.example|email:Anna@Example.com", "https://id.example|email:risk@example.com"},
			},
		},
		nil,
	)
	anna := operator.Operator{Issuer: "https://id.example", Subject: "1", Email: "anna@example.com", EmailVerified: true}
	change := func(with func(*operator.Operator)) operator.Operator { o := anna; with(&o); return o }
	for name, test := range map[string]struct {
		who  operator.Operator
		want bool
	}{
		"verified address":   {anna, true},
		"unverified address": {change(func(o *operator.Operator) { o.EmailVerified = false }), false},
		"another issuer":     {change(func(o *operator.Operator) { o.Issuer = "https://evil.example" }), false},
		"another address": {
			change(func(o *operator.Operator) { o.Email = "anna@example.com.evil.example" }),
			false,
		},
		"the Kelvin sign for k":   {change(func(o *operator.Operator) { o.Email = "ris\u212a@example.com" }), false},
		"a long s for s":          {change(func(o *operator.Operator) { o.Email = "ri\u017fk@example.com" }), false},
		"an address as a subject": {operator.Operator{Issuer: "https://id.example", Subject: "anna@example.com"}, false},
		"the lower-case setting as a subject": {
			operator.Operator{Issuer: "https://id.example", Subject: "email:anna@example.com"},
			false,
		},
		"the whole setting as a subject": {
			operator.Operator{Issuer: "https://id.example", Subject: "email:Anna@Example.com"},
			false,
		},
	} {
		if got := p.May(test.who, Privileged); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
	noAddress := New(Mapping{Operators: map[DashboardRole][]string{Admin: {"https://id.example|email:"}}}, nil)
	if noAddress.May(operator.Operator{Issuer: "https://id.example", Subject: "1", EmailVerified: true}, Privileged) {
		t.Error("an empty address matches an operator without one")
	}
}

func TestEmptyMappingGrantsNothing(t *testing.T) {
	t.Parallel()
	p := New(Mapping{}, nil)
	admin := operator.Operator{Issuer: "demo", Subject: "admin", Groups: []string{"admin"}}
	if roles := p.RolesOf(admin); len(roles) != 0 {
		t.Errorf("roles %v", roles)
	}
}

func TestPermissionsAddUp(t *testing.T) {
	t.Parallel()
	p := New(Mapping{Groups: map[DashboardRole][]string{Auditor: {"a"}, Editor: {"e"}}}, nil)
	both := operator.Operator{Issuer: "i", Subject: "s", Groups: []string{"a", "e"}}
	for _, permission := range []Permission{AuditView, SubusersRoles, AuditOwn} {
		if !p.May(both, permission) {
			t.Errorf("an auditor and editor may not %s", permission)
		}
	}
	if p.May(both, Privileged) {
		t.Error("an auditor and editor has a permission of admins")
	}
}
