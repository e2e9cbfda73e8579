package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/page"
)

// sessionLister lists sessions, and ends them. The subject is an operator's id; "" is everybody.
type sessionLister interface {
	Sessions(ctx context.Context, subject string) ([]session.Session, error)
	End(ctx context.Context, hash, subject string) (bool, error)
	EndOtherSessions(ctx context.Context, subject, keep string) (int, error)
}

// showMe shows who somebody is to this console, what that lets them do, and where they are signed in. It is for
// everybody who is signed in: who has no role yet finds here what to tell those who give them.
func (a *App) showMe(sessions sessionLister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		o := stateOf(r).operator
		ownSessions, err := sessions.Sessions(r.Context(), o.ID())
		if err != nil {
			return &sessionError{cause: err}
		}
		m := account.Me{
			Frame: a.frame(w, r, page.Me, page.Me.Title()),
			Name:  o.Name, Email: o.Email, EmailVerified: o.EmailVerified, Identity: o.ID(), Issuer: o.Issuer, Method: o.Method,
			SignedInAt: o.ProvenAt, Groups: o.Groups, GroupsAt: o.GroupsAt, Roles: rolesWithPermissions(a.Policy.RolesOf(o)),
			Note: a.sessionsNote(), MayEndAllSessions: a.Policy.May(o, policy.SessionsEnd),
		}
		if o.Method == operator.OIDC {
			m.ConfirmHref = reauthenticatePath("/me")
		}
		for _, s := range ownSessions {
			m.Sessions = append(m.Sessions, a.sessionView(r, s))
		}
		return a.render(w, r, http.StatusOK, account.MePage(m))
	}
}

// sessionsNote is what is to be said of ending sessions, "" for nothing.
func (a *App) sessionsNote() string {
	if a.Demo == nil && a.Provider == nil {
		return account.ProxyNote
	}
	return ""
}

func (a *App) sessionView(r *http.Request, s session.Session) account.Session {
	return account.Session{
		Hash:     s.Hash,
		SignedIn: s.CreatedAt,
		LastUsed: s.SeenAt,
		Address:  s.Address,
		Browser:  account.BrowserName(s.Browser),
		Current:  s.Hash == a.Sessions.Hash(r),
	}
}

// rolesWithPermissions says what each of somebody's dashboard roles lets them do.
func rolesWithPermissions(roles []policy.DashboardRole) []account.Role {
	var shown []account.Role
	for _, role := range roles {
		of := account.Role{Name: string(role)}
		for _, d := range policy.Permissions() {
			if d.Has(role) {
				of.Permissions = append(of.Permissions, d.Text)
			}
		}
		shown = append(shown, of)
	}
	return shown
}
