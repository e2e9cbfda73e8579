package operations

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// Warning is something that a page must say before an act, beside what the act does anyway. The form sends back what
// it said, so that nothing is confirmed that was not shown.
type Warning string

// The warnings.
const (
	// WarnLastOwner: nobody but the account holder will have Owner afterwards.
	WarnLastOwner Warning = "last-owner"
	// WarnOwnKeyUnknown: the vendor does not say whose the console's own key is, so it may be this subuser's.
	WarnConsoleKeyOwnerUnknown Warning = "own-key-unknown"
	// WarnKeys: keys are known to be theirs, or it is not known whether any is; what becomes of a key whose subuser is
	// deleted is not published.
	WarnKeys Warning = "keys"
)

// SubuserForm is what a form about one subuser, other than that of its roles, is drawn from.
type SubuserForm struct {
	ID            string            // a new operation id
	Subuser       directory.Subuser // read just now
	Catalogue     directory.Catalogue
	Keys          []directory.Key // known to be theirs, for acts that may touch those
	Warnings      []Warning       // what the page must say
	BlockedReason string          // a sentence: why nobody may do this here; "" when it can be done
}

// FormOutdated says that the target is no longer what the form was drawn from, or that the page must say more than it
// did. Nothing was sent. One of the two forms is set.
type FormOutdated struct {
	Subuser SubuserForm
	Key     KeyForm
}

// Error implements error.
func (*FormOutdated) Error() string { return "the target was changed since the form was drawn" }

// subuserForm reads a subuser for a form, for an operator who may act on whoever holds those roles.
func (s *Service) subuserForm(
	ctx context.Context,
	o operator.Operator,
	permission policy.Permission,
	account, id int64,
) (SubuserForm, error) {
	if err := s.Policy.Require(o, permission); err != nil {
		return SubuserForm{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	subuser, err := s.Directory.SubuserByID(ctx, account, id)
	if err != nil {
		return SubuserForm{}, err
	}
	catalogue := s.Directory.Catalogue(ctx, account)
	if err := s.Policy.RequireRoleChange(o, s.PrivilegedRoles(catalogue), subuser.RoleIDs(), nil); err != nil {
		return SubuserForm{}, err
	}
	return SubuserForm{ID: s.NewID(), Subuser: subuser, Catalogue: catalogue}, nil
}

// deletionForm reads beside the subuser what goes with them: their keys, whether they are the last with Owner, and
// whether the console's own key is theirs.
func (s *Service) deletionForm(
	ctx context.Context,
	o operator.Operator,
	permission policy.Permission,
	account, id int64,
) (SubuserForm, error) {
	form, err := s.subuserForm(ctx, o, permission, account, id)
	if err != nil {
		return SubuserForm{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	keys, known, err := s.Directory.KeysOf(ctx, account, id)
	if err != nil {
		keys, known = nil, false
	}
	form.Keys = keys
	if len(keys) > 0 && !s.Policy.May(o, policy.KeysDelete) {
		form.BlockedReason = "Keys belong to " + form.Subuser.Login +
			", and what becomes of them is not published. Only those who may delete keys may do this."
		return form, nil
	}
	owner, ownerKnown, err := s.ConsoleKeyOwner(ctx, account)
	if err != nil {
		return SubuserForm{}, err
	}
	if ownerKnown && owner == id {
		form.BlockedReason = "The key that this console runs on belongs to " + form.Subuser.Login +
			". Give the console another key first; then this one is an ordinary key."
	}
	if s.isLastOwner(ctx, account, id, form.Subuser.RoleIDs(), form.Catalogue) {
		form.Warnings = append(form.Warnings, WarnLastOwner)
	}
	if !ownerKnown {
		form.Warnings = append(form.Warnings, WarnConsoleKeyOwnerUnknown)
	}
	if len(keys) > 0 || !known {
		form.Warnings = append(form.Warnings, WarnKeys)
	}
	return form, nil
}

// checkDeletion says why a subuser cannot be deleted or re-issued with what the form sent: policy.Denied, OwnKey,
// Moved or Invalid.
func (s *Service) checkDeletion(
	request Request,
	form SubuserForm,
	base []int64,
	warned []Warning,
	confirm string,
	problems map[string]string,
) error {
	if len(form.Keys) > 0 {
		if err := s.Policy.Require(request.Operator, policy.KeysDelete); err != nil {
			return err
		}
	}
	if form.BlockedReason != "" {
		return &ConsoleKeyProtected{Message: form.BlockedReason}
	}
	warningMissing := slices.ContainsFunc(form.Warnings, func(w Warning) bool { return !slices.Contains(warned, w) })
	if warningMissing || !sameSet(base, form.Subuser.DirectRoleIDs()) {
		return &FormOutdated{Subuser: form}
	}
	if problems == nil {
		problems = map[string]string{}
	}
	if !strings.EqualFold(strings.TrimSpace(confirm), form.Subuser.Login) {
		problems["confirm"] = "Type the login " + form.Subuser.Login + " to confirm."
	}
	return s.formError(problems, request.Reason)
}

// deletionLocks are what must not be touched by others while a subuser goes: themselves, their keys, and who else
// has Owner when they do.
func deletionLocks(form SubuserForm) []string {
	locks := []string{subuserLock(form.Subuser.ID)}
	for _, key := range form.Keys {
		locks = append(locks, keyLock(key.ID))
	}
	if slices.ContainsFunc(form.Subuser.Roles, func(r access.RoleAssignment) bool { return isOwner(r.Name) }) {
		locks = append(locks, ownersLock)
	}
	return locks
}

// recheckLastOwner looks once more, with the locks held, whether somebody has meanwhile become the last with Owner.
func (s *Service) recheckLastOwner(form SubuserForm) func(ctx context.Context, op audit.Operation) string {
	return func(ctx context.Context, op audit.Operation) string {
		if slices.Contains(form.Warnings, WarnLastOwner) || !slices.Contains(deletionLocks(form), ownersLock) {
			return ""
		}
		if s.isLastOwner(ctx, op.Account, form.Subuser.ID, form.Subuser.RoleIDs(), form.Catalogue) {
			return becameLastOwner
		}
		return ""
	}
}

// notFound says whether a reading answered that something does not exist.
func notFound(err error) bool { return errors.Is(err, directory.ErrNotFound) }
