package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/session"
)

// maxPageBytes is more than any page of a list has.
const maxPageBytes = 400 << 10

// principalsWith returns count subusers with a role.
func principalsWith(count int, role access.RoleAssignment) []access.Principal {
	var list []access.Principal
	for n := range count {
		list = append(list, access.Principal{
			Ref:         access.SubuserRef(int64(n + 1)),
			Name:        fmt.Sprintf("agent_%05d", n+1),
			Description: "Agent in the call centre, Brno",
			Roles:       []access.RoleAssignment{role},
			RolesKnown:  true,
		})
	}
	return list
}

// A page of a role shows 50 of those that have it, and leads to the others.
func TestRolePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.subusersWithRole = principalsWith(10_000, access.RoleAssignment{ID: 1, Name: "Owner", Direct: true})
	first := s.get("viewer", "/roles/1").hasStatus(t, http.StatusOK)
	first.contains(t, "10,000 subusers", "agent_00001", "agent_00050", "Page 1 of 200")
	first.excludes(t, "agent_00051")
	if size := first.Body.Len(); size > maxPageBytes {
		t.Errorf("%d bytes", size)
	}
	pages := first.doc.Find(`nav[aria-label="Pages of the subusers"] a`)
	if last, _ := pages.Last().Attr("href"); last != "/roles/1?page=200" {
		t.Errorf("the last page is %q", last)
	}
	last := s.get("viewer", "/roles/1?page=200&keys=1").hasStatus(t, http.StatusOK)
	last.contains(t, "agent_09951", "agent_10000", "Page 200 of 200")
	s.get("viewer", "/roles/1?page=x").hasStatus(t, http.StatusOK).contains(t, "agent_00001")
	s.get("viewer", "/roles/1?page=1000").hasStatus(t, http.StatusOK).contains(t, "agent_10000")
	if first.doc.Find(`a[href="/subusers.csv?role=Owner"]`).Length() != 1 {
		t.Error("no link to the file with all of them")
	}
}

// A catalogue of a thousand roles does not make pages of megabytes.
func TestPagesOfLargeCatalogues(t *testing.T) {
	t.Parallel()
	const size = 1_000 // the fake finds roles by reading all of them
	for name, catalogue := range map[string]func(n int64) access.Role{
		"deep": func(n int64) access.Role { return access.Role{ChildIDs: []int64{n + 1}} },
		"wide": func(n int64) access.Role { return access.Role{ParentIDs: []int64{1}} },
	} {
		s := newSite(t)
		s.directory.catalogue.Roles = nil
		var assigned []access.RoleAssignment
		for n := range int64(size) {
			role := catalogue(n + 1)
			role.ID, role.Name = n+1, fmt.Sprintf("Role number %d", n+1)
			s.directory.catalogue.Roles = append(s.directory.catalogue.Roles, role)
			assigned = append(assigned, access.RoleAssignment{ID: role.ID, Name: role.Name, Direct: n == 0})
		}
		s.directory.page.Rows = nil
		for _, p := range principalsWith(50, access.RoleAssignment{}) {
			p.Roles = assigned
			s.directory.page.Rows = append(s.directory.page.Rows, p)
		}
		anna := s.directory.subusers[7]
		anna.Roles = assigned
		s.directory.subusers[7] = anna
		s.directory.subusersWithRole = s.directory.page.Rows
		for _, path := range []string{"/subusers", "/subusers/7", "/roles/1", "/roles/1000"} {
			page := s.get("viewer", path).hasStatus(t, http.StatusOK)
			if got := page.Body.Len(); got > maxPageBytes {
				t.Errorf("%s catalogue, %s: %d bytes", name, path, got)
			}
		}
		s.get("viewer", "/subusers").contains(t, "999 inherited", "and 987 more")
		if s.get("viewer", "/roles/matrix").hasStatus(t, http.StatusOK); s.directory.lastFilter.PerPage != 20 {
			t.Errorf("%s catalogue: %d subusers on a page of the matrix", name, s.directory.lastFilter.PerPage)
		}
	}
}

// The lists of drift and of sessions have pages too.
func TestLongListsHavePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for n := range 10_000 {
		finding := sampleFinding()
		finding.Target, finding.Name = access.SubuserRef(int64(n+1)), fmt.Sprintf("agent_%05d", n+1)
		finding.ID = strings.Repeat("a", 21) + fmt.Sprintf("%05d", n)
		s.drift.findings = append(s.drift.findings, finding)
		s.sessions.list = append(s.sessions.list, session.Session{
			Hash:      fmt.Sprintf("hash-%05d", n),
			Operator:  testOperator(fmt.Sprintf("admin-%05d", n+1)),
			CreatedAt: noon,
			SeenAt:    noon,
		})
	}
	for path, want := range map[string][]string{
		"/drift":             {"10,000 findings", "agent_00050", "Page 1 of 200"},
		"/drift?page=200":    {"agent_10000", "Page 200 of 200"},
		"/sessions":          {"10,000 sessions", "admin-00050", "Page 1 of 200"},
		"/sessions?page=200": {"admin-10000", "Page 200 of 200"},
	} {
		page := s.get("admin", path).hasStatus(t, http.StatusOK).contains(t, want...)
		page.excludes(t, "00051")
		if size := page.Body.Len(); size > maxPageBytes {
			t.Errorf("%s: %d bytes", path, size)
		}
	}
}
