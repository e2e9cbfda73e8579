package handlers

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
)

func TestListAudit(t *testing.T) {
	t.Parallel()
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.auditLog.ops, s.auditLog.actors = sampleOperations(), []audit.Actor{
			{Issuer: "demo", Subject: "editor", Name: "Ms editor", Email: "e@example.com"},
			{Issuer: "demo", Subject: "other"},
		}
		s.auditLog.page = audit.Page{Newer: true, Older: true}
		filters := url.Values{
			"actor":  {"Ms"},
			"action": {"subuser.roles"},
			"target": {"anna_novakova"},
			"result": {"open"},
			"role":   {"3"},
			"change": {"revoked"},
			"from":   {"2026-11-01"},
			"to":     {"2026-11-23"},
			"q":      {" secret "},
			"bulk":   {strings.Repeat("b", 26)},
		}
		at := "1795435200000000." + strings.Repeat("z", 26)
		got := s.get("auditor", "/audit?"+filters.Encode()+"&before="+at).hasStatus(t, 200)
		want := audit.Search{
			Account: accountID,
			Actor:   "Ms",
			Action:  audit.ChangeSubuserRoles,
			Target:  "anna_novakova",
			Result:  audit.OnlyOpen,
			Role:    3,
			Effect:  audit.RoleRevoked,
			Text:    "secret",
			BulkID:  strings.Repeat("b", 26),
			Entries: true,
			From:    time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
			To:      time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC),
		}
		if diff := cmp.Diff(want, s.auditLog.lastSearch); diff != "" || s.auditLog.lastCursor != "before "+at {
			t.Errorf("searched %s (-want +got):\n%s", s.auditLog.lastCursor, diff)
		}
		got.contains(
			t,
			"Ms editor",
			"Ms other",
			"anna_novakova",
			"Change of roles",
			"− Support, + Admin",
			"Applied",
			"Unknown",
			"my reason",
			"their secret reason",
			"2 operations; there are newer and older ones",
		)
		for name, value := range map[string]string{
			"actor":  "Ms",
			"target": "anna_novakova",
			"from":   "2026-11-01",
			"to":     "2026-11-23",
			"q":      "secret",
			"bulk":   strings.Repeat("b", 26),
		} {
			if got.field(name) != value {
				t.Errorf("%s shows %q", name, got.field(name))
			}
		}
		if chosen := got.doc.Find("option[selected]").Map(func(
			_ int,
			o *goquery.Selection,
		) string {
			return o.AttrOr("value", "")
		}); strings.Join(
			chosen,
			" ",
		) != "subuser.roles 3 revoked open" {
			t.Errorf("chosen: %v", chosen)
		}
		people := got.doc.Find("datalist option").
			Map(func(_ int, o *goquery.Selection) string { return o.AttrOr("value", "") })
		if strings.Join(people, " ") != "e@example.com other" {
			t.Errorf("people: %v", people)
		}
		// Every link keeps the filter.
		filters.Set("q", "secret")
		query := "?" + filters.Encode()
		cursor := func(op audit.Operation) string { return formatCursor(audit.CursorOf(op)) }
		for _, href := range []string{
			"/audit" + query,
			"/audit.csv" + query,
			"/audit.jsonl" + query,
			"/audit" + query + "&after=" + cursor(sampleOperations()[0]),
			"/audit" + query + "&before=" + cursor(sampleOperations()[1]),
		} {
			if got.doc.Find(`a[href="`+href+`"]`).Length() != 1 {
				t.Errorf("no link leads to %s", href)
			}
		}
		// Each filter is a chip that leads to the list without it. A change needs a role and is removed with it.
		chips := map[string]string{}
		got.doc.Find(`[aria-label="Filters"] a`).Each(func(_ int, a *goquery.Selection) {
			chips[strings.Join(strings.Fields(a.Text()), " ")] = a.AttrOr("href", "")
		})
		wantChips := map[string]string{"Clear filters": "/audit"}
		for text, fields := range map[string][]string{
			"Actor: Ms":                               {"actor"},
			"Target: anna_novakova":                   {"target"},
			"Action: Change of roles of a subuser":    {"action"},
			"Role: Support":                           {"role", "change"},
			"Change of the role: Revoked":             {"change"},
			"Result: Not finished":                    {"result"},
			"From (UTC): 2026-11-01":                  {"from"},
			"To, inclusive (UTC): 2026-11-23":         {"to"},
			"Text: secret":                            {"q"},
			"Bulk change: " + strings.Repeat("b", 26): {"bulk"},
		} {
			rest := maps.Clone(filters)
			for _, field := range fields {
				rest.Del(field)
			}
			wantChips["Remove filter "+text] = "/audit?" + rest.Encode()
		}
		if diff := cmp.Diff(wantChips, chips); diff != "" {
			t.Errorf("chips (-want +got):\n%s", diff)
		}
		s.get("auditor", "/audit?after="+at).hasStatus(t, 200)
		if s.auditLog.lastCursor != "after "+at {
			t.Errorf("searched %q", s.auditLog.lastCursor)
		}
	})
	t.Run("days", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		ops := append(sampleOperations(), sampleOperations()...)
		for i := range ops {
			ops[i].ID = strings.Repeat(string(rune('a'+i)), 26)
			ops[i].CreatedAt = time.Date(2026, 11, 23, 0, 30, 9, 0, time.UTC).Add(-time.Duration(i) * 20 * time.Minute)
		}
		s.auditLog.ops = ops
		got := s.get("auditor", "/audit").hasStatus(t, 200)
		if got.doc.Find(`[aria-label="Filters"]`).Length() != 0 {
			t.Error("a list without a filter has chips")
		}
		rows := got.doc.Find("tbody tr").Map(func(_ int, row *goquery.Selection) string {
			return strings.TrimSpace(row.Find("th, time").First().Text())
		})
		want := []string{
			"Monday 23 November 2026 UTC", "00:30 UTC", "00:10 UTC",
			"Sunday 22 November 2026 UTC", "23:50 UTC", "23:30 UTC",
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		exact := got.doc.Find("td time").First()
		if exact.AttrOr("title", "") != "2026-11-23 00:30:09 UTC" || exact.AttrOr("datetime", "") != "2026-11-23T00:30:09Z" {
			t.Errorf("the exact time is %q, %q", exact.AttrOr("title", ""), exact.AttrOr("datetime", ""))
		}
	})
	t.Run("guards", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.auditLog.ops = sampleOperations()[:1]
		got := s.get("editor", "/audit?actor=other&from=2026-11-01").hasStatus(t, 200).contains(
			t,
			"Your own operations",
			"my reason",
		)
		if s.auditLog.lastSearch.OnlyActor != "demo|editor" || s.auditLog.lastSearch.Actor != "" {
			t.Errorf("an editor searched %+v", s.auditLog.lastSearch)
		}
		if got.doc.Find(`[name=actor], a[href^="/audit.csv"]`).Length() > 0 {
			t.Error("an editor is offered other people, or an export")
		}
		for _, role := range []string{"auditor", "admin"} {
			s.get(role, "/audit").hasStatus(t, 200)
			if s.auditLog.lastSearch.OnlyActor != "" {
				t.Errorf("%s sees but %q", role, s.auditLog.lastSearch.OnlyActor)
			}
		}
		// The reasons of other operators stay hidden, even if the audit log returned them.
		s.auditLog.ops = sampleOperations()
		s.get("editor", "/audit").hasStatus(t, 200).excludes(t, "their secret reason")
	})
	t.Run("validation", func(t *testing.T) {
		t.Parallel()
		for query, say := range map[string]string{
			"from=yesterday":                   "Write a day as year-month-day, such as 2026-11-23.",
			"to=2026-13-01":                    "Write a day as year-month-day, such as 2026-11-23.",
			"from=2026-11-02&to=2026-11-01":    "The last day is before the first.",
			"action=subuser.fly":               "There is no such action.",
			"result=maybe":                     "There is no such result.",
			"q=" + strings.Repeat("x", 401):    "too long",
			"bulk=" + strings.Repeat("x", 401): "too long",
		} {
			s := newSite(t)
			s.auditLog.ops = sampleOperations()
			got := s.get("admin", "/audit?"+query).hasStatus(t, http.StatusUnprocessableEntity).contains(
				t,
				say,
				"Nothing was searched",
			)
			if !strings.HasPrefix(got.doc.Find("title").Text(), "Error:") || got.doc.Find("[aria-invalid]").Length() != 1 ||
				s.auditLog.lastCursor != "" {
				t.Errorf("%s: no error at the field, or it was searched", query)
			}
			s.get("admin", "/audit.csv?"+query).hasStatus(t, http.StatusSeeOther)
		}
		// A ticket in a reason is a link on every page, and nothing else in the reason is.
		s := newSite(t)
		for _, at := range []string{
			"x",
			"1",
			"1.",
			"1." + strings.Repeat("%00", 26),
			"x." + strings.Repeat("a", 26),
			"99999999999999999999." + strings.Repeat("a", 26),
		} {
			s.get("admin", "/audit?after="+at).hasStatus(t, 200)
			if s.auditLog.lastCursor != "before "+formatCursor(audit.Cursor{}) {
				t.Errorf("%q: searched %s", at, s.auditLog.lastCursor)
			}
		}
	})
	t.Run("audit log unavailable", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.auditLog.err = errors.New("disk gone")
		s.get("admin", "/audit").hasStatus(t, 500).excludes(t, "disk gone")
	})
}

