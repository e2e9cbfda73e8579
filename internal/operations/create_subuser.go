package operations

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// The vendor's rule for logins: 5 to 20 characters, a letter first. Which others may follow is not published in
// full, so only what cannot be right is refused here.
const (
	loginMin = 5
	loginMax = 20
)

// CreateSubuser makes the subuser. Errors as for ChangeSubuserRoles, each meaning that nothing was sent.
func (s *Service) CreateSubuser(ctx context.Context, c CreateSubuser) (Outcome, error) {
	c.Login = strings.ToLower(strings.TrimSpace(c.Login)) // as the vendor stores it
	c.Description = strings.TrimSpace(c.Description)
	target := audit.Target{Kind: "subuser", Name: c.Login}
	form, err := s.NewSubuserForm(ctx, c.Operator, c.Account)
	if err != nil {
		return Outcome{}, err
	}
	if err := s.seenBefore(ctx, c.Act, audit.CreateSubuser, target); err != nil {
		return Outcome{}, err
	}
	grant, _ := ChangeSubuserRoles{Offered: c.Offered, Ticked: c.Roles}.Change() // from holding nothing
	if err := s.Policy.MayChange(c.Operator, s.PrivilegedRoles(form.Catalogue), nil, grant); err != nil {
		return Outcome{}, err
	}
	if problems := s.createProblems(c, form, grant); len(problems) > 0 {
		return Outcome{}, &Invalid{Fields: problems}
	}
	password, generated := c.Password, c.Password.Empty()
	if generated {
		text, err := newPassword(s.Rand)
		if err != nil {
			return Outcome{}, err
		}
		password = config.NewSecret(text)
	}
	p := plan{act: c.Act, action: audit.CreateSubuser, target: target, guard: audit.Guard{Locks: []string{"subuser-login/" + c.Login}}}
	p.intent = Intent{
		Login: c.Login, Description: c.Description, PasswordGenerated: generated,
		Before: []RoleRef{}, Grant: refs(form.Catalogue, grant), Revoke: []RoleRef{},
	}
	if !s.NoMarks {
		p.mark = markOf(c.ID)
	}
	ctx, cancel, op, err := s.begin(ctx, p)
	if err != nil {
		return Outcome{}, err
	}
	defer cancel()
	out := s.create(ctx, op, c, grant, password)
	if generated && (out.Result == audit.Applied || out.Result == audit.Unknown) {
		out.Password = password
	}
	return out, nil
}

// createProblems says what is wrong with the form, by field.
func (s *Service) createProblems(c CreateSubuser, form RolesForm, grant []int64) map[string]string {
	problems := map[string]string{}
	if problem := loginProblem(c.Login); problem != "" {
		problems["login"] = problem
	}
	if !c.Password.Empty() {
		if problem := passwordProblem(c.Password.Reveal()); problem != "" {
			problems["password"] = problem
		}
	}
	offered := form.Offered()
	if slices.ContainsFunc(grant, func(id int64) bool { return !slices.Contains(offered, id) }) {
		problems["roles"] = "A ticked role is no longer offered. Look at the roles again."
		if !form.Catalogue.Known {
			problems["roles"] = "The roles of the account are not known at the moment, so none can be given. Try again, or give them later."
		}
	}
	if _, mark := directory.SplitMark(c.Description); mark != "" {
		problems["description"] = "The description ends in a mark that belongs to another subuser. Remove it."
	} else if utf8.RuneCountInString(c.Description) > textMax {
		problems["description"] = tooLong("description")
	}
	if problem := s.reasonProblem(c.Reason); problem != "" {
		problems["reason"] = problem
	}
	return problems
}

