package handlers

import (
	"errors"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
)

// stopped says why a form came to nothing and is to be shown again.
type stopped struct {
	page.FormFeedback
	status int  // of the answer; 0 when the act went through
	sameID bool // the operation's id was not written down, so that the form keeps it
}

// stop finds out whether an act went through. An error that no form can answer is given back.
func (a *App) stop(r *http.Request, out operations.Outcome, err error) (stopped, error) {
	if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
		return stopped{
			FormFeedback: page.FormFeedback{Errors: fieldErrors(invalid.Fields)},
			status:       http.StatusUnprocessableEntity,
			sameID:       true,
		}, nil
	}
	if busy, ok := errors.AsType[*operations.Busy](err); ok {
		first := a.line(visitOf(r).operator, busy.First)
		return stopped{FormFeedback: page.FormFeedback{Busy: &first}, status: http.StatusConflict}, nil
	}
	if own, ok := errors.AsType[*operations.OwnKey](err); ok {
		return stopped{FormFeedback: page.FormFeedback{NotSent: own.Sentence}, status: http.StatusConflict}, nil
	}
	if _, ok := errors.AsType[*operations.Moved](err); ok {
		return stopped{FormFeedback: page.FormFeedback{NotSent: page.StaleFormText}, status: http.StatusConflict}, nil
	}
	if errors.Is(err, operations.ErrRecord) {
		visitOf(r).problem = err
		return stopped{FormFeedback: page.FormFeedback{NotSent: page.AuditLogUnavailable}, status: http.StatusServiceUnavailable}, nil
	}
	if err != nil {
		return stopped{}, err
	}
	switch out.Result {
	case audit.Refused:
		s := page.FormFeedback{Vendor: quote(out.Call.Method, out.Call.Code, out.Call.VendorMessage), Advice: out.Advice}
		return stopped{FormFeedback: s, status: http.StatusUnprocessableEntity}, nil
	case audit.NotSent:
		status, text := notSent(out)
		return stopped{FormFeedback: page.FormFeedback{NotSent: text}, status: status}, nil
	default:
		return stopped{}, nil
	}
}

// asCode shows a form as it is, with the calls that it stands for.
func (a *App) asCode(calls []operations.VendorCall) stopped {
	return stopped{FormFeedback: page.FormFeedback{Code: a.code(calls)}, status: http.StatusOK, sameID: true}
}
