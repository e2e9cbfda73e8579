package handlers

import (
	"errors"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
)

// formFeedback is the reason for which a form is shown again.
type formFeedback struct {
	page.FormFeedback
	status int            // of the response; 0 when the operation was sent
	keepID bool           // the operation id is not in the audit log yet, so the form keeps it
	copied *page.RoleCopy // what the form has copied now, nil when it copied nothing
}

// roleCopy returns the part of the form that copies roles: what it has copied now, else what was posted.
func (f formFeedback) roleCopy(r *http.Request) page.RoleCopy {
	if f.copied != nil {
		return *f.copied
	}
	return readCopyForm(stateOf(r).form.values).part()
}

// feedbackFor returns the feedback for an outcome or an error of an operation, the zero formFeedback when it was sent.
// It returns errors that no form can explain.
func (a *App) feedbackFor(r *http.Request, out operations.Outcome, err error) (formFeedback, error) {
	if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
		return formFeedback{
			FormFeedback: page.FormFeedback{Errors: fieldErrors(invalid.Fields)},
			status:       http.StatusUnprocessableEntity,
			keepID:       true,
		}, nil
	}
	if busy, ok := errors.AsType[*operations.Busy](err); ok {
		first := a.operationView(stateOf(r).operator, busy.Operation)
		return formFeedback{FormFeedback: page.FormFeedback{Busy: &first}, status: http.StatusConflict}, nil
	}
	if own, ok := errors.AsType[*operations.ConsoleKeyProtected](err); ok {
		return formFeedback{FormFeedback: page.FormFeedback{NotSent: own.Message}, status: http.StatusConflict}, nil
	}
	if _, ok := errors.AsType[*operations.FormOutdated](err); ok {
		return formFeedback{FormFeedback: page.FormFeedback{NotSent: page.StaleFormText}, status: http.StatusConflict}, nil
	}
	if errors.Is(err, operations.ErrAuditLogUnavailable) {
		stateOf(r).failure = err
		text := page.AuditLogUnavailable
		switch {
		case audit.DatabaseFileGone(err):
			text = page.DatabaseFileGoneText
		case audit.SchemaChanged(err):
			text = page.SchemaChangedText
		}
		if alarm, ok := errors.AsType[*audit.Alarm](err); ok {
			text = page.AuditLogStoppedText(pageAlarm(alarm))
		}
		return formFeedback{
			FormFeedback: page.FormFeedback{NotSent: text},
			status:       http.StatusServiceUnavailable,
		}, nil
	}
	if err != nil {
		return formFeedback{}, err
	}
	switch out.Result {
	case audit.Refused:
		s := page.FormFeedback{
			Vendor: vendorQuote(out.Call.Method, out.Call.Code, out.Call.VendorMessage),
			Advice: out.Advice,
		}
		return formFeedback{FormFeedback: s, status: http.StatusUnprocessableEntity}, nil
	case audit.NotSent:
		status, text := notSentMessage(out)
		return formFeedback{FormFeedback: page.FormFeedback{NotSent: text}, status: status}, nil
	default:
		return formFeedback{}, nil
	}
}

// codePreview returns the feedback that shows a form with its vendor calls.
func (a *App) codePreview(calls []operations.VendorCall) formFeedback {
	return formFeedback{FormFeedback: page.FormFeedback{Code: a.curlCommands(calls)}, status: http.StatusOK, keepID: true}
}
