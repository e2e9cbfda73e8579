package handlers

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

func TestOverview(t *testing.T) {
	t.Parallel()
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, func(o *Options) {
			o.Vendor = func() VendorStatus {
				return VendorStatus{
					At:         noon,
					Method:     "GetSubUsers",
					Duration:   83 * time.Millisecond,
					ClockKnown: true,
					Clock:      -7 * time.Second,
				}
			}
		})
		s.auditLog.ops = sampleOperations()
		got := s.get("editor", "/").
			hasStatus(t, 200).
			contains(t, "boss", "“Change of roles” of anna_novakova by Ms other is not finished", "1 subuser has no roles",
				"responded in 83 ms", "7 s ahead of Voximplant", "Support")
		if got.doc.Find(`a[href="/audit/`+strings.Repeat("m", 26)+`"]`).Length() == 0 {
			t.Error("one's own operation is not linked")
		}
		if got.doc.Find(`a[href="/audit/`+strings.Repeat("o", 26)+`"]`).Length() != 0 {
			t.Error("an editor sees a link to an operation of another operator")
		}
		s.get("auditor", "/").contains(t, "their secret reason")
		s.get("viewer", "/").excludes(t, "their secret reason", "my reason")
	})
	t.Run("unfinished re-issue", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.auditLog.ops = sampleOperations()[:1]
		s.auditLog.ops[0].Account = accountID
		s.auditLog.ops[0].Action = audit.ReissueSubuser
		s.auditLog.ops[0].Result = audit.PartlyApplied
		const says = "deleted anna_novakova and did not create it again"
		s.get("viewer", "/").hasStatus(t, 200).contains(t, says)
		again := s.auditLog.ops[0]
		again.ID, again.Target.Kind = strings.Repeat("n", 26), access.Subuser
		s.auditLog.ops = append([]audit.Operation{again}, s.auditLog.ops...)
		for _, action := range []audit.Action{audit.CreateSubuser, audit.EditSubuser} {
			s.auditLog.ops[0].Action, s.auditLog.ops[0].Result = action, audit.Refused
			s.get("viewer", "/").hasStatus(t, 200).contains(t, says)
			s.auditLog.ops[0].Result = audit.Applied
			s.get("viewer", "/").hasStatus(t, 200).excludes(t, says)
		}
	})
	t.Run("upstream failure", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.err, s.directory.counts = &directory.ReadError{
			Kind:          directory.KeyRefused,
			Code:          100,
			VendorMessage: "Authorization failed",
		}, directory.Counts{}
		s.get("viewer", "/").hasStatus(t, 200).contains(t, "Voximplant refuses the console key", "Authorization failed")
	})
	t.Run("misspelt privileged role", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.catalogue.Roles = s.directory.catalogue.Roles[2:]
		s.get("viewer", "/").hasStatus(t, 200).
			contains(t, "Every role counts as privileged: the account lacks configured roles")
	})
	t.Run("no catalogue", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.catalogue = directory.Catalogue{}
		s.get("viewer", "/").hasStatus(t, 200).contains(
			t,
			"Every role counts as privileged: the role catalogue could not be read",
		)
	})
	t.Run("audit log unavailable", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.auditLog.err = errors.New("disk")
		s.get("viewer", "/").hasStatus(t, 500)
		s.get("viewer", "/readyz").hasStatus(t, 503).excludes(t, "disk")
	})
}

func TestVendorStatusText(t *testing.T) {
	t.Parallel()
	if (VendorStatus{}).answer() != nil {
		t.Error("there is an answer before anything was asked")
	}
	for want, status := range map[string]VendorStatus{
		"responded in 2.1 s":      {At: noon, Duration: 2100 * time.Millisecond},
		"responded in under 1 ms": {At: noon, Duration: 400 * time.Microsecond},
		"refused with code 104":   {At: noon, Failure: Refused, Code: 104},
		"failed with code 2":      {At: noon, Failure: InternalFault, Code: 2},
		"no usable response":      {At: noon, Failure: NoResponse},
	} {
		if got := status.answer().Text; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	answered := (VendorStatus{At: noon, Failure: RequestRefused, Code: 434, Duration: 83 * time.Millisecond}).answer()
	if answered.Text != "responded in 83 ms" || answered.Note != "refused with code 434" {
		t.Errorf("an answer about one request is called %q, %q", answered.Text, answered.Note)
	}
	for failure, well := range map[VendorFailure]bool{
		NoFailure:      true,
		RequestRefused: true,
		Refused:        false,
		InternalFault:  false,
		NoResponse:     false,
	} {
		if (VendorStatus{At: noon, Failure: failure}).answer().OK != well {
			t.Errorf("after failure %d the vendor is shown as working: %v", failure, !well)
		}
	}
	for clock, wrong := range map[time.Duration]bool{
		0:                false,
		4 * time.Second:  false,
		-4 * time.Second: false,
		time.Minute:      true,
		-time.Minute:     true,
	} {
		if (VendorStatus{ClockKnown: true, Clock: clock}).clockWrong() != wrong {
			t.Errorf("%s: wrong is %t", clock, !wrong)
		}
	}
	if (VendorStatus{Clock: time.Hour}).clockWrong() {
		t.Error("a clock that is not known is called wrong")
	}
}

func TestOverviewCountsKeysThatOutlivedTheirOwner(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("viewer", "/").hasStatus(t, 200).excludes(t, "outlived")
	s.directory.counts.KeysOutlivedOwner = 1
	if s.get("viewer", "/").contains(t, "1 key outlived its owner.").doc.Find(`a[href="/keys?owner=gone"]`).Length() != 1 {
		t.Error("no link to the key")
	}
	s.directory.counts.KeysOutlivedOwner = 2
	s.get("viewer", "/").contains(t, "2 keys outlived their owners.")
}
