package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/views/drift"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

func driftStates() []State {
	state := func(name string, m drift.List) State {
		m.Frame = frame(drift.ListHeading, page.Overview, page.Overview.Link())
		return State{Area: "drift", Page: "list", Name: name, Component: drift.ListPage(m)}
	}
	accept := func(name string, m drift.Accept) State {
		m.Frame = frame(
			drift.AcceptHeading,
			page.Overview,
			page.Overview.Link(),
			drift.ListLink(),
		)
		m.Frame.Failed = len(m.Errors) > 0
		m.Action, m.Name, m.Finding = "/drift/mfrggzdfmztwq2lknnwg23tpoa/accept", "agnes_lindqvist", driftFinding()
		return State{Area: "drift", Page: "accept", Name: name, Component: drift.AcceptPage(m)}
	}
	many := driftTargets()
	viewer := drift.Target{
		Name:     many[0].Name,
		Kind:     many[0].Kind,
		Href:     many[0].Href,
		Findings: []drift.Finding{driftFinding()},
	}
	viewer.Findings[0].AcceptHref, viewer.Findings[0].RevertLink = "", nil
	return []State{
		state("many", compared(drift.List{Targets: many, EndedFindings: endedFindings()})),
		state("viewer", compared(drift.List{Targets: []drift.Target{viewer}})),
		state("none", compared(drift.List{})),
		state("not-compared", drift.List{SubusersComparedAt: ago(time.Minute)}),
		accept("ordinary", drift.Accept{}),
		accept(
			"no-reason",
			drift.Accept{Errors: []ui.FieldError{{Field: "reason", Text: "Enter a reason. It is required here."}}},
		),
	}
}

func compared(m drift.List) drift.List {
	m.SubusersComparedAt, m.KeysComparedAt = ago(2*time.Minute), ago(2*time.Minute)
	return m
}

func driftFinding() drift.Finding {
	return drift.Finding{
		Text:          drift.Granted("Owner"),
		LastUnchanged: ago(14 * time.Minute),
		FirstSeen:     ago(9 * time.Minute),
		VendorHistory: []drift.VendorEvent{{
			At:      ago(11 * time.Minute),
			Command: "SetSubUserRoles",
			IP:      "203.0.113.7",
			Subuser: "tove_h",
		}},
		AcceptHref: "/drift/mfrggzdfmztwq2lknnwg23tpoa/accept",
		RevertLink: &ui.Link{Text: drift.RevertText, Href: "/subusers/2201/roles?revoke=1"},
	}
}

func driftTargets() []drift.Target {
	gone := drift.Finding{
		Text:          drift.Deleted,
		Detail:        drift.RolesDetail([]string{"Accountant", "Payer"}),
		LastUnchanged: ago(26 * time.Hour),
		FirstSeen:     ago(25 * time.Hour),
		VendorHistory: []drift.VendorEvent{{Command: "DelSubUser"}},
		AcceptHref:    "/drift/mfrggzdfmztwq2lknnwg23tpob/accept",
		RevertLink:    &ui.Link{Text: drift.CreateText, Href: "/subusers/new?login=bjorn_aasen"},
	}
	described := drift.Finding{
		Text:          drift.DescriptionChanged,
		Detail:        drift.ReplacedDetail("Wallboard in the hall", "<b>لوحة</b> & more"),
		LastUnchanged: ago(14 * time.Minute),
		FirstSeen:     ago(9 * time.Minute),
		AcceptHref:    "/drift/mfrggzdfmztwq2lknnwg23tpoc/accept",
	}
	return []drift.Target{
		{Name: "agnes_lindqvist", Kind: "Subuser", Href: "/subusers/2201", Findings: []drift.Finding{driftFinding()}},
		{Name: "bjorn_aasen", Kind: "Subuser", Findings: []drift.Finding{gone}},
		{Name: "Wallboard", Kind: "Key", Href: "/keys/" + keyID, Findings: []drift.Finding{described}},
	}
}

func endedFindings() []drift.EndedFinding {
	return []drift.EndedFinding{
		{
			Name:    "hakan_yilmaz",
			Text:    drift.Granted("Admin"),
			Outcome: drift.AcceptedBy("Ada Admin"),
			Reason:  "Agreed with the head of support, OPS-412",
			At:      ago(48 * time.Hour),
		},
		{Name: "CI deploy", Text: drift.Revoked("Developer"), Outcome: drift.NoLongerPresent, At: ago(72 * time.Hour)},
	}
}
