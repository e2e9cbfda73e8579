package policy

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// The table is repeated here because the people who map groups to dashboard roles rely on it.
func TestPermissionTable(t *testing.T) {
	t.Parallel()
	table := []struct {
		permission                     Permission
		viewer, auditor, editor, admin bool
	}{
		{OverviewView, true, true, true, true},
		{SubusersView, true, true, true, true},
		{SubusersExport, true, true, true, true},
		{SubusersCreate, false, false, true, true},
		{SubusersEdit, false, false, true, true},
		{SubusersRoles, false, false, true, true},
		{SubusersForce, false, false, false, true},
		{SubusersPassword, false, false, true, true},
		{SubusersReissue, false, false, true, true},
		{SubusersDelete, false, false, true, true},
		{KeysView, true, true, true, true},
		{KeysExport, true, true, true, true},
		{KeysCreate, false, false, false, true},
		{KeysEdit, false, false, false, true},
		{KeysRoles, false, false, false, true},
		{KeysDelete, false, false, false, true},
		{BulkStart, false, false, true, true},
		{RolesView, true, true, true, true},
		{AuditOwn, false, false, true, true},
		{AuditView, false, true, false, true},
		{AuditExport, false, true, false, true},
		{AuditResolve, false, false, false, true},
		{DriftAccept, false, false, false, true},
		{SessionsEnd, false, false, false, true},
		{Privileged, false, false, false, true},
	}
	var listed []Permission
	for _, row := range table {
		listed = append(listed, row.permission)
		want := map[DashboardRole]bool{Viewer: row.viewer, Auditor: row.auditor, Editor: row.editor, Admin: row.admin}
		for role, may := range want {
			policy, member := operatorWithRole(role)
			if policy.May(member, row.permission) != may {
				t.Errorf("%s: %s is %v, want %v", role, row.permission, !may, may)
			}
			err := policy.Require(member, row.permission)
			denied, isDenied := errors.AsType[*Denied](err)
			if may && err != nil || !may && (!isDenied || denied.Permission != row.permission) {
				t.Errorf("%s: requiring %s gives %v", role, row.permission, err)
			}
		}
	}
	for _, d := range Permissions() {
		if !slices.Contains(listed, d.Permission) {
			t.Errorf("%s is not in this test", d.Permission)
		}
	}
	if len(listed) != len(Permissions()) {
		t.Errorf("%d permissions are tested, %d exist", len(listed), len(Permissions()))
	}
}

// operatorWithRole returns a policy and an operator with only this dashboard role.
func operatorWithRole(role DashboardRole) (*Policy, operator.Operator) {
	p := New(Mapping{Groups: map[DashboardRole][]string{role: {"crew"}}}, nil)
	return p, operator.Operator{Issuer: "https://id.example", Subject: "anna", Groups: []string{"crew"}}
}

func TestEveryPermissionIsDescribed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, d := range Permissions() {
		if !strings.HasSuffix(d.Text, ".") || seen[d.Text] || seen[string(d.Permission)] {
			t.Errorf("%s: %q is not a sentence, or used twice", d.Permission, d.Text)
		}
		seen[d.Text], seen[string(d.Permission)] = true, true
		if !slices.Contains(d.Roles, Admin) {
			t.Errorf("an admin does not have %s", d.Permission)
		}
	}
}

func TestUnknownPermissionIsDenied(t *testing.T) {
	t.Parallel()
	p, admin := operatorWithRole(Admin)
	if p.May(admin, "subusers.fly") || p.May(admin, "") {
		t.Error("an admin has a permission that does not exist")
	}
}

func TestAdminOnlyPermissions(t *testing.T) {
	t.Parallel()
	p := New(Mapping{}, nil)
	want := map[Permission]bool{
		SubusersForce: true,
		KeysCreate:    true,
		KeysEdit:      true,
		KeysRoles:     true,
		KeysDelete:    true,
		AuditResolve:  true,
		DriftAccept:   true,
		SessionsEnd:   true,
		Privileged:    true,
	}
	for _, d := range Permissions() {
		if got := p.IsAdminOnly(d.Permission); got != want[d.Permission] {
			t.Errorf("%s: %t", d.Permission, got)
		}
	}
}
