package handlers

import (
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/drift"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// Drift shows changes made outside the console, so no page may report that such changes are not seen.
func TestHistoryPointsToDrift(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/subusers/7", "/keys/" + fakeKeyID} {
		got := s.get("admin", path).hasStatus(t, 200).excludes(t, "do not appear here", "not seen here")
		if got.doc.Find(`main a[href="/drift"]`).Length() != 1 {
			t.Errorf("%s does not link to the drift", path)
		}
	}
	s.get("admin", "/audit").hasStatus(t, 200).contains(t, "Other changes are listed under Drift")
}

// A known creation has an age, so the page of a key reports only its last use as missing.
func TestKeyAgeIsNotDeniedBesideCreation(t *testing.T) {
	t.Parallel()
	newSite(t).get("admin", "/keys/"+fakeKeyID).hasStatus(t, 200).
		contains(t, "Last use", "Created").excludes(t, "Age and last use")
}

// The console key cannot be deleted here, so nothing leads to its deletion; the same holds for its subuser, which
// cannot be re-issued either.
func TestConsoleKeyOffersNoDelete(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.ConsoleKeyID = func() string { return fakeKeyID } })
	anna := s.directory.subusers[7]
	anna.Keys = []access.NamedKey{{ID: fakeKeyID, Name: "Reports"}}
	s.directory.subusers[7] = anna
	finding := sampleFinding()
	finding.Type, finding.Target = drift.Appeared, access.KeyRef(fakeKeyID)
	s.drift.findings = []drift.Finding{finding}
	s.operations.op = audit.Operation{
		ID:      strings.Repeat("u", 26),
		Account: accountID,
		Action:  audit.CreateSubuser,
		Target:  audit.Target{Ref: access.SubuserRef(7)},
		Result:  audit.Applied,
		Intent:  []byte(`{}`),
	}
	for _, path := range []string{"/keys/" + fakeKeyID, "/subusers/7", "/drift", "/audit/" + s.operations.op.ID} {
		got := s.get("admin", path).hasStatus(t, 200)
		if n := got.doc.Find(`a[href$="/delete"], a[href$="/re-issue"]`).Length(); n != 0 {
			t.Errorf("%s: %d links to a deletion that is always refused", path, n)
		}
	}
	if s.get("admin", "/subusers/8").doc.Find(`a[href$="/delete"]`).Length() != 1 {
		t.Error("another subuser cannot be deleted")
	}
}

// The commands explain every placeholder themselves.
func TestCurlCommandsExplainPlaceholders(t *testing.T) {
	t.Parallel()
	a := &App{Options: Options{APIURL: "https://api.voximplant.com/platform_api"}}
	calls := operations.CreateSubuser{Login: "anna_k", Password: config.NewSecret("Planted-1")}.VendorCalls()
	code := a.curlCommands(calls)
	for _, want := range []string{
		"# $VOXIMPLANT_TOKEN is a JWT",
		"kid",
		"# Passwords are not shown here. Set $NEW_PASSWORD.",
	} {
		if !strings.Contains(code, want) {
			t.Errorf("the code does not contain %q: %s", want, code)
		}
	}
	if strings.Contains(code, "The key's page shows") {
		t.Error("the code refers to a text that is not there")
	}
	withoutSecrets := a.curlCommands(operations.Delete{Ref: access.SubuserRef(7)}.VendorCalls())
	if strings.Contains(withoutSecrets, "Passwords") {
		t.Errorf("the code explains passwords that it does not have: %s", withoutSecrets)
	}
}

// A row that was read after the listing is newer than the age of the list, which the page reports.
func TestFreshnessReportsNewerRows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("viewer", "/subusers").excludes(t, "changed rows")
	s.directory.page.Status.AsOf, s.directory.page.Status.PatchedAt = noon.Add(-2*time.Minute), noon
	s.get("viewer", "/subusers").hasStatus(t, 200).contains(t, "as of 11:58 UTC", "changed rows 12:00 UTC")
}
