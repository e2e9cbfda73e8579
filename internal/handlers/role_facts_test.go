package handlers

import (
	"net/http"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// catalogueWithFacts has roles of each degree of certainty.
func catalogueWithFacts() []access.Role {
	return []access.Role{
		{ID: 1, Name: "Owner"},
		{ID: 3, Name: "Support", GUIOnly: true, ParentIDs: []int64{1}},
		{ID: 103, Name: "CallListManager"},
		{ID: 110, Name: "CallHistory", GUIOnly: true},
		{ID: 200, Name: "Our own role"},
	}
}

// Every form with roles shows what is published about each role, once, as the description of its checkbox.
func TestRoleFormsShowSentences(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.catalogue.Roles = catalogueWithFacts()
	for _, path := range []string{rolesPath, "/subusers/new", "/keys/new"} {
		page := s.get("admin", path).hasStatus(t, http.StatusOK)
		for id, want := range map[string]string{
			"1":   "Can manage all subusers and keys",
			"3":   "Marked “control panel only”, but API methods name it.",
			"103": "Can create, edit, stop, resume and delete call lists, and read applications and rules. Reaches money.",
			"110": "Marked “control panel only”.",
			"200": "Not published: no source names this role.",
		} {
			box := page.doc.Find(`input[name="role"][value="` + id + `"]`)
			described, _ := box.Attr("aria-describedby")
			note := strings.Join(strings.Fields(page.doc.Find("#"+described).Text()), " ")
			if !strings.Contains(note, want) {
				t.Errorf("%s: role %s is described as %q, want %q", path, id, note, want)
			}
			if strings.Count(page.Body.String(), "Can create, edit, stop, resume") != 1 {
				t.Errorf("%s: a sentence is not on the page exactly once", path)
			}
		}
	}
	bulk := s.get("admin", "/bulk/new?id=7").hasStatus(t, http.StatusOK)
	for _, name := range []string{"grant", "revoke"} {
		described, _ := bulk.doc.Find(`input[name="` + name + `"][value="3"]`).Attr("aria-describedby")
		if note := bulk.doc.Find("#" + described).Text(); !strings.Contains(note, "API methods name it.") {
			t.Errorf("the box to %s Support is described as %q", name, note)
		}
	}
}

// The review of a privileged grant names the role, explains it, and requires a reason. Others do not.
func TestReviewOfPrivilegedGrant(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.catalogue.Roles = catalogueWithFacts()
	s.operations.diff = validRolesDifference()
	s.operations.diff.Catalogue = s.directory.catalogue
	s.operations.diff.Grant, s.operations.diff.Change.Grant = []string{"Owner"}, []int64{1}
	const title = "This grants a privileged role: Owner"
	plain := s.post("admin", rolesPath, validRolesForm("review")).hasStatus(t, http.StatusOK)
	plain.excludes(t, title)
	if plain.doc.Find(`input[name="reason"][required]`).Length() != 0 {
		t.Error("the reason is required for an unprivileged grant")
	}
	s.operations.diff.PrivilegedGrants = []int64{1}
	marked := s.post("admin", rolesPath, validRolesForm("review")).hasStatus(t, http.StatusOK)
	marked.contains(t, title, "Owner: Can manage all subusers and keys")
	if marked.doc.Find(`input[name="reason"][required]`).Length() != 1 ||
		!strings.Contains(marked.doc.Find(".difference .plus").Text(), "privileged") {
		t.Error("the grant is not marked, or the reason is not required")
	}
	s.operations.err = &operations.Invalid{Fields: map[string]string{"reason": "Enter a reason."}}
	form := validRolesForm("apply")
	form.Set("reason", "")
	again := s.post("admin", rolesPath, form).hasStatus(t, http.StatusUnprocessableEntity)
	again.contains(t, "Enter a reason.", title)
	if got := again.fields("role"); len(got) != 1 || got[0] != "2" {
		t.Errorf("the form lost its ticks: %v", got)
	}
}

// The preview of a bulk change that grants a privileged role names it and requires a reason.
func TestPreviewOfPrivilegedBulkChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.catalogue.Roles = catalogueWithFacts()
	s.bulk.change.State, s.bulk.change.Counts.Waiting = bulk.Draft, 1
	s.bulk.change.PrivilegedGrants = []operations.RoleRef{{ID: 1, Name: "Owner"}}
	s.bulk.change.Operator = testOperator("admin")
	page := s.get("admin", "/bulk/"+s.bulk.change.ID).hasStatus(t, http.StatusOK)
	page.contains(t, "This grants a privileged role: Owner", "Owner: Can manage all subusers and keys")
	if page.doc.Find(`input[name="reason"][required]`).Length() != 1 {
		t.Error("the reason is not required")
	}
}

// The page of a role shows what is published, by degree of certainty, and leads to its history.
func TestRolePageShowsPublishedFacts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.catalogue.Roles = append(
		catalogueWithFacts(),
		access.Role{ID: 201, Name: "Team", ChildIDs: []int64{3, 103}},
	)
	support := s.get("viewer", "/roles/3").hasStatus(t, http.StatusOK)
	support.contains(t,
		"Can read call history, rules and numbers",
		"Marked “control panel only”, but API methods name it.",
		"17 methods name this role or a role that it contains; 2 of them change something.",
		"“copy”: only a copy of Voximplant's page was read.",
	)
	support.excludes(t, "Grants of this role")
	s.get("viewer", "/roles/110").
		contains(t, "Marked “control panel only”.", "no page of a method that was found names this role")
	s.get("viewer", "/roles/200").contains(t, "Not published: no source names this role.", "not published")
	team := s.get("viewer", "/roles/201").contains(t, "Not published: no source names this role.", "CreateCallList")
	team.excludes(t, "A scenario acts with the key")
	owner := s.get("auditor", "/roles/1")
	owner.contains(t, "A scenario acts with the key that is bound to its rule", "Also covers")
	if link := owner.doc.Find(`a[href="/roles/103"]`); link.Length() != 1 {
		t.Errorf("Owner covers CallListManager: %d links", link.Length())
	}
	for _, change := range []string{"granted", "revoked"} {
		if owner.doc.Find(`a[href="/audit?change=`+change+`&role=1"]`).Length() != 1 {
			t.Errorf("no link to where the role was %s", change)
		}
	}
}

// The page of a role reports that keys could not be read.
func TestRolePageKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("viewer", "/roles/1").contains(t, "Reports").excludes(t, "Not all keys could be read")
	s.directory.noKeys = true
	s.get("viewer", "/roles/1").contains(t, "Not all keys could be read")
}
