package operations_test

import (
	"fmt"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// act is what an admin's act says of itself, with an id of its own.
func (p *player) act() operations.Act {
	act := admin()
	act.Account, act.ID = p.w.Account, p.w.Operations.NewID()
	return act
}

// anybody picks a subuser, false when there is none.
func (p *player) anybody() (voxsim.SubuserState, bool) {
	people := p.w.Sim.State().Subusers
	if len(people) == 0 {
		return voxsim.SubuserState{}, false
	}
	return people[p.random.IntN(len(people))], true
}

// anyKey picks a key, the console's own among them.
func (p *player) anyKey() voxsim.KeyState {
	keys := p.w.Sim.State().Keys
	return keys[p.random.IntN(len(keys))]
}

// changeSubuser makes a random act on a subuser other than on the roles.
func (p *player) changeSubuser() {
	person, some := p.anybody()
	if !some {
		return
	}
	switch p.random.IntN(5) {
	case 0:
		p.editSubuser(person)
	case 1:
		p.changePassword(person)
	case 2:
		p.deleteSubuser(person)
	default:
		p.reissue(person)
	}
}

func (p *player) editSubuser(person voxsim.SubuserState) {
	act := p.act()
	form, err := p.w.Operations.EditSubuserForm(p.t.Context(), act.Operator, p.w.Account, person.ID)
	if err != nil {
		return
	}
	c := operations.EditSubuser{
		Act:         act,
		SubuserID:   person.ID,
		Base:        form.Subuser.Description,
		Description: fmt.Sprintf("text %d", p.random.IntN(5)),
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.EditSubuser(p.t.Context(), c) })
}

func (p *player) changePassword(person voxsim.SubuserState) {
	c := operations.ChangeSubuserPassword{
		Act:       p.act(),
		SubuserID: person.ID,
		Current:   config.NewSecret(voxsim.SeedPassword),
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) {
		return s.ChangeSubuserPassword(p.t.Context(), c)
	})
}

func (p *player) deleteSubuser(person voxsim.SubuserState) {
	act := p.act()
	form, err := p.w.Operations.DeleteSubuserForm(p.t.Context(), act.Operator, p.w.Account, person.ID)
	if err != nil {
		return
	}
	if p.keepsConsole(person) {
		return
	}
	c := operations.DeleteSubuser{
		Act:       act,
		SubuserID: person.ID,
		Base:      form.Subuser.DirectRoleIDs(),
		Confirm:   person.Login,
		Warned:    form.Warnings,
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.DeleteSubuser(p.t.Context(), c) })
}

func (p *player) reissue(person voxsim.SubuserState) {
	act := p.act()
	form, err := p.w.Operations.ReissueSubuserForm(p.t.Context(), act.Operator, p.w.Account, person.ID)
	if err != nil {
		return
	}
	if p.keepsConsole(person) {
		return
	}
	c := operations.ReissueSubuser{
		Act:       act,
		SubuserID: person.ID,
		Base:      form.Subuser.DirectRoleIDs(),
		Confirm:   person.Login,
		Warned:    form.Warnings,
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.ReissueSubuser(p.t.Context(), c) })
}

// keepsConsole says whether the console's own key is somebody's and the vendor does not tell: then only the person
// who reads the warning can know that they must not go.
func (p *player) keepsConsole(person voxsim.SubuserState) bool {
	own, _ := p.w.Sim.State().Key(p.w.ConsoleKey())
	return p.variant.Variants.KeySubuser == voxsim.KeySubuserAbsent && own.SubuserID == person.ID
}

// finish brings a re-issue that stopped half-way to its end.
func (p *player) finish() {
	ops, err := p.w.AuditLog.Operations(p.t.Context(), audit.Filter{Limit: 100})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, op := range ops {
		if op.Action == audit.ReissueSubuser && op.Result == audit.PartlyApplied && !op.Open {
			c := operations.CreateSubuser{Act: p.act(), Finishes: op.ID}
			p.send(func(s *operations.Service) (operations.Outcome, error) { return s.CreateSubuser(p.t.Context(), c) })
			return
		}
	}
}

// changeKey makes a random act on a key.
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
	act := p.act()
	form, err := p.w.Operations.NewKeyForm(p.t.Context(), act.Operator, p.w.Account)
	if err != nil {
		return
	}
	p.created++
	c := operations.CreateKey{Act: act, Name: fmt.Sprintf("key %d", p.created), Offered: form.Offered()}
	for _, id := range c.Offered {
		if p.random.IntN(5) == 0 {
			c.Roles = append(c.Roles, id)
		}
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.CreateKey(p.t.Context(), c) })
}

func (p *player) editKey(key voxsim.KeyState) {
	act := p.act()
	form, err := p.w.Operations.EditKeyForm(p.t.Context(), act.Operator, p.w.Account, key.ID)
	if err != nil {
		return
	}
	c := operations.EditKey{
		Act: act, KeyID: key.ID, Base: operations.Texts{Name: form.Key.Name, Description: form.Key.Description},
		Name: fmt.Sprintf("name %d", p.random.IntN(5)), Description: fmt.Sprintf("text %d", p.random.IntN(5)),
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.EditKey(p.t.Context(), c) })
}

func (p *player) deleteKey(key voxsim.KeyState) {
	act := p.act()
	form, err := p.w.Operations.DeleteKeyForm(p.t.Context(), act.Operator, p.w.Account, key.ID)
	if err != nil {
		return
	}
	c := operations.DeleteKey{
		Act:     act,
		KeyID:   key.ID,
		Base:    form.Key.DirectRoleIDs(),
		Confirm: operations.KeyConfirmation(form.Key),
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.DeleteKey(p.t.Context(), c) })
}

func (p *player) changeKeyRoles(key voxsim.KeyState) {
	act := p.act()
	form, err := p.w.Operations.KeyRolesForm(p.t.Context(), act.Operator, p.w.Account, key.ID)
	if err != nil {
		return
	}
	c := operations.ChangeKeyRoles{Act: act, KeyID: key.ID, Base: form.Base, Offered: form.Offered()}
	for _, choice := range form.Choices {
		if flip := p.random.IntN(5) == 0; choice.Held != flip {
			c.Ticked = append(c.Ticked, choice.Role.ID)
		}
	}
	p.send(func(s *operations.Service) (operations.Outcome, error) { return s.ChangeKeyRoles(p.t.Context(), c) })
}

// keysBehindOurBack changes a key in the vendor's panel. The console's own key is left alone: without it nothing goes.
func (p *player) keysBehindOurBack() voxsim.ExternalChange {
	role := p.w.Sim.State().Roles[p.random.IntN(len(p.w.Sim.State().Roles))]
	key := p.anyKey()
	if key.ID == p.w.ConsoleKey() {
		return voxsim.ExternalChange{Kind: voxsim.ExternalCreateKey, Name: "made in the panel"}
	}
	acts := []voxsim.ExternalChange{
		{Kind: voxsim.ExternalAddKeyRoles, KeyID: key.ID, RoleIDs: []int64{role.ID}},
		{Kind: voxsim.ExternalRemoveKeyRoles, KeyID: key.ID, RoleIDs: []int64{role.ID}},
		{Kind: voxsim.ExternalUpdateKey, KeyID: key.ID, Description: "changed in the panel"},
		{Kind: voxsim.ExternalDeleteKey, KeyID: key.ID},
	}
	return acts[p.random.IntN(len(acts))]
}
