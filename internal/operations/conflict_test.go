package operations_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// afterReading calls do after the first reading of a principal.
type afterReading struct {
	operations.Directory
	do func()
}

func (a afterReading) ByID(ctx context.Context, account int64, ref access.Ref) (access.Principal, error) {
	p, err := a.Directory.ByID(ctx, account, ref)
	a.do()
	return p, err
}

// SetKeyRoles gets all wanted roles. With a reading from before a forced revocation, it would grant the revoked role
// again.
func TestKeyRolesChangeDuringForceConflicts(t *testing.T) {
	inKeyWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Refresh(t) // to know which keys belong to the subuser
		request := adminRequestWithID(w)
		form, err := w.Operations.RolesForm(t.Context(), request.Operator, w.Account, access.KeyRef(wallboard))
		if err != nil {
			t.Fatal(err)
		}
		c := operations.ChangeRoles{Request: request, Ref: access.KeyRef(wallboard), Base: form.Base, Offered: form.Offered()}
		c.Ticked = append(roleIDs(form.Catalogue, []string{"CallHistory"}), form.Base...)
		o := w.Operations.Options
		o.Directory = afterReading{Directory: o.Directory, do: sync.OnceFunc(func() {
			if out, err := force(t, w); err != nil || out.Result != audit.Applied || !out.Confirmed {
				t.Errorf("by force: %+v, %v", out, err)
			}
		})}
		out, err := operations.New(o).ChangeRoles(t.Context(), c)
		if _, conflict := errors.AsType[*operations.Conflict](err); !conflict {
			t.Errorf("from a reading that was outdated: %+v, %v", out.Result, err)
		}
		if key, _ := w.Sim.State().Key(wallboard); len(key.RoleIDs) != 0 {
			t.Errorf("the key has %v", key.RoleIDs)
		}
	})
}
