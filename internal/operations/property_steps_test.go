package operations_test

import (
	"fmt"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// request returns a request of an admin with a new operation id.
func (p *player) request() operations.Request {
	request := adminRequest()
	request.Account, request.ID = p.w.Account, p.w.Operations.NewID()
	return request
}

// anySubuser picks a subuser, false when there is none.
func (p *player) anySubuser() (voxsim.SubuserState, bool) {
	subusers := p.w.Sim.State().Subusers
	if len(subusers) == 0 {
		return voxsim.SubuserState{}, false
	}
	return subusers[p.random.IntN(len(subusers))], true
}

// anyKey picks a key, the console key among them.
func (p *player) anyKey() voxsim.KeyState {
	keys := p.w.Sim.State().Keys
	return keys[p.random.IntN(len(keys))]
}

// changeSubuser runs a random action on a subuser, other than a change of roles.
func (p *player) changeSubuser() {
	subuser, some := p.anySubuser()
	if !some {
		return
	}
	switch p.random.IntN(5) {
	case 0:
		p.editSubuser(subuser)
	case 1:
		p.changePassword(subuser)
	case 2:
		p.deleteSubuser(subuser)
	default:
		p.reissue(subuser)
	}
}

func (p *player) editSubuser(subuser voxsim.SubuserState) {
	request := p.request()
	form, err := p.w.Operations.EditForm(p.t.Context(), request.Operator, p.w.Account, access.SubuserRef(subuser.ID))
	if err != nil {
		return
	}
	c := operations.Edit{
		Request:     request,
		Ref:         access.SubuserRef(subuser.ID),
		Base:        operations.Texts{Description: form.Principal.Description},
		Description: fmt.Sprintf("text %d", p.random.IntN(5)),
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.Edit(p.t.Context(), c) })
}

func (p *player) changePassword(subuser voxsim.SubuserState) {
	c := operations.ChangeSubuserPassword{
		Request:   p.request(),
		SubuserID: subuser.ID,
		Current:   config.NewSecret(voxsim.SeedPassword),
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) {
		return s.ChangeSubuserPassword(p.t.Context(), c)
	})
}

func (p *player) deleteSubuser(subuser voxsim.SubuserState) {
	request := p.request()
	form, err := p.w.Operations.DeleteForm(p.t.Context(), request.Operator, p.w.Account, access.SubuserRef(subuser.ID))
	if err != nil {
		return
	}
	if p.mayOwnConsoleKey(subuser) {
		return
	}
	c := operations.Delete{
		Request: request,
		Ref:     access.SubuserRef(subuser.ID),
		Base:    form.Principal.DirectRoleIDs(),
		Confirm: subuser.Login,
		Warned:  form.Warnings,
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.Delete(p.t.Context(), c) })
}

func (p *player) reissue(subuser voxsim.SubuserState) {
	request := p.request()
	form, err := p.w.Operations.ReissueSubuserForm(p.t.Context(), request.Operator, p.w.Account, subuser.ID)
	if err != nil {
		return
	}
	if p.mayOwnConsoleKey(subuser) {
		return
	}
	c := operations.ReissueSubuser{
		Request:   request,
		SubuserID: subuser.ID,
		Base:      form.Principal.DirectRoleIDs(),
		Confirm:   subuser.Login,
		Warned:    form.Warnings,
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.ReissueSubuser(p.t.Context(), c) })
}

// mayOwnConsoleKey reports whether the console key belongs to the subuser and the vendor does not report that: then
// only the warning keeps an operator from deleting it.
func (p *player) mayOwnConsoleKey(subuser voxsim.SubuserState) bool {
	consoleKey, _ := p.w.Sim.State().Key(p.w.ConsoleKey())
	return p.variant.Variants.KeySubuser == voxsim.KeySubuserAbsent && consoleKey.SubuserID == subuser.ID
}

