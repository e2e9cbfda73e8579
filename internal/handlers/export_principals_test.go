package handlers

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

func TestExportSubusers(t *testing.T) {
	t.Parallel()
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		got := s.get("viewer", "/subusers.csv?q=nov&sort=keys&page=3").hasStatus(t, 200)
		want := "\xef\xbb\xbfid,login,description,direct roles,inherited roles,keys,created,first seen\r\n" +
			"7,anna_novakova,Účtárna,Support,,1,not known,not known\r\n" +
			"8,boss,'=cmd|'/c calc'!A1,Owner,Support,0,not known,not known\r\n"
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

// TestExportPrivileged exports the holders of privileged roles. The name of the file says that principals with unknown
// roles are missing, as with the filter by role.
func TestExportPrivileged(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/subusers.csv", "/keys.csv", "/roles/matrix.csv", "/roles/matrix.csv?of=keys"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.directory.page.Status.RolesUnknown = 1
			sign := "?"
			if strings.Contains(path, "?") {
				sign = "&"
			}
			got := s.get("viewer", path+sign+"privileged=1").hasStatus(t, 200)
			if !s.directory.lastFilter.Privileged {
				t.Error("all were exported")
			}
			if name := got.Header().Get("Content-Disposition"); !strings.Contains(name, "-incomplete.csv") {
				t.Errorf("the file is called %s", name)
			}
			notice, _ := s.auditLog.notices[len(s.auditLog.notices)-1].(audit.Exported)
			if notice.Filter != "privileged roles" {
				t.Errorf("the audit log has the filter %q", notice.Filter)
			}
		})
	}
}

// The column of a key's subuser is called as on the pages. Owner is the name of a role.
func TestExportKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const head = "\xef\xbb\xbfid,name,description,direct roles,inherited roles,belongs to,created,first seen," +
		"last belonged to,subuser gone since\r\n" + fakeKeyID + ",Reports,Nightly reports,Support,,"
	for name, test := range map[string]struct {
		facts *access.Facts
		want  string
	}{
		"no facts": {nil, "anna_novakova,not known,not known,not known,not known"},
		"outlived its owner": {
			&access.Facts{
				FirstSeen: noon,
				LastOwner: &access.LastOwner{Login: "anna_novakova", Until: noon.Add(time.Hour)},
			},
			"not known,not known,2026-11-23 12:00:00,anna_novakova,2026-11-23 13:00:00",
		},
		"created here": {
			&access.Facts{FirstSeen: noon, Created: noon.Add(-time.Hour), LastOwner: &access.LastOwner{Login: "boss"}},
			"not known,2026-11-23 11:00:00,2026-11-23 12:00:00,boss,",
		},
	} {
		s.directory.keyFacts = test.facts
		got := s.get("viewer", "/keys.csv?owner=gone").hasStatus(t, 200)
		if diff := cmp.Diff(head+test.want+"\r\n", got.Body.String()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if !s.directory.lastFilter.OutlivedOwner {
		t.Error("all keys were exported")
	}
	if notice, ok := s.auditLog.notices[len(s.auditLog.notices)-1].(audit.Exported); !ok ||
		notice.Filter != "owner: gone" {
		t.Errorf("the audit log has %+v", notice)
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
