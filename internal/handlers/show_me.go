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

// sessionLister lists and ends sessions. subject is the id of an operator, "" for all.
type sessionLister interface {
	Sessions(ctx context.Context, subject string) ([]session.Session, error)
	End(ctx context.Context, hash, subject string, record session.Record) (bool, error)
	EndOtherSessions(ctx context.Context, subject, keep string, record session.Record) (int, error)
}

// showMe shows the identity, the permissions and the sessions of the operator. Operators without a role see what to
// send to the people who assign roles.
func (a *App) showMe(sessions sessionLister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		o := stateOf(r).operator
		ownSessions, err := sessions.Sessions(r.Context(), o.ID())
		if err != nil {
			return &sessionError{cause: err}
		}
		m := account.Me{
			Frame: a.frame(r, page.Me, page.Me.Title()),
			Name:  o.Name, Email: o.Email, EmailVerified: o.EmailVerified, Identity: o.ID(), Issuer: o.Issuer, Method: o.Method,
			SignedInAt: o.ProvenAt, Groups: o.Groups, GroupsStatus: o.GroupsStatus, GroupsClaim: o.GroupsClaim,
			GroupsOmitted: o.GroupsOmitted, GroupsAt: o.GroupsAt, Roles: rolesWithPermissions(a.Policy.RolesOf(o)),
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

// sessionsNote returns what to know before ending sessions, "" for nothing.
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

// rolesWithPermissions returns the permissions of each dashboard role.
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
