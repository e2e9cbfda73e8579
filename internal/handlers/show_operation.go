package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	auditview "github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// operationViewer returns an operation and its events to operators who may see it.
type operationViewer interface {
	Show(ctx context.Context, o operator.Operator, id string) (audit.Operation, []audit.Event, error)
	ReconcileNow(ctx context.Context, o operator.Operator, id string) (audit.Operation, string, error)
	LaterCreation(ctx context.Context, op audit.Operation) (again audit.Operation, found bool, err error)
	CreatedAgain(ctx context.Context, op audit.Operation) (by audit.Operation, found bool, err error)
	LaterChanges(ctx context.Context, op audit.Operation) ([]audit.Operation, error)
}

// openOperationRefreshSeconds is how often the page of an open operation reloads.
const openOperationRefreshSeconds = 5

// showOperation shows one operation with all its events.
func (a *App) showOperation(s operationViewer, d selectionReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathOperationID(r)
		if err != nil {
			return err
		}
		op, events, err := s.Show(r.Context(), stateOf(r).operator, id)
		if err != nil {
			return err
		}
		m := a.operationPage(r, op, events)
		next := a.nextStepBanners(stateOf(r).operator, op, events)
		if a.isUnfinishedReissue(op) {
			again, found, err := s.LaterCreation(r.Context(), op)
			if err != nil {
				return err
			}
			if found {
				next = a.recreatedBanners(stateOf(r).operator, op, again)
			}
		}
		m.Frame.Banners = append(m.Frame.Banners, next...)
		later, err := s.LaterChanges(r.Context(), op)
		if err != nil {
			return err
		}
		m.Later = a.operationViews(stateOf(r).operator, later[:min(len(later), laterChangesShown)])
		present, err := a.presentTarget(r.Context(), d, op)
		if err != nil {
			return err
		}
		m.Now = present.rolesNow(op)
		m.Undo = a.undo(stateOf(r).operator, op, present)
		by, undone, err := undoneBy(r.Context(), s, op, later)
		if err != nil {
			return err
		}
		if m.Undo != nil && undone && (m.Undo.Href == "" || by.ClosedAt.After(present.asOf)) {
			view := a.operationView(stateOf(r).operator, by)
			m.Undo = &auditview.Undo{By: &view}
		}
		if op.Open {
			m.Frame.AutoRefresh = openOperationRefreshSeconds
		}
		return a.render(w, r, http.StatusOK, auditview.OperationPage(m))
	}
}

// laterChangesShown is the number of later operations that the page of an operation names.
const laterChangesShown = 5

// undoneBy returns the operation that took back what op changed. later are the operations on its target since, newest
// first.
func undoneBy(
	ctx context.Context,
	s operationViewer,
	op audit.Operation,
	later []audit.Operation,
) (by audit.Operation, found bool, err error) {
	later = slices.Clone(later)
	slices.Reverse(later)
	if action := descriptorOf(op); action.Deletes && action.Undo != "" && operations.HadEffect(op) {
		created, found, err := s.CreatedAgain(ctx, op)
		if err != nil || !found {
			return audit.Operation{}, false, err
		}
		later = []audit.Operation{created}
	}
	by, found = operations.UndoneBy(op, later)
	return by, found, nil
}