// finishReissue completes a partly applied re-issue.
func (p *player) finishReissue() {
	ops, err := p.w.AuditLog.Operations(p.t.Context(), audit.Filter{Limit: 100})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, op := range ops {
		if op.Action == audit.ReissueSubuser && op.Result == audit.PartlyApplied && !op.Open {
			c := operations.CreateSubuser{Request: p.request(), Finishes: op.ID}
			p.send(func(s *operations.Service) (operations.Outcome, error) { return s.CreateSubuser(p.t.Context(), c) })
			return
		}
	}
}

// changeKey runs a random action on a key.
func (p *player) changeKey() {
	switch p.random.IntN(6) {
	case 0:
		p.createKey()
	case 1:
		p.editKey(p.anyKey())
	case 2:
		p.deleteKey(p.anyKey())
	default:
		p.changeKeyRoles(p.anyKey())
	}
}

func (p *player) createKey() {
	request := p.request()
	form, err := p.w.Operations.NewForm(p.t.Context(), request.Operator, p.w.Account, access.Key)
	if err != nil {
		return
	}
	p.created++
	c := operations.CreateKey{Request: request, Name: fmt.Sprintf("key %d", p.created), Offered: form.Offered()}
	for _, id := range c.Offered {
		if p.random.IntN(5) == 0 {
			c.Roles = append(c.Roles, id)
		}
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.CreateKey(p.t.Context(), c) })
}

func (p *player) editKey(key voxsim.KeyState) {
	request := p.request()
	form, err := p.w.Operations.EditForm(p.t.Context(), request.Operator, p.w.Account, access.KeyRef(key.ID))
	if err != nil {
		return
	}
	c := operations.Edit{
		Request:     request,
		Ref:         access.KeyRef(key.ID),
		Base:        operations.Texts{Name: form.Principal.Name, Description: form.Principal.Description},
		Name:        fmt.Sprintf("name %d", p.random.IntN(5)),
		Description: fmt.Sprintf("text %d", p.random.IntN(5)),
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.Edit(p.t.Context(), c) })
}

func (p *player) deleteKey(key voxsim.KeyState) {
	request := p.request()
	form, err := p.w.Operations.DeleteForm(p.t.Context(), request.Operator, p.w.Account, access.KeyRef(key.ID))
	if err != nil {
		return
	}
	c := operations.Delete{
		Request: request,
		Ref:     access.KeyRef(key.ID),
		Base:    form.Principal.DirectRoleIDs(),
		Confirm: operations.Confirmation(form.Principal),
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.Delete(p.t.Context(), c) })
}

func (p *player) changeKeyRoles(key voxsim.KeyState) {
	request := p.request()
	form, err := p.w.Operations.RolesForm(p.t.Context(), request.Operator, p.w.Account, access.KeyRef(key.ID))
	if err != nil {
		return
	}
	c := operations.ChangeRoles{Request: request, Ref: access.KeyRef(key.ID), Base: form.Base, Offered: form.Offered()}
	for _, choice := range form.Choices {
		if flip := p.random.IntN(5) == 0; choice.Direct != flip {
			c.Ticked = append(c.Ticked, choice.Role.ID)
		}
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.ChangeRoles(p.t.Context(), c) })
}

// externalKeyChange changes a key in the vendor's panel, except the console key: without it nothing works.
func (p *player) externalKeyChange() voxsim.ExternalChange {
	role := p.w.Sim.State().Roles[p.random.IntN(len(p.w.Sim.State().Roles))]
	key := p.anyKey()
	if key.ID == p.w.ConsoleKey() {
		return voxsim.ExternalChange{Kind: voxsim.ExternalCreateKey, Name: "made in the panel"}
	}
	changes := []voxsim.ExternalChange{
		{Kind: voxsim.ExternalAddKeyRoles, KeyID: key.ID, RoleIDs: []int64{role.ID}},
		{Kind: voxsim.ExternalRemoveKeyRoles, KeyID: key.ID, RoleIDs: []int64{role.ID}},
		{Kind: voxsim.ExternalUpdateKey, KeyID: key.ID, Description: "changed in the panel"},
		{Kind: voxsim.ExternalDeleteKey, KeyID: key.ID},
	}
	return changes[p.random.IntN(len(changes))]
}