// bulkOperations returns the operations of a bulk change of an editor, newest first.
func bulkOperations() []audit.Operation {
	var ops []audit.Operation
	for i, id := range []string{"x", "w", "v"} {
		op := sampleOperations()[0]
		op.ID, op.BulkID, op.Target.Name = strings.Repeat(id, 26), strings.Repeat("b", 26), "login_"+id
		op.CreatedAt = noon.Add(-time.Hour - time.Duration(i)*time.Second)
		ops = append(ops, op)
	}
	return ops
}

// A bulk change is one entry with the number of its operations, their results and the first of them, for operators that
// may see it with links.
func TestListAuditWithBulkChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ops, bulkID := bulkOperations(), strings.Repeat("b", 26)
	s.auditLog.ops = []audit.Operation{ops[2], sampleOperations()[1]}
	s.auditLog.page.Bulk = map[string]audit.BulkEntry{bulkID: {
		Count:      12,
		Results:    map[audit.Result]int{audit.Applied: 9, audit.Refused: 2, "": 1},
		Operations: ops,
	}}
	for _, path := range []string{"/audit", "/"} {
		got := s.get("auditor", path).hasStatus(t, 200)
		entry := got.doc.Find("details.bulk")
		if text := entry.Find("summary").Text(); text != "12 operations: 9 applied, 2 refused, 1 in progress" {
			t.Errorf("%s: the summary is %q", path, text)
		}
		if entry.Is("[open]") || entry.Find(`a[href^="/audit/"]`).Length() != 3 {
			t.Errorf("%s: the entry is open, or does not have the operations", path)
		}
		for name, href := range map[string]string{
			"Bulk change: Change of roles": "/bulk/" + bulkID,
			"Show all 12 operations":       "/audit?bulk=" + bulkID,
		} {
			if link := got.doc.Find(`a[href="` + href + `"]`); link.Length() != 1 || link.Text() != name {
				t.Errorf("%s: the link %q leads to %s %d times", path, name, href, link.Length())
			}
		}
		got.contains(t, "login_w", "my reason")
	}
	s.get("auditor", "/audit").contains(t, "13 operations")
	got := s.get("auditor", "/audit?q=login&from=2026-11-01").hasStatus(t, 200)
	if !got.doc.Find("details.bulk").Is("[open]") {
		t.Error("what a text was found in is hidden")
	}
	if got.doc.Find(`a[href="/audit?bulk=`+bulkID+`&from=2026-11-01&q=login"]`).Length() != 1 {
		t.Error("the link to all operations that match loses the filter")
	}
	got = s.get("viewer", "/").hasStatus(t, 200).excludes(t, "my reason")
	if got.doc.Find("details.bulk").Length() != 1 || got.doc.Find(`a[href*="/bulk/"], a[href*="bulk="]`).Length() != 0 {
		t.Error("a viewer does not see the entry, or has links that are refused")
	}
	// One operation that matches is shown as it is, with a link.
	s.auditLog.page.Bulk = map[string]audit.BulkEntry{bulkID: {
		Count:      1,
		Results:    map[audit.Result]int{audit.Applied: 1},
		Operations: ops[:1],
	}}
	got = s.get("auditor", "/audit?target=login_x").hasStatus(t, 200)
	if got.doc.Find("details.bulk").Length() != 0 || got.doc.Find(`td a[href="/bulk/`+bulkID+`"]`).Length() != 1 {
		t.Error("a single operation is hidden in an entry, or lacks the link to its bulk change")
	}
	got = s.get("auditor", "/audit?bulk="+bulkID).hasStatus(t, 200)
	if got.doc.Find(`a[href="/bulk/`+bulkID+`"]`).Length() != 1 {
		t.Error("the list of a bulk change does not lead to it once")
	}
	// Exports have one line for each operation.
	s.get("admin", "/audit.csv?bulk="+bulkID).hasStatus(t, 200)
	if want := (audit.Search{Account: accountID, BulkID: bulkID}); s.auditLog.lastSearch != want {
		t.Errorf("exported %+v", s.auditLog.lastSearch)
	}
}

