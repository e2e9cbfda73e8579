package gallery

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

func auditCrumb() ui.Link { return ui.Link{Text: "Audit log", Href: "/audit"} }

func auditListStates() []State {
	state := func(name string, m audit.List) State {
		return State{Area: "audit", Page: "list", Name: name, Component: withTicketLinks(audit.ListPage(m))}
	}
	return []State{
		state("empty", auditList()),
		state("one", auditList(history()[0])),
		state("results", auditList(everyResult()...)),
		state("many", manyAuditList()),
		state("filtered", filteredAuditList(history()...)),
		state("no-match", filteredAuditList()),
		state("own", ownAuditList(history()[1])),
		state("own-empty", ownAuditList()),
		state("long", auditList(longLines()...)),
		state("bulk", auditList(history()[0], bulkEntry(false), longBulkEntry(), history()[1])),
		state("bulk-filtered", bulkFilteredAuditList()),
		state("invalid", invalidAuditList()),
		state("timed-out", timedOutAuditList()),
	}
}

// bulkEntry returns a bulk change of three subusers as one entry of a list.
func bulkEntry(open bool) page.Operation {
	entry := page.Operation{
		ID:         "01KAQ0A9D3X7M5QK2WTR8Y6Z3A",
		ActionName: "Change of roles",
		Actor:      "Emre Editor",
		At:         ago(25 * time.Minute),
		Reason:     "TKT-4417 new shift",
		Linked:     true,
		BulkHref:   "/bulk/" + bulkID,
		Entry: &page.BulkEntry{
			Count:   3,
			Results: []page.ResultCount{{Result: page.Applied, Count: 2}, {Result: page.Refused, Count: 1}},
			Open:    open,
		},
	}
	for i, result := range []page.Result{page.Applied, page.Refused, page.Applied} {
		subuser := subuserRows()[i].Principal
		entry.Entry.Shown = append(entry.Entry.Shown, page.Operation{
			ID:         fmt.Sprintf("01KAQ0A9D3X7M5QK2WTR8Y6Z3%c", 'C'-i),
			ActionName: "Change of roles",
			TargetName: subuser.Name,
			TargetHref: subuser.Path(),
			At:         ago(24*time.Minute + time.Duration(i)*20*time.Second),
			Result:     result,
			Confirmed:  true,
			Linked:     true,
			Summary:    "− Support, + Supervisor",
			BulkHref:   "/bulk/" + bulkID,
		})
	}
	return entry
}

// longBulkEntry returns a bulk change with more operations than an entry shows.
func longBulkEntry() page.Operation {
	entry := bulkEntry(true)
	entry.ID, entry.At = "01KAQ0A9D3X7M5QK2WTR8Y6Z4A", ago(26*time.Hour)
	entry.Entry.Count = 1204
	entry.Entry.Results = []page.ResultCount{
		{Result: page.Applied, Count: 1197}, {Result: page.Refused, Count: 2}, {Result: page.Unknown, Count: 4},
		{Result: page.UnderWay, Count: 1},
	}
	entry.Entry.AllHref = audit.BulkHref(bulkID)
	return entry
}

// bulkFilteredAuditList returns the operations of one bulk change.
func bulkFilteredAuditList() audit.List {
	operations := bulkEntry(false).Entry.Shown
	for i := range operations {
		operations[i].Actor, operations[i].BulkHref = "Emre Editor", ""
	}
	m := auditList(operations...)
	m.Filter.BulkID, m.BulkHref = bulkID, "/bulk/"+bulkID
	m.ExportCSV, m.ExportJSON = "/audit.csv"+m.Filter.Query(), "/audit.jsonl"+m.Filter.Query()
	return m
}

// timedOutAuditList returns the audit log after a search that took too long.
func timedOutAuditList() audit.List {
	m := filteredAuditList()
	m.TimedOut, m.Frame.Failed = true, true
	m.Frame.Banners = []ui.Banner{audit.SearchTimeoutBanner()}
	return m
}

// withTicketLinks draws a page with ticket links for TKT and a number.
func withTicketLinks(c templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(ui.WithReasonSplitter(ctx, func(text string) []ui.ReasonPart {
			at := strings.Index(text, "TKT-")
			if at < 0 || len(text) < at+8 {
				return []ui.ReasonPart{{Text: text}}
			}
			ticket := text[at : at+8]
			return []ui.ReasonPart{
				{Text: text[:at]},
				{Text: ticket, Href: "https://tickets.example.com/browse/" + ticket},
				{Text: text[at+8:]},
			}
		}), w)
	})
}

