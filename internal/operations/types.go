package operations

import (
	"errors"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// Act is what every act says of itself: whose it is and which form it came from.
type Act struct {
	ID        string // the operation id that was made when the form was drawn; see Service.NewID
	Operator  operator.Operator
	Account   int64
	Reason    string
	RequestID string
	SessionID string // a hash of the session's id
	Address   string // the client's address
	Run       string // the run that it is a part of, "" for an act of its own
}

// CreateSubuser lets a colleague in.
type CreateSubuser struct {
	Act
	Login       string
	Password    config.Secret // empty: one is generated and handed out in the Outcome, once
	Description string
	Roles       []int64 // ticked
	Offered     []int64 // the roles that the form offered
	// Finishes is the operation, if any, whose creation was left undone when access was issued again. The login is that
	// operation's then, whatever the form says.
	Finishes string
	// PasswordMade says that Password was made by this program and not typed, as in a run.
	PasswordMade bool
}

// Code is the act as calls of the Management API.
func (c CreateSubuser) Code() []VendorCall {
	grant, _ := ChangeSubuserRoles{Offered: c.Offered, Ticked: c.Roles}.Change()
	params := []Param{{Name: "new_subuser_name", Value: normalLogin(c.Login)}, {Name: "new_subuser_password", Secret: "NEW_PASSWORD"}}
	params = append(params, optionalParams(roleParam(grant), Param{Name: "description", Value: strings.TrimSpace(c.Description)})...)
	return []VendorCall{{Method: "AddSubUser", Params: params}}
}

// ChangeSubuserRoles grants and revokes roles. Grant = Ticked ∩ Offered − Base; revoke = (Offered ∩ Base) − Ticked.
type ChangeSubuserRoles struct {
	Act
	SubuserID int64
	Base      []int64 // the direct roles that the form was drawn from
	Offered   []int64 // the roles that the form offered
	Ticked    []int64
	Confirm   string // the typed login, needed when Owner is taken from the last subuser who has it, and always with Force
	// Force takes the roles from all keys of the subuser too. Without it the vendor refuses, with code 439, when one of
	// the keys holds one. It wants its own permission.
	Force  bool
	Warned []Warning // with Force: the warnings that the page showed
}

// Code is the act as calls of the Management API.
func (c ChangeSubuserRoles) Code() []VendorCall {
	grant, revoke := c.Change()
	var force []Param
	if c.Force {
		force = []Param{{Name: "force", Value: "true"}}
	}
	return roleCalls(Param{Name: "subuser_id", Value: formatID(c.SubuserID)}, "RemoveSubUserRoles", "SetSubUserRoles", revoke, grant, force...)
}

// Change is what the form wants: the roles to grant and those to revoke, each at most once.
func (c ChangeSubuserRoles) Change() (grant, revoke []int64) {
	for _, id := range c.Offered {
		ticked, held := slices.Contains(c.Ticked, id), slices.Contains(c.Base, id)
		switch {
		case ticked && !held && !slices.Contains(grant, id):
			grant = append(grant, id)
		case held && !ticked && !slices.Contains(revoke, id):
			revoke = append(revoke, id)
		}
	}
	return grant, revoke
}

// TicksFor carries the change, not the ticks, over to a newer base: what somebody else has granted since then
// was never seen by this operator, and stays.
func (c ChangeSubuserRoles) TicksFor(base []int64) []int64 {
	grant, revoke := c.Change()
	ticks := slices.Clone(base)
	for _, id := range grant {
		if !slices.Contains(ticks, id) {
			ticks = append(ticks, id)
		}
	}
	return slices.DeleteFunc(ticks, func(id int64) bool { return slices.Contains(revoke, id) })
}

// RoleChoice is one role of a form.
type RoleChoice struct {
	Role       directory.Role
	Held       bool   // directly held now
	Inherited  bool   // held, but only through a parent that is held too
	Privileged bool   // only an admin may grant or revoke it
	Offered    bool   // this operator may tick it here
	Why        string // a sentence, when it is not offered for another reason than Inherited
}

// RolesForm is what the form for a subuser's roles, or for a new subuser, is drawn from.
type RolesForm struct {
	ID        string            // a new operation id
	Subuser   directory.Subuser // read just now; zero for a new one, and for a key
	Key       directory.Key     // read just now, when the roles are a key's
	Own       bool              // it is the key that the console runs on
	Base      []int64           // its direct roles
	Choices   []RoleChoice      // the catalogue in its order, then held roles that the catalogue lacks
	Catalogue directory.Catalogue
	Missing   []string // configured privileged role names that the catalogue lacks: every role counts as privileged
}

// Offered returns the ids that the form offers.
func (f RolesForm) Offered() []int64 {
	var ids []int64
	for _, c := range f.Choices {
		if c.Offered {
			ids = append(ids, c.Role.ID)
		}
	}
	return ids
}

// Difference is a change of roles, before it is made or after.
type Difference struct {
	Subuser     directory.Subuser
	Key         directory.Key // of a change of a key's roles
	Own         bool          // it is the key that the console runs on
	Grant       []string      // names
	Revoke      []string
	Keep        []string
	Brings      []string // contained in what is granted, and not held yet
	Takes       []string // held only through what is revoked
	LastOwner   bool     // it takes Owner from the last subuser who has it: Confirm must be the login
	GrantIDs    []int64
	RevokeIDs   []int64
	Catalogue   directory.Catalogue
	NothingToDo bool
	Keys        []directory.Key // with Force: those known to be theirs, which lose the revoked roles too
	Warnings    []Warning       // with Force: what the page must say
	Blocked     string          // a sentence: why nobody may do this here; "" when it can be done
}

// Outcome is what is known when an act has run its course.
type Outcome struct {
	Operation   audit.Operation
	Result      audit.Result
	Confirmed   bool
	Subuser     directory.Subuser // of an act on a subuser, what holds now, else what was read before; for a create, ID is set when known
	Key         directory.Key     // likewise, of an act on a key
	Read        bool              // Subuser or Key was read from the vendor after the act, or was found to be gone
	Gone        bool              // the target does not exist: seen by reading
	Unreadable  bool              // no reading can show what was done: a password
	Unasked     Unasked           // what changed beside what was asked for, as read back
	KeysAlive   []directory.Key   // keys of a subuser who is gone that are still there, or could not be read
	Password    config.Secret     // generated for an act that was applied or may have been; empty otherwise
	Credentials config.Secret     // of a key that was created: the file credentials.json, in the clear; empty otherwise
	Call        audit.Call        // the call that decided: the refused, unsent or unanswered one
	Advice      string            // ours, when Call was not applied
	Unsaved     bool              // the outcome could not be written to the record; the intent is there and will be settled by reading
}

// take notes what a look found.
func (o *Outcome) take(v verdict) {
	o.Read, o.Gone = v.found(), v.confirmed && !v.found()
	if v.holder.subuser != nil {
		o.Subuser = *v.holder.subuser
	}
	if v.holder.key != nil {
		o.Key = *v.holder.key
	}
	o.Read = o.Read || o.Gone
}

// name notes the id that the target is known to have, or that none is.
func (o *Outcome) name(t audit.Target) {
	if t.Kind == audit.KeyTarget {
		o.Key.ID = t.ID
		return
	}
	o.Subuser.ID = parseID(t.ID)
}

// withPassword hands out a generated password, unless it is certain that nobody has it.
func (o Outcome) withPassword(password config.Secret, generated bool) Outcome {
	mayBeTheirs := o.Result == audit.Applied || o.Result == audit.Unknown && o.Call.Method != "DelSubUser"
	if generated && mayBeTheirs {
		o.Password = password
	}
	return o
}

// Unasked are roles that changed beside what an act asked for, by name. The vendor may have had a reason that
// nobody published, or somebody else changed the same subuser in that moment.
type Unasked struct {
	Lost   []string // held directly before, not revoked, and no longer held at all
	Gained []string // held directly now, neither held before nor granted
}

// Any says whether there are such roles.
func (u Unasked) Any() bool { return len(u.Lost)+len(u.Gained) > 0 }

// Sentence says it in words, "" when there is nothing to say.
func (u Unasked) Sentence() string {
	var parts []string
	if len(u.Lost) > 0 {
		parts = append(parts, "no longer held: "+join(u.Lost))
	}
	if len(u.Gained) > 0 {
		parts = append(parts, "now also held: "+join(u.Gained))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Beside what was asked for, something else changed: " + strings.Join(parts, "; ") + "."
}

// Errors of an act that was stopped before anything was sent.
var (
	// ErrRecord says that the intent could not be written; nothing was sent.
	ErrRecord = errors.New("the record cannot be written")
	// ErrNoCatalogue says that the roles of the account are not known, so that none can be changed.
	ErrNoCatalogue = errors.New("the role catalogue is not known")
)

// Invalid says what is wrong with a form, by field name.
type Invalid struct{ Fields map[string]string }

// Error implements error.
func (*Invalid) Error() string { return "the form has errors" }

// Conflict says that the target is no longer what the form was drawn from. Nothing was sent.
type Conflict struct {
	Then []string // role names the form was drawn from
	Now  RolesForm
	Diff Difference // what the operator's change would do now
}

// Error implements error.
func (*Conflict) Error() string { return "the target was changed since the form was drawn" }

// Busy says that another operation on the same target is not settled yet. Nothing was sent.
type Busy struct{ First audit.Operation }

// Error implements error.
func (*Busy) Error() string { return "another operation on the target is not settled" }

// Repeated says that this form was sent before: its operation exists. Nothing was sent again.
type Repeated struct{ Operation audit.Operation }

// Error implements error.
func (*Repeated) Error() string { return "the form was sent before" }

// Foreign says that the operation id belongs to another operator, act or target. Nothing was sent. First is the
// operation that it belongs to when that is this operator's own, as when a form was sent, gone back to, and sent
// with another login.
type Foreign struct{ First audit.Operation }

// Error implements error.
func (*Foreign) Error() string { return "the operation id is not this form's" }
