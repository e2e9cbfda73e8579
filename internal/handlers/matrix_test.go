package handlers

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/rolefacts"
)

// A review of who and what has a role needs the keys as well as the subusers.
func TestMatrixOfKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	subusers := s.get("viewer", "/roles/matrix").hasStatus(t, 200).contains(t, "anna_novakova")
	if subusers.doc.Find(`a[href="/roles/matrix?of=keys"]`).Length() != 1 {
		t.Error("the matrix of subusers does not lead to that of keys")
	}
	got := s.get("viewer", "/roles/matrix?of=keys&q=rep&role=Support").hasStatus(t, 200).
		contains(t, "Reports").excludes(t, "anna_novakova", "The account holder")
	if got.field("of") != "keys" || got.field("q") != "rep" {
		t.Errorf("the search form has of=%q, q=%q", got.field("of"), got.field("q"))
	}
	export := "/roles/matrix.csv?of=keys&q=rep&role=Support"
	if href := got.doc.Find(`a:contains("Export CSV")`).AttrOr("href", ""); href != export {
		t.Errorf("the export is at %q", href)
	}
	want := "\xef\xbb\xbfname,id,Owner,Admin,Support\r\nReports," + fakeKeyID + ",,,direct\r\n"
	file := s.get("viewer", "/roles/matrix.csv?of=keys").hasStatus(t, 200)
	if diff := cmp.Diff(want, file.Body.String()); diff != "" {
		t.Error(diff)
	}
	if name := file.Header().Get("Content-Disposition"); !strings.Contains(name, `"key-roles-1234567-`) {
		t.Errorf("the file is called %s", name)
	}
	if n, ok := s.auditLog.notices[len(s.auditLog.notices)-1].(audit.Exported); !ok || n.Resource != "key-roles" {
		t.Errorf("the audit log has %+v", s.auditLog.notices)
	}
	want = "\xef\xbb\xbflogin,Owner,Admin,Support\r\nanna_novakova,,,direct\r\nboss,direct,,inherited\r\n"
	if diff := cmp.Diff(want, s.get("viewer", "/roles/matrix.csv").hasStatus(t, 200).Body.String()); diff != "" {
		t.Error(diff)
	}
}

// The columns of the matrix are names only, so the page says what the roles allow.
func TestMatrixSaysWhatRolesAllow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.catalogue.Roles = append(s.directory.catalogue.Roles, access.Role{ID: 99, Name: "Not published"})
	got := s.get("viewer", "/roles/matrix").hasStatus(t, 200)
	allows := got.doc.Find(`details:contains("What these roles allow")`)
	for _, name := range []string{"Owner", "Admin", "Support"} {
		role, found := rolefacts.Find(name)
		if !found || !strings.Contains(allows.Text(), role.Sentence) {
			t.Errorf("%s: %q is not among %q", name, role.Sentence, allows.Text())
		}
	}
	if strings.Contains(allows.Text(), "Not published") {
		t.Error("a role is listed about which nothing is known")
	}
}

// Keys with a privileged role are listed beside the subusers that have it.
func TestOverviewListsPrivilegedKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.keyRoles = []access.RoleAssignment{{ID: 1, Name: "Owner", Direct: true}}
	got := s.get("viewer", "/").hasStatus(t, 200)
	for _, path := range []string{"/subusers/8", "/keys/" + fakeKeyID} {
		if got.doc.Find(`dd a[href="`+path+`"]`).Length() == 0 {
			t.Errorf("%s is not among the principals with a privileged role", path)
		}
	}
	s.directory.subusersWithRole, s.directory.noKeys = []access.Principal{}, true
	s.get("viewer", "/").hasStatus(t, 200).excludes(t, "only the account holder")
}

// The catalogue counts keys with a role beside the subusers.
func TestCatalogueCountsKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	count := func() string {
		return s.get("viewer", "/roles").hasStatus(t, 200).doc.Find(`a[href="/keys?role=Support"]`).Text()
	}
	if got := count(); got != "1" {
		t.Errorf("Support is held by %q keys", got)
	}
	s.directory.noKeys = true
	if got := count(); got != "not known" {
		t.Errorf("while the keys could not be read, Support is held by %q keys", got)
	}
}
