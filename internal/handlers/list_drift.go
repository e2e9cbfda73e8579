package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/drift"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	driftview "github.com/voxwarden/voxwarden/views/drift"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// driftLister lists drift findings and the decisions about earlier ones.
type driftLister interface {
	Findings(ctx context.Context, account int64) ([]drift.Finding, error)
	Decisions(ctx context.Context, account int64, limit int) ([]drift.Decision, error)
	Counts(ctx context.Context, account int64, from time.Time) (drift.Counts, error)
	Compared(ctx context.Context, account int64) (map[access.Kind]time.Time, error)
}

// endedShown is the number of ended findings on the page.
const endedShown = 20

// listDrift shows changes at the vendor that no operation explains.
func (a *App) listDrift(d driftLister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		findings, err := d.Findings(r.Context(), a.Account)
		if err != nil {
			return err
		}
		ended, err := a.memories.driftDecisions.get(a.momentOf(r), func() ([]drift.Decision, error) {
			return d.Decisions(r.Context(), a.Account, endedShown)
		})
		if err != nil {
			return err
		}
		compared, err := d.Compared(r.Context(), a.Account)
		if err != nil {
			return err
		}
		m := driftview.List{
			Frame:              a.driftFrame(r, driftview.ListHeading),
			Count:              len(findings),
			SubusersComparedAt: compared[access.Subuser],
			KeysComparedAt:     compared[access.Key],
		}
		findings, m.Pager = paginate(r, "page", findings)
		m.Targets = a.driftTargets(stateOf(r).operator, findings)
		for _, e := range ended {
			m.EndedFindings = append(m.EndedFindings, a.endedDrift(stateOf(r).operator, e))
		}
		return a.render(w, r, http.StatusOK, driftview.ListPage(m))
	}
}

func (a *App) driftFrame(r *http.Request, heading string) page.Frame {
	f := a.frame(r, page.Overview, heading)
	f.Crumbs = []ui.Link{page.Overview.Link()}
	return f
}

// driftTargets groups findings by principal.
func (a *App) driftTargets(o operator.Operator, findings []drift.Finding) []driftview.Target {
	var targets []driftview.Target
	indexOf := map[access.Ref]int{}
	for _, f := range findings {
		ref := f.Target
		if _, known := indexOf[ref]; !known {
			indexOf[ref] = len(targets)
			t := driftview.Target{Name: driftTargetName(f), Kind: driftview.SubuserTarget, Href: ref.Path()}
			if f.Target.Kind == access.Key {
				t.Kind = driftview.KeyTarget
			}
			if f.Type == drift.Gone {
				t.Href = ""
			}
			targets = append(targets, t)
		}
		t := &targets[indexOf[ref]]
		t.Findings = append(t.Findings, a.driftFinding(o, f))
	}
	return targets
}

// driftFinding returns a finding with the links that this operator may use.
func (a *App) driftFinding(o operator.Operator, f drift.Finding) driftview.Finding {
	text, detail := driftText(f)
	shown := driftview.Finding{
		Text:          text,
		Detail:        detail,
		LastUnchanged: f.LastUnchanged,
		FirstSeen:     f.FirstSeen,
		RevertLink:    a.driftRevert(o, f),
	}
	if a.Policy.May(o, policy.DriftAccept) {
		shown.AcceptHref = driftAcceptPath(f.ID)
	}
	for _, t := range f.VendorHistory {
		event := driftview.VendorEvent{At: t.At, Command: t.Command, Subuser: t.Subuser}
		if a.Policy.May(o, policy.AuditView) {
			event.IP = t.IP // addresses need the permission for the whole audit log
		}
		shown.VendorHistory = append(shown.VendorHistory, event)
	}
	return shown
}

// driftText returns a finding in words.
func driftText(f drift.Finding) (text, detail string) {
	switch f.Type {
	case drift.Appeared, drift.Gone:
		var names []string
		for _, r := range f.Roles {
			names = append(names, r.Name)
		}
		if f.Type == drift.Gone {
			return driftview.Deleted, driftview.RolesDetail(names)
		}
		return driftview.Created, driftview.RolesDetail(names)
	case drift.Granted, drift.Revoked:
		if f.AlsoInherited {
			detail = driftview.StillInherited
		}
		if f.Type == drift.Revoked {
			return driftview.Revoked(f.Role.Name), detail
		}
		return driftview.Granted(f.Role.Name), detail
	case drift.Renamed:
		return driftview.Renamed, driftview.ReplacedDetail(f.OldValue, f.NewValue)
	default:
		return driftview.DescriptionChanged, driftview.ReplacedDetail(f.OldValue, f.NewValue)
	}
}

// driftRevert returns the link to the form that reverts a finding, nil when this operator may not use it.
func (a *App) driftRevert(o operator.Operator, f drift.Finding) *ui.Link {
	path := f.Target.Path()
	var need operations.Verb
	link := ui.Link{Text: driftview.RevertText}
	switch f.Type {
	case drift.Appeared:
		need, link.Text, link.Href = operations.VerbDelete, driftview.DeleteText, path+"/delete"
	case drift.Gone:
		need, link.Text, link.Href = operations.VerbCreate, driftview.CreateText, recreatePath(f)
	case drift.Granted:
		change := access.Difference{Revoke: []int64{f.Role.ID}}
		need, link.Href = operations.VerbRoles, changePath(f.Target, "/roles", change)
	case drift.Revoked:
		change := access.Difference{Grant: []int64{f.Role.ID}}
		need, link.Href = operations.VerbRoles, changePath(f.Target, "/roles", change)
	default:
		need, link.Text, link.Href = operations.VerbEdit, page.EditText, path+"/edit"
	}
	if !a.may(o, f.Target.Kind, need) || need == operations.VerbDelete && a.isConsoleKey(f.Target) {
		return nil
	}
	return &link
}

// recreatePath returns the path of the form for a new principal. That for a subuser is filled in with what is known.
func recreatePath(f drift.Finding) string {
	path := "/" + f.Target.Kind.RouteSegment() + "/new"
	if f.Target.Kind == access.Key {
		return path
	}
	q := url.Values{"login": {f.Name}}
	for _, r := range f.Roles {
		q.Add("grant", strconv.FormatInt(r.ID, 10))
	}
	return path + "?" + q.Encode()
}

// endedDrift returns how a finding ended. Only operators who may see the whole audit log see the reason.
func (a *App) endedDrift(o operator.Operator, d drift.Decision) driftview.EndedFinding {
	text, _ := driftText(d.Finding)
	e := driftview.EndedFinding{Name: driftTargetName(d.Finding), Text: text, Outcome: driftview.NoLongerPresent, At: d.At}
	if d.Outcome == drift.Accepted {
		e.Outcome = driftview.AcceptedBy(d.Actor.Display())
		if a.Policy.May(o, policy.AuditView) {
			e.Reason = d.Reason
		}
	}
	return e
}

func driftTargetName(f drift.Finding) string {
	return page.Name(access.Principal{Ref: f.Target, Name: f.Name})
}

func driftAcceptPath(id string) string { return "/drift/" + url.PathEscape(id) + "/accept" }
