package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func (h *history) createSubuser(login, description string, roles ...string) {
	h.createOrFinish("", login, description, roles)
}

func (h *history) createKey(name, description string, roles ...string) {
	ids := h.roleIDs(roles)
	h.do(audit.Applied, func() (operations.Outcome, error) {
		return h.console.operations.CreateKey(h.ctx, operations.CreateKey{
			Request:     h.request,
			Name:        name,
			Description: description,
			Roles:       ids,
			Offered:     ids,
		})
	})
}

// changeRoles grants and revokes roles.
func (h *history) changeRoles(want audit.Result, ref access.Ref, grant, revoke []string) {
	h.do(want, func() (operations.Outcome, error) {
		form, err := h.console.operations.RolesForm(h.ctx, h.request.Operator, h.account, ref)
		if err != nil {
			return operations.Outcome{}, err
		}
		change := operations.ChangeRoles{Request: h.request, Ref: ref, Base: form.Base}
		revoked := h.roleIDs(revoke)
		for _, id := range form.Base {
			if !slices.Contains(revoked, id) {
				change.Ticked = append(change.Ticked, id)
			}
		}
		change.Ticked = append(change.Ticked, h.roleIDs(grant)...)
		for _, choice := range form.Choices {
			if choice.Offered {
				change.Offered = append(change.Offered, choice.Role.ID)
			}
		}
		return h.console.operations.ChangeRoles(h.ctx, change)
	})
}

func (h *history) describe(ref access.Ref, description string) {
	h.do(audit.Applied, func() (operations.Outcome, error) {
		form, err := h.console.operations.EditForm(h.ctx, h.request.Operator, h.account, ref)
		if err != nil {
			return operations.Outcome{}, err
		}
		base := operations.Texts{Description: form.Principal.Description}
		if ref.Kind == access.Key {
			base.Name = form.Principal.Name
		}
		return h.console.operations.Edit(h.ctx, operations.Edit{
			Request:     h.request,
			Ref:         ref,
			Base:        base,
			Name:        base.Name,
			Description: description,
		})
	})
}

func (h *history) delete(ref access.Ref) {
	h.do(audit.Applied, func() (operations.Outcome, error) {
		form, err := h.console.operations.DeleteForm(h.ctx, h.request.Operator, h.account, ref)
		if err != nil {
			return operations.Outcome{}, err
		}
		return h.console.operations.Delete(h.ctx, operations.Delete{
			Request: h.request,
			Ref:     ref,
			Base:    form.Principal.DirectRoleIDs(),
			Confirm: operations.Confirmation(form.Principal),
			Warned:  form.Warnings,
		})
	})
}

// reissuePartly deletes a subuser and creates it again. The vendor refuses the second call.
func (h *history) reissuePartly(ref access.Ref) {
	h.do(audit.PartlyApplied, func() (operations.Outcome, error) {
		form, err := h.console.operations.ReissueSubuserForm(h.ctx, h.request.Operator, h.account, ref.SubuserID())
		if err != nil {
			return operations.Outcome{}, err
		}
		h.sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: voxsim.Refuse})
		return h.console.operations.ReissueSubuser(h.ctx, operations.ReissueSubuser{
			Request:   h.request,
			SubuserID: ref.SubuserID(),
			Base:      form.Principal.DirectRoleIDs(),
			Confirm:   form.Principal.Name,
			Warned:    form.Warnings,
		})
	})
}

// finish creates the subuser that the last change deleted.
func (h *history) finish(login, description string, roles ...string) {
	h.createOrFinish(h.last.Operation.ID, login, description, roles)
}

// createOrFinish creates a subuser. finishes is the partly applied operation that this finishes, "" for none.
func (h *history) createOrFinish(finishes, login, description string, roles []string) {
	ids := h.roleIDs(roles)
	h.do(audit.Applied, func() (operations.Outcome, error) {
		return h.console.operations.CreateSubuser(h.ctx, operations.CreateSubuser{
			Request:     h.request,
			Login:       login,
			Description: description,
			Roles:       ids,
			Offered:     ids,
			Finishes:    finishes,
		})
	})
}

// changePassword changes the password that subusers of the simulated account have. With a fault, the answer is lost.
func (h *history) changePassword(want audit.Result, ref access.Ref, faults ...voxsim.FaultKind) {
	h.do(want, func() (operations.Outcome, error) {
		for _, kind := range faults {
			h.sim.AddFault(voxsim.Fault{Method: "SetSubUserInfo", Kind: kind})
		}
		return h.console.operations.ChangeSubuserPassword(h.ctx, operations.ChangeSubuserPassword{
			Request:   h.request,
			SubuserID: ref.SubuserID(),
			Current:   config.NewSecret(voxsim.SeedPassword),
		})
	})
}

// resolve states the outcome of the last change.
func (h *history) resolve(result audit.Result) {
	if h.err == nil {
		_, h.err = h.console.operations.Resolve(h.ctx, h.request, h.last.Operation.ID, result)
	}
}

func (h *history) exported(resource string, rows int) {
	if h.err == nil {
		h.err = h.console.auditLog.Note(h.ctx, audit.Exported{Actor: h.request.Actor(), Resource: resource, Rows: rows})
	}
}

func (h *history) denied(permission policy.Permission, route string) {
	if h.err == nil {
		h.err = h.console.auditLog.Note(h.ctx, audit.Denied{
			Actor:      h.request.Actor(),
			Permission: string(permission),
			Route:      route,
		})
	}
}

// external changes the roles of a subuser without the console.
func (h *history) external(ref access.Ref, grant ...string) {
	if h.err == nil {
		h.err = h.sim.ApplyExternal(voxsim.ExternalChange{
			Kind:      voxsim.ExternalAddSubuserRoles,
			SubuserID: ref.SubuserID(),
			RoleIDs:   h.roleIDs(grant),
		})
	}
}

// bulkRoles grants a role to many subusers.
func (h *history) bulkRoles(grant string, logins ...string) {
	targets := bulk.Targets{Kind: access.Subuser}
	for _, login := range logins {
		targets.Refs = append(targets.Refs, h.subuser(login))
	}
	h.runBulk(func() (bulk.Change, error) {
		return h.bulk.PlanRoles(h.ctx, h.request, targets, h.roleIDs([]string{grant}), nil)
	})
}

// importFile creates the subusers of a file.
func (h *history) importFile(content string) {
	h.runBulk(func() (bulk.Change, error) {
		return h.bulk.PlanImport(h.ctx, h.request, bulk.ImportFile{Content: []byte(content)})
	})
}

// runBulk plans a bulk change, starts it, and waits for its end.
func (h *history) runBulk(plan func() (bulk.Change, error)) {
	h.read() // a bulk change is planned from the listing
	if h.err != nil {
		return
	}
	change, err := plan()
	if err == nil {
		_, err = h.bulk.Start(h.ctx, h.request, change.ID, bulk.StartForm{
			Warned:       change.Warnings,
			Reason:       h.request.Reason,
			WithoutRoles: change.WithoutRoles.Count > 0,
		})
	}
	ctx, stop := context.WithCancel(h.ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); h.bulk.Run(ctx) }()
	for err == nil {
		if change, err = h.bulk.Show(ctx, h.request.Operator, change.ID); change.Ended() {
			break
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	<-ended
	if err != nil {
		h.err = fmt.Errorf("writing a bulk change of the demo: %w", err)
	}
}
