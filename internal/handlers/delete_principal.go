package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
)

// principalDeleter deletes principals.
type principalDeleter interface {
	privilegedRolesReader
	DeleteForm(ctx context.Context, o operator.Operator, account int64, ref access.Ref) (operations.Form, error)
	Delete(ctx context.Context, c operations.Delete) (operations.Outcome, error)
}

// showDelete shows what a deletion takes away, and asks for the name of the principal.
func (a *App) showDelete(kind access.Kind, s principalDeleter) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, kind)
		if err != nil {
			return err
		}
		form, err := s.DeleteForm(r.Context(), stateOf(r).operator, a.Account, ref)
		if err != nil {
			return err
		}
		m := a.deletePage(r, s, form)
		m.Subuser = nextDeletion(kind, r.URL.Query().Get("subuser")).ID
		return a.render(w, r, http.StatusOK, principals.DeletePage(m))
	}
}

// nextDeletion returns the subuser of which the page of deletion led to the deletion of its key, the zero Ref for none.
func nextDeletion(kind access.Kind, subuser string) access.Ref {
	ref, err := access.ParseRef(access.Subuser, subuser)
	if err != nil || kind != access.Key {
		return access.Ref{}
	}
	return ref
}

func (a *App) deletePage(r *http.Request, roles privilegedRolesReader, f operations.Form) principals.Delete {
	p := f.Principal
	m := principals.Delete{
		Frame:          a.principalFrame(r, p, principals.DeleteHeading(page.Name(p))),
		Principal:      p,
		Roles:          roleAssignments(p.Roles, f.Catalogue, roles.PrivilegedRoles(f.Catalogue)),
		OperationID:    f.ID,
		Keys:           namedKeys(f.Keys),
		MayDeleteKeys:  a.may(stateOf(r).operator, access.Key, operations.VerbDelete),
		Blocked:        f.BlockedReason,
		Expected:       operations.Confirmation(p),
		ReasonRequired: a.RequireReason,
	}
	m.WarningIDs, m.Warnings = warningBanners(f.Warnings, page.Name(p))
	m.Code = a.curlCommands(operations.Delete{Ref: p.Ref}.VendorCalls())
	return m
}

// delete deletes the principal.
func (a *App) delete(kind access.Kind, s principalDeleter) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, kind)
		if err != nil {
			return err
		}
		f := stateOf(r).form
		c := operations.Delete{
			Request: a.operationRequest(r),
			Ref:     ref,
			Confirm: f.text("confirm"),
			Warned:  shownWarnings(f),
		}
		if c.Base, err = f.ids("base"); err != nil {
			return err
		}
		next := nextDeletion(kind, f.text("subuser"))
		out, err := s.Delete(r.Context(), c)
		feedback, err := a.feedbackFor(r, out, err)
		switch {
		case err != nil:
			return err
		case feedback.status != 0:
			form, err := s.DeleteForm(r.Context(), c.Operator, a.Account, ref)
			if err != nil {
				return a.redirectToOutcome(w, r, out, err)
			}
			m := a.deletePage(r, s, form)
			feedback.Code = m.Code
			m.Subuser = next.ID
			m.FormFeedback, m.Reason, m.Confirm, m.Frame.Failed = feedback.FormFeedback, c.Reason, c.Confirm, true
			if feedback.keepID {
				m.OperationID = c.ID
			}
			return a.render(w, r, feedback.status, principals.DeletePage(m))
		case out.Result == audit.Applied && len(out.RemainingKeys) == 0:
			message := page.DeletedMessage(kind, out.Operation.Target.Name)
			if !next.IsZero() {
				return a.redirectWithResult(w, r, out, next.Path()+"/delete", message)
			}
			return a.redirectToResult(w, r, out, message)
		default:
			return a.renderDeleted(w, r, kind, out)
		}
	}
}

// renderDeleted shows a deletion that leaves something to do, or has an unknown outcome.
func (a *App) renderDeleted(w http.ResponseWriter, r *http.Request, kind access.Kind, out operations.Outcome) error {
	result := page.Result(out.Result)
	return a.render(w, r, http.StatusOK, principals.DeletedPage(principals.Deleted{
		Frame:         a.kindFrame(r, kind, principals.DeletedHeading(out.Operation.Target.Name, result)),
		Kind:          kind,
		OperationID:   out.Operation.ID,
		Result:        result,
		RemainingKeys: namedKeys(out.RemainingKeys),
		MayDeleteKeys: a.may(stateOf(r).operator, access.Key, operations.VerbDelete),
		Vendor:        vendorQuote(out.Call.Method, out.Call.Code, out.Call.VendorMessage),
		Advice:        out.Advice,
		Unsaved:       out.Unsaved,
	}))
}