// loginProblem says in which way a login breaks the vendor's rule, "" when it may be right.
func loginProblem(login string) string {
	switch {
	case login == "":
		return "Enter a login."
	case strings.ContainsFunc(login, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "A login has latin letters, digits and signs such as _ only, and no spaces."
	case len(login) < loginMin || len(login) > loginMax:
		return fmt.Sprintf("A login has %d to %d characters; this one has %d.", loginMin, loginMax, len(login))
	case login[0] < 'a' || login[0] > 'z':
		return "A login starts with a latin letter."
	default:
		return ""
	}
}

// create sends the call, reads back and records the outcome.
func (s *Service) create(ctx context.Context, op audit.Operation, c CreateSubuser, grant []int64, password config.Secret) Outcome {
	var id int64
	var sendErr error
	calls := s.send(ctx, []step{{method: "AddSubUser", send: func(ctx context.Context) error {
		id, sendErr = s.Writer.AddSubUser(ctx, c.Account, voxapi.NewSubUser{
			Login: c.Login, Password: password, RoleIDs: grant, Description: directory.WithMark(c.Description, op.Mark),
		})
		return sendErr
	}}})
	out := Outcome{Result: calls[0].Result, Call: calls[0], Advice: adviceOf(sendErr)}
	out.Subuser = directory.Subuser{Login: c.Login, Description: c.Description}
	event := audit.Event{Kind: audit.OutcomeEvent, At: s.Now().UTC(), Result: out.Result, Calls: calls}
	switch out.Result {
	case audit.Applied:
		return s.created(ctx, op, out, event, id, grant)
	case audit.Unknown:
		return s.perhapsCreated(ctx, op, out, event)
	default:
		return s.closeWith(ctx, op, out, false, event)
	}
}

// created reads the new subuser back by its id.
func (s *Service) created(ctx context.Context, op audit.Operation, out Outcome, event audit.Event, id int64, grant []int64) Outcome {
	op.Target.ID = formatID(id)
	out.Subuser.ID = id
	wanted, catalogue := effect{grant: grant}, s.Directory.Catalogue(ctx, op.Account)
	right := func(now directory.Subuser) bool {
		return ours(op, now) && wanted.look(s.reading(op.Account, now, catalogue)) == shown
	}
	now, read := readBack(ctx, func(ctx context.Context) (directory.Subuser, error) {
		return s.Directory.SubuserByID(ctx, op.Account, id)
	}, right)
	if read && !ours(op, now) {
		// The answer named somebody else. What became of our request is not known then.
		op.Target.ID, out.Subuser.ID = "", 0
		event.Result, event.Calls[0].Result = audit.Unknown, audit.Unknown
		event.Calls[0].TokenExpires = event.Calls[0].SentAt.Add(voxapi.WriteTokenTTL)
		event.Note = "The id that the vendor answered belongs to " + now.Login + ", who is not the subuser of this operation."
		out.Call = event.Calls[0]
		return s.perhapsCreated(ctx, op, out, event)
	}
	if read {
		out.Subuser, out.Read = now, true
		event.Confirmed, event.Facts = right(now), factsOf(now)
	}
	event.At = s.Now().UTC()
	return s.closeWith(ctx, op, out, !event.Confirmed, event)
}

// perhapsCreated looks once for the mark of a create whose answer was lost. Only the mark proves it ours.
func (s *Service) perhapsCreated(ctx context.Context, op audit.Operation, out Outcome, event audit.Event) Outcome {
	lookCtx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	found, ok, _, err := s.Directory.FindLogin(lookCtx, op.Account, op.Target.Name, op.Mark)
	event.At = s.Now().UTC()
	if err != nil || !ok || op.Mark == "" || found.Mark != op.Mark {
		return s.closeWith(ctx, op, out, true, event)
	}
	op.Target.ID = formatID(found.ID)
	out.Subuser, out.Read = found, true
	settled := audit.Event{
		Kind: audit.SettledEvent, At: event.At, Result: audit.Applied, Confirmed: true, By: byReading, Facts: factsOf(found),
		Note: "The answer was lost, but the subuser exists and carries this operation's mark.",
	}
	return s.closeWith(ctx, op, out, false, event, settled)
}