// auditList returns the audit log for an admin, without filters.
func auditList(operations ...page.Operation) audit.List {
	return audit.List{
		Frame: frame("Audit log", page.AuditLog),
		Actors: []ui.Option{
			{Value: "ada@nordlys.example", Text: "Ada Admin · 00u1k2"},
			{Value: "Emre Editor", Text: "Emre Editor · emre"},
		},
		Actions: []ui.Option{
			{Value: "subuser.create", Text: "New subuser"},
			{Value: "subuser.roles", Text: "Change of roles of a subuser"},
			{Value: "subuser.delete", Text: "Deletion of subuser"},
			{Value: "key.create", Text: "New key"},
			{Value: "key.roles", Text: "Change of roles of a key"},
		},
		Roles: []ui.Option{{Value: "1", Text: "Owner"}, {Value: "3", Text: "Support"}},
		Changes: []ui.Option{
			{Value: "granted", Text: "Granted"},
			{Value: "revoked", Text: "Revoked"},
			{Value: "lost", Text: "Lost with a deleted target"},
		},
		Results: []ui.Option{
			{Value: "open", Text: audit.UnresolvedChoice},
			{Value: "applied", Text: "Applied"},
			{Value: "refused", Text: "Refused"},
			{Value: "not_sent", Text: "Not sent"},
			{Value: "partly", Text: "Partly applied"},
			{Value: "not_applied", Text: "Not applied"},
			{Value: "unknown", Text: "Unknown"},
		},
		Operations: operations,
		ExportCSV:  "/audit.csv",
		ExportJSON: "/audit.jsonl",
	}
}

// everyResult returns an operation with each result.
func everyResult() []page.Operation {
	lines := []page.Operation{openOperation()}
	for i, o := range []struct {
		result    page.Result
		confirmed bool
		open      bool
	}{
		{page.UnderWay, false, true},
		{page.Applied, true, false},
		{page.Applied, false, true},
		{page.Refused, true, false},
		{page.NotSent, true, false},
		{page.PartlyApplied, true, false},
		{page.NotApplied, true, false},
	} {
		line := history()[0]
		line.ID = fmt.Sprintf("01KAQ4M2N8V5RZ0DPJ6Y3HE7T%d", i)
		line.Result, line.Confirmed, line.Open = o.result, o.confirmed, o.open
		line.At = ago(time.Duration(i+1) * 17 * time.Minute)
		lines = append(lines, line)
	}
	return lines
}

func manyAuditList() audit.List {
	var lines []page.Operation
	for i := range 50 {
		line := history()[i%3]
		subuser := subuserRows()[i%len(subuserRows())].Principal
		line.ID, line.At = fmt.Sprintf("01KAQ4M2N8V5RZ0DPJ6Y3HE7%02d", i), ago(time.Duration(i*i+3)*time.Minute)
		line.TargetName, line.TargetHref = subuser.Name, subuser.Path()
		if i%4 == 1 {
			line.Reason = ""
		}
		lines = append(lines, line)
	}
	m := auditList(lines...)
	m.Newest = "/audit"
	m.Newer = "/audit?after=1795435384000000." + operationID
	m.Older = "/audit?before=1795285384000000." + operationID
	return m
}

// filteredAuditList returns the audit log with every filter set.
func filteredAuditList(operations ...page.Operation) audit.List {
	m := auditList(operations...)
	m.Filter = audit.Filter{
		Actor:  "ada@nordlys.example",
		Target: "zofia_wojcik",
		From:   "",
		To:     "2026-11-23",
		Text:   "TKT-4417",
		Action: "subuser.roles",
		Role:   "1",
		Change: "granted",
		Result: "applied",
	}
	m.Actions[1].Selected, m.Roles[0].Selected, m.Changes[0].Selected = true, true, true
	m.Results[1].Selected = true
	m.TextSince = noon().Truncate(24*time.Hour).AddDate(0, 0, -90)
	m.ExportCSV, m.ExportJSON = "/audit.csv"+m.Filter.Query(), "/audit.jsonl"+m.Filter.Query()
	return m
}

func ownAuditList(operations ...page.Operation) audit.List {
	m := auditList(operations...)
	m.Frame = asOperator(m.Frame, "Emre Editor", "editor")
	m.OwnOnly, m.Actors, m.ExportCSV, m.ExportJSON = true, nil, "", ""
	return m
}

// longLines returns operations with long texts and with right-to-left texts.
func longLines() []page.Operation {
	long := history()[0]
	long.Actor = "Marie-Antoinette Featherstonehaugh-Cholmondeley of the Department of Improbably Long Names"
	long.TargetName = "integration_" + strings.Repeat("freshdesk_", 9) + "eu_west_1"
	long.Summary = "− CallListManager, − PhoneNumberManager, − UserManager, + Supervisor, + Accountant, + Payer, + " +
		"Developer, + Support"
	long.Reason = "https://wiki.nordlys.example/" + strings.Repeat("a-page-without-a-break/", 6) +
		" explains it, see also (TKT-4417)."
	rtl := history()[1]
	rtl.ID = "01KAQ0A9D3X7M5QK2WTR8Y6ZHD"
	rtl.Actor = "أمير حداد"
	rtl.TargetName = "amir_haddad"
	rtl.Reason = "طلب المدير TKT-4418، انظر التذكرة"
	gone := history()[2]
	gone.ActionName, gone.TargetHref, gone.Summary, gone.Reason = "Deletion of subuser", "", "", ""
	return []page.Operation{long, rtl, gone}
}

func invalidAuditList() audit.List {
	m := auditList()
	m.Frame.Failed = true
	m.Filter = audit.Filter{Actor: "ada", From: "yesterday", To: "2026-11-31"}
	m.Errors = []ui.FieldError{
		{Field: "from", Text: "Write a day as year-month-day, such as 2026-11-23."},
		{Field: "to", Text: "Write a day as year-month-day, such as 2026-11-23."},
	}
	return m
}
