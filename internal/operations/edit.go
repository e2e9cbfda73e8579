package operations

import (
	"context"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// Edit changes the description of a principal, and the name of a key. The login of a subuser cannot be changed.
type Edit struct {
	Request
	Ref         access.Ref
	Base        Texts  // what the form was built from; for a subuser, Name is ignored
	Name        string // of a key; for a subuser, ignored
	Description string // without the tag, which stays at its end
}

// trimmed returns the request without the white space around its texts, and without the names of a subuser.
func (c Edit) trimmed() Edit {
	c.Name, c.Description = strings.TrimSpace(c.Name), strings.TrimSpace(c.Description)
	if c.Ref.Kind == access.Subuser {
		c.Name, c.Base.Name = "", ""
	}
	return c
}

func (c Edit) wanted() Texts { return Texts{Name: c.Name, Description: c.Description} }

// VendorCalls returns the calls that the edit makes. UpdateKey gets the description even when only the name changes:
// the vendor overwrites it.
func (c Edit) VendorCalls() []VendorCall {
	c = c.trimmed()
	id, description := idParam(c.Ref), Param{Name: "description", Value: c.Description}
	if c.Ref.Kind == access.Key {
		name := optionalParams(Param{Name: "key_name", Value: c.Name})
		return []VendorCall{{Method: "UpdateKey", Params: append([]Param{id, description}, name...)}}
	}
	return []VendorCall{{Method: "SetSubUserInfo", Params: []Param{id, description}}}
}

// EditForm reads a principal and builds the form for its texts. It fails with policy.Denied, directory.ErrNotFound, a
// *directory.ReadError or the error of the context.
func (s *Service) EditForm(ctx context.Context, o operator.Operator, account int64, ref access.Ref) (Form, error) {
	return s.form(ctx, o, VerbEdit, account, ref)
}

// Edit changes the texts. Its errors are those of ChangeRoles, with FormOutdated in place of Conflict.
func (s *Service) Edit(ctx context.Context, c Edit) (Outcome, error) {
	c = c.trimmed()
	return s.executeOnTarget(ctx, c.Request, VerbEdit, c.Ref, func(ctx context.Context, p plan) (Outcome, error) {
		form, err := s.readForm(ctx, c.Operator, c.Account, c.Ref, s.forDecision(c.Request))
		if err != nil {
			return Outcome{}, err
		}
		before := textsOf(form.Principal)
		if !before.same(c.Base) {
			return Outcome{}, &FormOutdated{Form: form}
		}
		if err := s.formError(editProblems(c, before), c.Reason, nil); err != nil {
			return Outcome{}, err
		}
		p.target.Name = form.Principal.Name
		p.intent = Intent{Description: c.Description, OldTexts: &before}
		if c.Ref.Kind == access.Key {
			p.intent.Name = c.Name
		} else {
			p.intent.Login = form.Principal.Name
		}
		return s.start(ctx, p, execution{steps: []step{s.editStep(c, form.Principal)}, before: form.Principal})
	})
}

// editProblems returns what is wrong with the form, by field.
func editProblems(c Edit, before Texts) map[string]string {
	unchanged := before.same(c.wanted())
	if c.Ref.Kind == access.Key {
		problems := keyTextProblems(c.Name, c.Description)
		if unchanged {
			problems["name"] = "Nothing to change: the name and the description are the same as before."
		}
		return problems
	}
	problems := map[string]string{}
	if unchanged {
		problems["description"] = "Nothing to change: the description is the same as before."
	} else if problem := DescriptionProblem(c.Description); problem != "" {
		problems["description"] = problem
	}
	return problems
}

func (s *Service) editStep(c Edit, before access.Principal) step {
	description := directory.WithTag(c.Description, before.Tag)
	if c.Ref.Kind == access.Key {
		update := voxapi.KeyUpdate{ID: c.Ref.ID, Description: description}
		if c.Name != before.Name {
			update.Name = &c.Name
		}
		return step{
			method: "UpdateKey",
			send:   func(ctx context.Context) error { return s.Writer.UpdateKey(ctx, c.Account, update) },
		}
	}
	info := voxapi.SubUserInfo{ID: c.Ref.SubuserID(), Description: &description}
	return step{
		method: "SetSubUserInfo",
		send:   func(ctx context.Context) error { return s.Writer.SetSubUserInfo(ctx, c.Account, info) },
	}
}
