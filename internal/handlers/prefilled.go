package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/ui"
)

// rolesFinisher draws the form for a subuser's roles, and answers the operation that it may be there to finish.
type rolesFinisher interface {
	rolesFormer
	Show(ctx context.Context, o operator.Operator, id string) (audit.Operation, []audit.Event, error)
}

// begun is the change that a form begins with. It is a change and not a list of ticks, so that what others did in the
// meantime is not undone.
type begun struct {
	grant, revoke []int64
	finish        bool // it is what an operation that was applied in part had asked for
}

// changeBegun reads the change from the address: it names an operation to finish, or carries the ticks of a form that
// was lost. What an operation asked for is taken from the record alone, so that nobody can make a link that passes off
// a change of theirs as work left half done.
func (a *App) changeBegun(r *http.Request, s rolesFinisher, subuser int64) (begun, error) {
	q := r.URL.Query()
	if !q.Has("finish") {
		return begun{grant: idsIn(q["grant"]), revoke: idsIn(q["revoke"])}, nil
	}
	op, _, err := s.Show(r.Context(), visitOf(r).operator, q.Get("finish"))
	if err != nil {
		return begun{}, err
	}
	if !a.halfDone(op) || op.Target.ID != strconv.FormatInt(subuser, 10) {
		return begun{}, nil
	}
	intent, err := operations.ReadIntent(op)
	if err != nil {
		return begun{}, err
	}
	return begun{grant: refIDs(intent.Grant), revoke: refIDs(intent.Revoke), finish: true}, nil
}

// halfDone says whether an operation is a change of roles of which a part is still to be done.
func (a *App) halfDone(op audit.Operation) bool {
	return op.Account == a.Account && op.Action == audit.ChangeSubuserRoles && op.Result == audit.Partly && !op.Open
}

// finishBanners offer to finish an operation to those who may.
func (a *App) finishBanners(o operator.Operator, op audit.Operation) []ui.Banner {
	id, ok := parseID(op.Target.ID)
	if !ok || !a.halfDone(op) || !a.Policy.May(o, policy.SubusersRoles) {
		return nil
	}
	return []ui.Banner{{Tone: ui.Warning, Title: "A part of this was not done", Text: "Unless somebody has done it since, it can be finished as a new operation.",
		Links: []ui.Link{{Text: "Finish it", Href: finishPath(id, op.ID)}}}}
}

// ticks are the roles to tick when these are held.
func (b begun) ticks(held []int64) []int64 {
	return without(slices.Concat(held, b.grant), b.revoke)
}

// banners say where ticks come from that nobody made on this page and no record vouches for.
func (b begun) banners() []ui.Banner {
	if b.finish || len(b.grant)+len(b.revoke) == 0 {
		return nil
	}
	return []ui.Banner{{Tone: ui.Warning, Title: "These ticks come from the address",
		Text: "They are those of a form of yours that was lost, or somebody put them into a link to this page. Look at each of them before you go on."}}
}

// idsIn are the vendor's ids among texts of an address. What makes no sense is left out.
func idsIn(texts []string) []int64 {
	var ids []int64
	for _, text := range texts {
		if id, ok := parseID(text); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func refIDs(refs []operations.RoleRef) []int64 {
	ids := make([]int64, 0, len(refs))
	for _, ref := range refs {
		ids = append(ids, ref.ID)
	}
	return ids
}

// prefilledPath is the address of the form with a change to begin with.
func prefilledPath(id int64, grant, revoke []int64) string {
	q := url.Values{}
	for _, role := range grant {
		q.Add("grant", strconv.FormatInt(role, 10))
	}
	for _, role := range revoke {
		q.Add("revoke", strconv.FormatInt(role, 10))
	}
	if len(q) == 0 {
		return subuserRolesPath(id)
	}
	return subuserRolesPath(id) + "?" + q.Encode()
}

// finishPath is the address of the form that finishes an operation.
func finishPath(id int64, operation string) string {
	return subuserRolesPath(id) + "?finish=" + url.QueryEscape(operation)
}
