package operations_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// staleCatalogue is a directory with a catalogue that was read before the vendor had a role.
type staleCatalogue struct {
	operations.Directory
	missingRole string
}

func (d staleCatalogue) Catalogue(ctx context.Context, account int64) directory.Catalogue {
	return d.without(d.Directory.Catalogue(ctx, account))
}

func (d staleCatalogue) FreshCatalogue(
	ctx context.Context,
	account int64,
	maxAge time.Duration,
) directory.Catalogue {
	return d.without(d.Directory.FreshCatalogue(ctx, account, maxAge))
}

func (d staleCatalogue) without(c directory.Catalogue) directory.Catalogue {
	c.Roles = slices.DeleteFunc(slices.Clone(c.Roles), func(r access.Role) bool { return r.Name == d.missingRole })
	return c
}

// A role that the catalogue does not list may be privileged: by re-issuing a subuser with it, an editor would get a
// password to it.
func TestUnlistedRoleIsPrivileged(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		options := w.Operations.Options
		options.Directory = staleCatalogue{Directory: w.Directory, missingRole: "Supervisor"}
		service := operations.New(options)
		editor, id := apptest.Operator("editor", policy.Editor), subuserID(t, w, "team_three")
		request := operations.Request{ID: service.NewID(), Operator: editor, Account: w.Account, RequestID: "test"}
		subuser, err := w.Directory.ByID(t.Context(), w.Account, access.SubuserRef(id))
		if err != nil {
			t.Fatal(err)
		}
		_, err = service.ReissueSubuser(t.Context(), operations.ReissueSubuser{
			Request:   request,
			SubuserID: id,
			Base:      subuser.DirectRoleIDs(),
			Confirm:   "team_three",
			Warned:    []operations.Warning{operations.WarnKeys, operations.WarnConsoleKeyOwnerUnknown},
		})
		if _, denied := errors.AsType[*policy.Denied](err); !denied {
			t.Errorf("an editor re-issues a subuser with it: %v", err)
		}
		if len(w.Sim.Ledger()) != 0 {
			t.Errorf("the vendor was called: %+v", w.Sim.Ledger())
		}
		form, err := service.RolesForm(t.Context(), editor, w.Account, access.SubuserRef(id))
		if err != nil || len(form.Offered()) != 0 {
			t.Errorf("an editor is offered %v, %v", form.Offered(), err)
		}
		// An admin may.
		if _, err := service.DeleteForm(
			t.Context(),
			apptest.Operator("admin", policy.Admin),
			w.Account,
			access.SubuserRef(id),
		); err != nil {
			t.Errorf("an admin: %v", err)
		}
	})
}
