package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// operationReader returns an operation and its events, to operators who may see it.
type operationReader interface {
	Show(ctx context.Context, o operator.Operator, id string) (audit.Operation, []audit.Event, error)
}

// initialChange is the change that a form begins with. It is a change and not a list of roles, so that the form does
// not undo what another operator changed in between.
type initialChange struct {
	access.Difference
	finish bool // it is what a partly applied operation asked for
	again  bool // it is what an operation without effect asked for
	undo   bool // it is the reverse of what an operation did
	reason string
}

// queriedOperation is an operation that a URL names, for a form that begins with it.
type queriedOperation struct {
	audit.Operation
	intent operations.Intent
	param  string // "finish", "again" or "undo"
}

// readQueriedOperation returns the operation that the URL names with one of the parameters, nil when it names none. Its
// intent is read from the audit log, so that a link cannot pass off another change as an unfinished one.
func (a *App) readQueriedOperation(
	r *http.Request,
	s operationReader,
	params ...string,
) (*queriedOperation, error) {
	for _, param := range params {
		id := r.URL.Query().Get(param)
		if id == "" {
			continue
		}
		op, _, err := s.Show(r.Context(), stateOf(r).operator, id)
		if err != nil {
			return nil, err
		}
		intent, err := operations.ReadIntent(op)
		if err != nil {
			return nil, err
		}
		return &queriedOperation{Operation: op, intent: intent, param: param}, nil
	}
	return nil, nil
}

// readInitialChange returns the change that a URL asks for: of an operation to finish, to try again or to undo, or the
// ticks of a form that was lost.
func (a *App) readInitialChange(r *http.Request, s operationReader, ref access.Ref) (initialChange, error) {
	op, err := a.readQueriedOperation(r, s, "finish", "again", "undo")
	if err != nil {
		return initialChange{}, err
	}
	if op == nil {
		q := r.URL.Query()
		change := access.Difference{Grant: parseIDs(q["grant"]), Revoke: parseIDs(q["revoke"])}
		return initialChange{Difference: change}, nil
	}
	action := descriptorOf(op.Operation)
	change := access.Difference{Grant: roleRefIDs(op.intent.Grant), Revoke: roleRefIDs(op.intent.Revoke)}
	switch {
	case op.Account != a.Account || op.Target.Ref != ref || !action.ChangesRoles:
		return initialChange{}, nil
	case op.param == "finish" && a.isUnfinishedRoleChange(op.Operation) && action.Verb == operations.VerbRoles:
		return initialChange{Difference: change, finish: true, reason: op.Reason}, nil
	case op.param == "again" && hadNoEffect(op.Operation):
		return initialChange{Difference: change, again: true, reason: op.Reason}, nil
	case op.param == "undo" && operations.HadEffect(op.Operation):
		return initialChange{Difference: op.intent.Reverse(), undo: true}, nil
	default:
		return initialChange{}, nil
	}
}

// textsFromQuery returns the texts that the form of this principal begins with, when the URL asks to undo or to try
// again an operation on it: those that it replaced, or those that it asked for with its reason. It returns nil
// otherwise, and for an operation that set no texts.
func (a *App) textsFromQuery(
	r *http.Request,
	s operationReader,
	ref access.Ref,
) (texts *operations.Texts, reason string, err error) {
	op, err := a.readQueriedOperation(r, s, "undo", "again")
	switch {
	case err != nil || op == nil || op.Account != a.Account || op.Target.Ref != ref:
		return nil, "", err
	case op.param == "undo" && operations.HadEffect(op.Operation):
		return op.intent.OldTexts, "", nil
	case op.param == "again" && hadNoEffect(op.Operation) && descriptorOf(op.Operation).Verb == operations.VerbEdit:
		return &operations.Texts{Name: op.intent.Name, Description: op.intent.Description}, op.Reason, nil
	default:
		return nil, "", nil
	}
}

// intentFromQuery returns the intent of an operation that the URL names, when it is of this action: a new form begins
// with it. The operation was applied, at least partly; one to try again may have had no effect instead. It also returns
// the reason, which a form that continues the operation begins with. The intent is nil when the URL names none.
func (a *App) intentFromQuery(
	r *http.Request,
	s operationReader,
	param string,
	action audit.Action,
) (intent *operations.Intent, reason string, err error) {
	op, err := a.readQueriedOperation(r, s, param)
	if err != nil || op == nil || op.Account != a.Account || op.Action != action ||
		!operations.HadEffect(op.Operation) && !(param == "again" && hadNoEffect(op.Operation)) {
		return nil, "", err
	}
	return &op.intent, op.Reason, nil
}

// hadNoEffect reports whether an operation is closed and changed nothing.
func hadNoEffect(op audit.Operation) bool {
	return !op.Open && (op.Result == audit.Refused || op.Result == audit.NotSent || op.Result == audit.NotApplied)
}

// isUnfinishedRoleChange reports whether an operation is a change of roles that was partly applied.
func (a *App) isUnfinishedRoleChange(op audit.Operation) bool {
	return op.Account == a.Account && descriptorOf(op).ChangesRoles && op.Result == audit.PartlyApplied && !op.Open
}

// banners explain prefilled ticks. Those from the URL alone need a warning: another person may have made the link.
// base is the direct roles that the form was drawn from.
func (c initialChange) banners(catalogue directory.Catalogue, base []int64) []ui.Banner {
	switch {
	case c.undo && access.SameRoles(c.Apply(base), base):
		return []ui.Banner{page.NothingToUndoBanner()}
	case c.undo:
		revoked := access.Without(base, access.Without(base, c.Revoke))
		granted := catalogue.Names(access.Without(c.Grant, base))
		return []ui.Banner{page.UndoBanner(granted, catalogue.Names(revoked))}
	case c.finish || c.again || c.IsEmpty():
		return nil
	default:
		return []ui.Banner{page.PrefilledFromURLBanner()}
	}
}

// parseIDs returns the vendor's ids among values of a URL. Invalid ones are left out.
func parseIDs(texts []string) []int64 {
	var ids []int64
	for _, text := range texts {
		if id, ok := parseID(text); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func roleRefIDs(refs []operations.RoleRef) []int64 {
	ids := make([]int64, 0, len(refs))
	for _, ref := range refs {
		ids = append(ids, ref.ID)
	}
	return ids
}

// changePath returns the path of a page of a principal that begins with a change of roles: "/roles" or "/force".
func changePath(ref access.Ref, page string, change access.Difference) string {
	q := url.Values{}
	for _, role := range change.Grant {
		q.Add("grant", strconv.FormatInt(role, 10))
	}
	for _, role := range change.Revoke {
		q.Add("revoke", strconv.FormatInt(role, 10))
	}
	path := ref.Path() + page
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
