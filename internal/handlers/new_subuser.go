package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// subuserOffers draws the form for a new subuser.
type subuserOffers interface {
	NewSubuserForm(ctx context.Context, o operator.Operator, account int64) (operations.RolesForm, error)
}

// newSubuser shows the form for a new subuser.
func (a *App) newSubuser(s subuserOffers) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := s.NewSubuserForm(r.Context(), visitOf(r).operator, a.Account)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, subusers.NewPage(a.newPage(w, r, form, nil)))
	}
}

// newPage is the form with these roles ticked.
func (a *App) newPage(w http.ResponseWriter, r *http.Request, f operations.RolesForm, ticked []int64) subusers.New {
	return subusers.New{
		Frame:          a.subuserFrame(w, r, "New subuser"),
		OperationID:    f.ID,
		ReasonRequired: a.RequireReason,
		Groups:         boxes(f, ticked),
		RolesWhy:       rolesWhy(f),
	}
}