// An empty list explains itself, and a search by text without a first day names the day it began at.
func TestListAuditWithoutRows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("admin", "/audit").hasStatus(t, 200).contains(t, "Changes made in this console appear here")
	s.get("editor", "/audit").hasStatus(t, 200).contains(t, "Your changes appear here with their results")
	got := s.get("admin", "/audit?q=x").hasStatus(t, 200).contains(t, "No operations match", "since 25 Aug 2026")
	if got.doc.Find(`a[href="/audit"]:contains("Show all operations")`).Length() != 1 {
		t.Error("no way back to everything")
	}
	// The overview counts changes from outside in the same bars, and links to the days of the audit log.
	if got.doc.Find(`main a[href="/drift"]`).Length() != 1 {
		t.Error("no way to the changes made outside the console")
	}
}

// A ticket in a reason is a link wherever the reason is shown, and nothing else in it is.
func TestTicketsInReasons(t *testing.T) {
	t.Parallel()
	c, err := config.Demo(
		[]string{
			config.Prefix + `TICKET_PATTERN=TKT-[^ ]+`,
			config.Prefix + "TICKET_URL=https://tickets.example.com/browse/$0",
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, func(o *Options) { o.Tickets = c.Tickets })
	op := sampleOperations()[0]
	op.Reason = `see TKT-1"><b data-hostile> and javascript:alert(1)`
	s.auditLog.ops, s.operations.op = []audit.Operation{op}, op
	for _, path := range []string{"/audit", "/audit/" + op.ID, "/subusers/7", "/keys/" + fakeKeyID} {
		got := s.get("admin", path).hasStatus(t, 200)
		got.hasNoInjection(t, path)
		links := got.doc.Find(`a[href="https://tickets.example.com/browse/TKT-1%22%3E%3Cb"][rel="noopener noreferrer"]`)
		if links.Length() != 1 || !strings.HasPrefix(links.Text(), `TKT-1"><b`) {
			t.Errorf("%s: %d links: %q", path, links.Length(), links.Text())
		}
	}
	newSite(t).get("admin", "/audit").hasStatus(t, 200)
}
