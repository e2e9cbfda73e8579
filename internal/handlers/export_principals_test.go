package handlers

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

func TestExportSubusers(t *testing.T) {
	t.Parallel()
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		got := s.get("viewer", "/subusers.csv?q=nov&sort=keys&page=3").hasStatus(t, 200)
		want := "\xef\xbb\xbfid,login,description,direct roles,inherited roles,keys\r\n" +
			"7,anna_novakova,Účtárna,Support,,1\r\n" +
			"8,boss,'=cmd|'/c calc'!A1,Owner,Support,0\r\n"
		if diff := cmp.Diff(want, got.Body.String()); diff != "" {
			t.Error(diff)
		}
		filter := directory.Filter{Query: "nov", Sort: "keys", Page: 1, PerPage: -1}
		if diff := cmp.Diff(filter, s.directory.lastFilter); diff != "" {
			t.Error(diff)
		}
		if got.Header().Get("Content-Type") != "text/csv; charset=utf-8" ||
			got.Header().Get("Content-Disposition") != `attachment; filename="subusers-1234567-20261123T115900Z.csv"` {
			t.Errorf("headers: %v", got.Header())
		}
	})
	t.Run("unknown facts", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.page.Rows = []access.Principal{{Ref: access.SubuserRef(9), Name: "someone"}}
		s.directory.page.Status.Incomplete = true
		got := s.get("viewer", "/subusers.csv").hasStatus(t, 200).contains(t, "9,someone,,not known,not known,not known")
		if !strings.Contains(got.Header().Get("Content-Disposition"), "-incomplete.csv") {
			t.Error("the name of the file does not contain incomplete")
		}
		// Subusers with unknown roles may be missing from a list filtered by role, and from no other.
		s.directory.page.Status.Incomplete, s.directory.page.Status.RolesUnknown = false, 1
		for path, want := range map[string]bool{"/subusers.csv?role=Owner": true, "/subusers.csv": false} {
			name := s.get("viewer", path).hasStatus(t, 200).Header().Get("Content-Disposition")
			if strings.Contains(name, "-incomplete.csv") != want {
				t.Errorf("%s is called %s", path, name)
			}
		}
	})
	t.Run("upstream failure", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.err = &directory.ReadError{Kind: directory.Slow}
		s.get("viewer", "/subusers.csv").hasStatus(t, 504)
		s.directory.err = nil
		s.directory.page.Status = directory.Status{LoadedRows: 3}
		s.get("viewer", "/subusers.csv").hasStatus(t, 503).contains(t, "3 rows were read")
	})
}

// The column of a key's subuser is called as on the pages. Owner is the name of a role.
func TestExportKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	want := "\xef\xbb\xbfid,name,description,direct roles,inherited roles,belongs to\r\n" +
		fakeKeyID + ",Reports,Nightly reports,Support,,anna_novakova\r\n"
	if diff := cmp.Diff(want, s.get("admin", "/keys.csv").hasStatus(t, 200).Body.String()); diff != "" {
		t.Error(diff)
	}
	anna := access.SubuserRef(7)
	for want, key := range map[string]access.Principal{
		"not known":  {},
		"no subuser": {OwnerKnown: true},
		"anna":       {OwnerKnown: true, BelongsTo: &anna, OwnerLogin: "anna"},
		"7":          {OwnerKnown: true, BelongsTo: &anna},
	} {
		if got := belongsToCell(key); got != want {
			t.Errorf("the cell is %q, want %q", got, want)
		}
	}
}
