package handlers

import (
	"net/url"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/drift"
)

// cold returns a site with an account that is being read for the first time.
func cold(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	status := directory.Status{Refreshing: true, LoadedRows: 1}
	s.directory.page = directory.Page{Page: 1, Pages: 1, Status: status}
	s.directory.counts = directory.Counts{Status: status}
	s.drift.count = 0
	return s
}

// While the account is read for the first time, no page may report that there is none of something, or nothing to do.
func TestNothingIsClaimedBeforeFirstReading(t *testing.T) {
	t.Parallel()
	t.Run("overview", func(t *testing.T) {
		t.Parallel()
		cold(t).get("viewer", "/").hasStatus(t, 200).
			contains(t, "Not known yet: the account is being read. All operations are finished.").
			excludes(t, "Nothing.", "only the account holder", "without roles")
	})
	t.Run("overview with an open operation", func(t *testing.T) {
		t.Parallel()
		s := cold(t)
		s.auditLog.ops = sampleOperations()
		s.get("viewer", "/").hasStatus(t, 200).
			contains(t, "is not finished", "Not known yet: the account is being read.").
			excludes(t, "All operations are finished")
	})
	t.Run("overview when the vendor cannot be read", func(t *testing.T) {
		t.Parallel()
		s := cold(t)
		s.directory.err = &directory.ReadError{Kind: directory.Slow}
		s.directory.counts = directory.Counts{}
		s.get("viewer", "/").hasStatus(t, 200).
			contains(t, "Not known: the account could not be read.").excludes(t, "Nothing.")
	})
	t.Run("bulk change of all that match", func(t *testing.T) {
		t.Parallel()
		cold(t).get("editor", "/bulk/new?all=1").hasStatus(t, 503).excludes(t, "No subusers selected")
	})
	t.Run("a login to copy roles from", func(t *testing.T) {
		t.Parallel()
		form := url.Values{"step": {"find"}, "copy_from": {"anna_novakova"}}
		cold(t).post("editor", "/subusers/new", form).hasStatus(t, 200).
			contains(t, "The subusers are still being read").excludes(t, "No subusers match")
	})
	t.Run("a login to compare", func(t *testing.T) {
		t.Parallel()
		cold(t).get("viewer", "/subusers/compare?a=7&with=boss").
			contains(t, "The subusers are still being read").excludes(t, "No subuser has this login")
	})
}

// A listing that may lack rows must not look like an account without them.
func TestIncompleteListingIsNotShownAsEmpty(t *testing.T) {
	t.Parallel()
	incomplete := func(t *testing.T) *site {
		s := newSite(t)
		status := directory.Status{AsOf: noon, Incomplete: true}
		s.directory.page = directory.Page{Page: 1, Pages: 1, Status: status}
		s.directory.counts = directory.Counts{Subusers: 2, Status: status}
		s.directory.subusersWithRole = []access.Principal{}
		s.directory.noKeys = true
		s.drift.count = 0
		return s
	}
	t.Run("overview", func(t *testing.T) {
		t.Parallel()
		incomplete(t).get("viewer", "/").hasStatus(t, 200).
			contains(t, "2 or more subusers", "without roles: not known", "keys: not known",
				"Not known: some subusers and some keys could not be read. All operations are finished.").
			excludes(t, "only the account holder", "Nothing.")
	})
	t.Run("lists", func(t *testing.T) {
		t.Parallel()
		s := incomplete(t)
		s.get("admin", "/subusers").hasStatus(t, 200).
			contains(t, "No subusers could be read").excludes(t, "No subusers yet", "Only the account holder can sign in")
		s.get("admin", "/keys").hasStatus(t, 200).
			contains(t, "No keys could be read").excludes(t, "No keys yet", "No program has access")
		s.directory.page.Total = 40
		s.get("admin", "/subusers?q=zz").hasStatus(t, 200).
			contains(t, "No subusers are known to match", "none known, 40 in all").excludes(t, "0 of 40")
		s.get("admin", "/roles/matrix?q=zz").hasStatus(t, 200).
			contains(t, "No subusers are known to match").excludes(t, "0 of 40")
	})
	t.Run("roles", func(t *testing.T) {
		t.Parallel()
		got := incomplete(t).get("viewer", "/roles").hasStatus(t, 200)
		if text := got.doc.Find(`a[href="/subusers?role=Owner"]`).Text(); text != "not known" {
			t.Errorf("Owner is held by %q", text)
		}
	})
}

// Drift reports nothing found only once something was compared.
func TestDriftBeforeFirstComparison(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.drift.findings, s.drift.compared = []drift.Finding{}, nil
	s.get("viewer", "/drift").hasStatus(t, 200).contains(t, "Not known yet").excludes(t, "No findings")
}
