package handlers

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

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
			"Every role counts as privileged: the role catalogue is not known",
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

func TestOverviewShowsChangesPerDay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	day := noon.Truncate(24 * time.Hour)
	s.auditLog.days = []audit.DayResults{
		{Day: day.AddDate(0, 0, -29), Result: audit.Applied, Count: 4},
		{Day: day.AddDate(0, 0, -1), Result: audit.Refused, Count: 1},
		{Day: day.AddDate(0, 0, -1), Result: audit.PartlyApplied, Count: 1},
		{Day: day.AddDate(0, 0, -1), Result: audit.NotSent, Count: 1},
		{Day: day.AddDate(0, 0, -1), Result: audit.NotApplied, Count: 1},
		{Day: day, Result: audit.Applied, Count: 1_200},
		{Day: day, Result: audit.Unknown, Count: 1},
		{Day: day, Result: "", Count: 1},
		{Day: day.AddDate(0, 0, 1), Result: audit.Applied, Count: 99}, // by another clock
	}
	s.drift.byDay = map[time.Time]int{day.AddDate(0, 0, -1): 3}
	rows := func(p *response) []string {
		var rows []string
		p.doc.Find(`table[aria-label="Changes per day"] tbody tr`).Each(func(_ int, tr *goquery.Selection) {
			rows = append(rows, strings.Join(strings.Fields(tr.Text()), " "))
		})
		return rows
	}
	p := s.get("auditor", "/").hasStatus(t, 200)
	want := []string{"23 Nov1,200 0 2 0", "22 Nov0 4 0 3", "25 Oct4 0 0 0"}
	for i, row := range rows(p) {
		if strings.ReplaceAll(row, " ", "") != strings.ReplaceAll(want[i], " ", "") {
			t.Errorf("row %q, want %q", row, want[i])
		}
	}
	if len(rows(p)) != len(want) {
		t.Errorf("rows %q", rows(p))
	}
	for _, place := range []string{"svg", "table"} {
		if p.doc.Find(place+` a[href="/audit?from=2026-11-22&to=2026-11-22"]`).Length() != 1 {
			t.Errorf("no link to the day in the %s", place)
		}
	}
	if got := p.doc.Find(".strip svg a title").Last().Text(); got != "23 Nov: 1,200 applied, 2 unresolved" {
		t.Errorf("the last day is called %q", got)
	}
	if got := p.doc.Find(".strip svg title").Length(); got != 30 {
		t.Errorf("%d days", got)
	}
	// The audit log shows an editor only their own operations.
	if p := s.get("editor", "/"); len(rows(p)) != 3 || p.doc.Find(`a[href*="from="]`).Length() != 0 {
		t.Error("an editor sees no numbers, or links to a page with others")
	}
	s.drift.compared = nil
	s.get("viewer", "/").contains(t, "From outside at least 3", "Not known yet: changes made outside this console.")
	s.drift.byDay = nil
	s.get("viewer", "/").contains(t, "From outside: not known yet").excludes(t, "From outside 0")
	s.auditLog.days = nil
	s.get("viewer", "/").contains(t, "No changes in this console in the last 30 days. Changes made outside it are not")
	s.drift.compared = map[access.Kind]time.Time{access.Subuser: noon, access.Key: noon}
	s.get("viewer", "/").contains(t, "No changes in the last 30 days.").excludes(t, "From outside")
}

func TestOverviewShowsRoleDistribution(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.roleCounts = map[access.Kind][]directory.RoleCount{
		access.Subuser: {{ID: 3, Name: "Support", Principals: 1_024}, {ID: 1, Name: "Owner", Principals: 512}},
		access.Key:     {{ID: 1, Name: "Owner", Principals: 1}},
	}
	for n := range 12 {
		s.directory.roleCounts[access.Key] = append(
			s.directory.roleCounts[access.Key],
			directory.RoleCount{ID: 3, Name: fmt.Sprintf("A & B %d", n), Principals: 1},
		)
	}
	p := s.get("viewer", "/").hasStatus(t, 200).contains(t, "3 other roles, with at most 1 key each")
	lines := func(n int) (lines []string) {
		p.doc.Find(".bars").Eq(n).Find("li").Each(func(_ int, li *goquery.Selection) {
			li.Find("svg").Remove()
			lines = append(lines, strings.Join(strings.Fields(li.Text()), " "))
		})
		return lines
	}
	second := p.doc.Find(".bars").Eq(0).Find("rect").Eq(1)
	width, _ := second.Attr("width")
	if of, _ := second.Parent().Attr("viewBox"); width != "512" || of != "0 0 1024 1" {
		t.Errorf("a bar of %s in %q", width, of)
	}
	if got := strings.Join(lines(0), "|"); got != "Support 1,024|Owner privileged 512" {
		t.Errorf("subusers: %q", got)
	}
	if got := lines(1); len(got) != 10 || got[0] != "Owner privileged 1" {
		t.Errorf("keys: %q", got)
	}
	for _, href := range []string{"/subusers?role=Support", "/keys?role=Owner", "/keys?role=A+%26+B+3"} {
		if p.doc.Find(`.bars a[href="`+href+`"]`).Length() != 1 {
			t.Errorf("no link to %s", href)
		}
	}
	s.directory.counts.Status.RolesUnknown = 2
	s.get("viewer", "/").contains(t, "At least these: the roles of 2 subusers are not known.")
	s.directory.roleCounts = nil
	s.get("viewer", "/").contains(t, "Not known: Voximplant did not return the roles of 2 subusers.")
	s.directory.counts.Status = directory.Status{}
	p = s.get("viewer", "/").hasStatus(t, 200)
	for _, heading := range []string{"Subusers by role", "Keys by role", "Privileged roles"} {
		section := p.doc.Find("section:has(h2)").FilterFunction(func(_ int, s *goquery.Selection) bool {
			return s.Find("h2").Text() == heading
		})
		if got := strings.TrimSpace(section.Find("p").First().Text()); got != "Not known yet." {
			t.Errorf("before the first reading, %s: %q", heading, got)
		}
	}
}
