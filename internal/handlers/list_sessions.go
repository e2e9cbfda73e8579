package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// listSessions shows a page of all sessions.
func (a *App) listSessions(sessions sessionLister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		allSessions, err := sessions.Sessions(r.Context(), "")
		if err != nil {
			return &sessionError{cause: err}
		}
		frame := a.frame(r, page.Me, account.SessionsHeading)
		frame.Crumbs = []ui.Link{page.Me.Link()}
		m := account.Sessions{Frame: frame, Note: a.sessionsNote(), Count: len(allSessions)}
		allSessions, m.Pager = paginate(r, "page", allSessions)
		for _, s := range allSessions {
			m.Rows = append(m.Rows, account.OperatorSession{
				Session:      a.sessionView(r, s),
				OperatorName: s.Operator.Display(),
				Identity:     s.Operator.ID(),
				Roles:        roleNames(a.Policy.RolesOf(s.Operator)),
			})
		}
		return a.render(w, r, http.StatusOK, account.SessionsPage(m))
	}
}
