package handlers

import (
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/session"
)

func TestShowPrincipal(t *testing.T) {
	t.Parallel()
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.auditLog.ops = sampleOperations()
		s.sessions.flash = &session.Flash{Tone: "done", Text: "The roles were changed.", DirectRoles: "Support", ReadAt: noon}
		got := s.get("editor", "/subusers/7").
			hasStatus(t, 200).
			contains(
				t,
				"anna_novakova",
				"Účtárna",
				"Support",
				"Reports",
				"The roles were changed.",
				"Read back at 12:00:00 UTC: Support.",
				"− Support, + Admin",
				"my reason",
				"An operation is not finished",
			).
			excludes(t, "their secret reason")
		if got.doc.Find(`a[href="/subusers/7/roles"]`).Length() == 0 {
			t.Error("an editor is not led to the roles")
		}
		if s.auditLog.lastFilter.TargetID != "7" || s.auditLog.lastFilter.Account != accountID {
			t.Errorf("history of %+v", s.auditLog.lastFilter)
		}
		s.get("editor", "/subusers/8").
			hasStatus(t, 200).
			contains(t, "Only admins may change its roles.", "inherited through Owner")
		s.get("viewer", "/subusers/7").contains(t, "does not allow changing or deleting subusers.")
		s.get("editor", "/keys/"+fakeKeyID).contains(t, "Only admins of this console may change or delete keys.")
		if s.get("viewer", "/subusers/7").doc.Find(`a[href="/subusers/7/roles"]`).Length() != 0 {
			t.Error("a viewer is led to the roles")
		}
	})
	t.Run("no catalogue", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.catalogue = directory.Catalogue{}
		got := s.get("editor", "/subusers/7").
			hasStatus(t, 200).
			contains(t, "Every role counts as privileged: the role catalogue is not known", "they cannot be changed now")
		if got.doc.Find(".chip.marked").Length() != 0 {
			t.Error("a role is marked as privileged, which says nothing when all count as such")
		}
	})
	t.Run("upstream failure", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.err = &directory.ReadError{Kind: directory.Unreadable}
		s.get("viewer", "/subusers/7").hasStatus(t, 502)
	})
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		newSite(t).get("viewer", "/subusers/12345").hasStatus(t, 404).contains(t, "not in the account")
	})
}

func TestShowPrincipalFacts(t *testing.T) {
	t.Parallel()
	created := noon.Add(-100 * 24 * time.Hour)
	creation := audit.Operation{
		ID:        "creation",
		Account:   accountID,
		Action:    audit.CreateSubuser,
		Target:    audit.Target{Ref: access.SubuserRef(3), Name: "anna_novakova"},
		Actor:     audit.Actor{Name: "Carla Creator"},
		CreatedAt: created,
		Result:    audit.Applied,
	}
	reissue := creation
	reissue.ID, reissue.Action, reissue.CreatedAt = "re-issue", audit.ReissueSubuser, noon
	reissue.Target = audit.Target{Ref: access.SubuserRef(7), Name: "anna_novakova", FormerID: "3"}
	reissue.Actor.Name = "Rita Reissuer"
	for name, test := range map[string]struct {
		facts *access.Facts
		ops   []audit.Operation
		want  string
	}{
		"nothing known": {nil, nil, "not known"},
		"first seen today": {
			&access.Facts{FirstSeen: noon.Add(-time.Hour)},
			nil,
			"First seen by Voxwarden 23 Nov 2026, 11:00 UTC",
		},
		"first seen a day ago": {
			&access.Facts{FirstSeen: noon.Add(-30 * time.Hour)},
			nil,
			"At least 1 day ago. First seen by Voxwarden 22",
		},
		"first seen long ago": {
			&access.Facts{FirstSeen: noon.Add(-40 * 24 * time.Hour)},
			nil,
			"At least 40 days ago. First seen by Voxwarden 14 Oct 2026, 12:00 UTC",
		},
		"created here": {
			&access.Facts{Created: created},
			[]audit.Operation{creation},
			"Carla Creator, 15 Aug 2026",
		},
		"created here, long ago": {&access.Facts{Created: created}, nil, "15 Aug 2026, 12:00 UTC by Voxwarden"},
		"re-issued": {
			&access.Facts{Created: created},
			[]audit.Operation{reissue, creation},
			"Carla Creator, 15 Aug 2026",
		},
		"re-issued, not created here": {
			&access.Facts{FirstSeen: created},
			[]audit.Operation{reissue},
			"At least 100 days ago.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			p := s.directory.subusers[7]
			p.Facts = test.facts
			s.directory.subusers[7] = p
			s.auditLog.ops = test.ops
			got := s.get("viewer", "/subusers/7").hasStatus(t, 200)
			fact := strings.Join(strings.Fields(got.doc.Find(`dt:contains("Created") + dd`).Text()), " ")
			if !strings.HasPrefix(fact, test.want) {
				t.Errorf("got %q, want %q", fact, test.want)
			}
		})
	}
}
