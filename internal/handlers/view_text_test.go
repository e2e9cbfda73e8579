package handlers

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	bulkview "github.com/voxwarden/voxwarden/views/bulk"
	"github.com/voxwarden/voxwarden/views/page"
)

// The views know warnings, error kinds and bulk changes by their stored values. Each value must have words of its own.
func TestEveryValueHasText(t *testing.T) {
	t.Parallel()
	for _, action := range audit.Actions() {
		if label := descriptorOf(audit.Operation{Action: action}).Label; label == string(action) {
			t.Errorf("the action %s has no label", action)
		}
	}
	for _, w := range []operations.Warning{
		operations.WarnLastOwner,
		operations.WarnConsoleKeyOwnerUnknown,
		operations.WarnKeys,
	} {
		one, many := page.WarningBanner(page.Warning(w), "anna"), bulkview.WarningBanner(page.Warning(w))
		if one.Text == "" || many.Text == "" {
			t.Errorf("the warning %s has no words", w)
		}
	}
	said := map[string]string{}
	for _, kind := range []directory.ErrorKind{
		directory.Unreachable, directory.Slow, directory.RateLimited, directory.KeyRefused,
		directory.ClockWrong, directory.Unreadable, directory.VendorFault, directory.Refused,
	} {
		title := readErrorNotice(&directory.ReadError{Kind: kind}).Title
		if said[title] != "" {
			t.Errorf("%s and %s are told in the same words", kind, said[title])
		}
		said[title] = string(kind)
	}
	for kind, want := range map[bulk.Kind]string{
		bulk.Roles:  "Change the roles of 1,200 subusers",
		bulk.Delete: "Delete 1,200 subusers",
		bulk.Create: "Create 1,200 subusers",
	} {
		change := bulk.Change{Kind: kind, PrincipalKind: access.Subuser, Counts: bulk.Counts{Total: 1200}}
		if got := bulkTitle(change); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