// operationPage returns the page of an operation.
func (a *App) operationPage(r *http.Request, op audit.Operation, events []audit.Event) auditview.Operation {
	action := descriptorOf(op)
	m := auditview.Operation{
		Frame:              a.auditFrame(r, auditview.OperationHeading(action.Label, op.Target.Name)),
		ID:                 op.ID,
		ActionName:         action.Label,
		TargetName:         op.Target.Name,
		TargetHref:         targetPath(op.Target),
		Actor:              op.Actor.Display(),
		ActorDetail:        auditview.ActorIdentity(op.Actor.ID(), op.Actor.Method),
		Address:            auditview.AddressText(op.Actor.Address, op.Actor.AddressFrom == audit.FromForwarded),
		RequestID:          op.RequestID,
		At:                 op.CreatedAt,
		Reason:             op.Reason,
		Result:             page.Result(op.Result),
		Confirmed:          op.Confirmed,
		Open:               op.Open,
		ClosedAt:           op.ClosedAt,
		Facts:              operationFacts(op),
		MayCheck:           op.Open,
		MayResolve:         op.Open && a.Policy.May(stateOf(r).operator, policy.AuditResolve),
		ReconcileNotBefore: a.reconcileNotBefore(op, events),
	}
	m.Frame.HasForm = m.MayResolve
	m.Unreadable = action.Unreadable
	if op.Result == audit.Applied && action.Deletes && !action.Creates {
		m.TargetHref = "" // it was deleted
	}
	if op.BulkID != "" {
		m.BulkHref = bulkPath(op.BulkID)
	}
	if op.Target.Kind == access.Key {
		m.TargetID = op.Target.ID
	}
	if change := intendedChange(op); !change.Empty() {
		m.Change = &change
	}
	for _, e := range events {
		m.Events = append(m.Events, eventView(e))
		if read := rolesReadBack(op, e); read != nil {
			m.ReadBack, m.ReadBackAt = read, e.At
		}
	}
	return m
}

// auditFrame returns the frame of a page about one operation.
func (a *App) auditFrame(r *http.Request, heading string) page.Frame {
	f := a.frame(r, page.AuditLog, heading)
	f.Crumbs = []ui.Link{page.AuditLog.Link()}
	return f
}

// eventView returns one event in words.
func eventView(e audit.Event) auditview.Event {
	line := auditview.Event{
		At:        e.At,
		Title:     eventTitle(e),
		Note:      e.Note,
		Result:    page.Result(e.Result),
		HasResult: e.Kind != audit.IntentEvent,
		Confirmed: e.Confirmed,
	}
	if e.Source != byReconciler {
		line.Actor = e.Source
	}
	for _, call := range e.Calls {
		line.Calls = append(line.Calls, auditview.Call{
			Method:   call.Method,
			Result:   page.Result(call.Result),
			Vendor:   vendorQuote(call.Method, call.Code, call.VendorMessage),
			SentAt:   call.SentAt,
			Duration: call.Duration,
		})
	}
	return line
}

// byReconciler is the source of an event that the reconciler wrote.
const byReconciler = "reading"

func eventTitle(e audit.Event) string {
	switch {
	case e.Kind == audit.IntentEvent:
		return auditview.IntentTitle
	case e.Kind == audit.OutcomeEvent:
		return auditview.OutcomeTitle
	case e.Kind == audit.ReopenedEvent:
		return auditview.ReopenedTitle
	case e.Source == byReconciler:
		return auditview.ReconciledTitle
	default:
		return auditview.ResolvedTitle
	}
}

// rolesReadBack returns the direct roles that an event read back, nil when it has none or the operation is not about
// roles.
func rolesReadBack(op audit.Operation, e audit.Event) []page.RoleAssignment {
	var facts operations.Facts
	if len(e.Facts) == 0 || json.Unmarshal(e.Facts, &facts) != nil || facts.Gone ||
		intendedChange(op).Empty() && !descriptorOf(op).IsReissue() {
		return nil
	}
	held := []page.RoleAssignment{}
	for _, ref := range facts.Roles {
		held = append(held, page.RoleAssignment{ID: ref.ID, Name: ref.Name})
	}
	return held
}

// reconcileNotBefore returns when the console may reconcile an open operation as not applied: some time after its last
// token expired. It is zero when every call was answered.
func (a *App) reconcileNotBefore(op audit.Operation, events []audit.Event) time.Time {
	var last time.Time
	for _, e := range events {
		for _, call := range e.Calls {
			if call.TokenExpires.After(last) {
				last = call.TokenExpires
			}
		}
	}
	if !op.Open || last.IsZero() {
		return time.Time{}
	}
	return last.Add(a.ReconcileAfter)
}
