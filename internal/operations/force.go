package operations

import (
	"context"
	"slices"
)

// addForceImpact says what taking roles by force reaches beside the subuser: their keys, and perhaps the console's own.
func (s *Service) addForceImpact(ctx context.Context, c ChangeSubuserRoles, d Difference) (Difference, error) {
	keys, known, err := s.Directory.KeysOf(ctx, c.Account, c.SubuserID)
	if err != nil {
		keys, known = nil, false
	}
	d.Keys = keys
	if !known {
		d.Warnings = append(d.Warnings, WarnKeys)
	}
	if d.LastOwner {
		d.Warnings = append(d.Warnings, WarnLastOwner)
	}
	if !includesOwner(d.Catalogue, d.RevokeIDs) {
		return d, nil
	}
	owner, ownerKnown, err := s.ConsoleKeyOwner(ctx, c.Account)
	switch {
	case err != nil:
		return Difference{}, err
	case ownerKnown && owner == c.SubuserID:
		d.BlockedReason = "The key that this console runs on belongs to " + d.Subuser.Login +
			", and force would take its Owner. Give the console another key first."
	case !ownerKnown:
		d.Warnings = append(d.Warnings, WarnConsoleKeyOwnerUnknown)
	}
	return d, nil
}

// checkForce says why roles cannot be taken by force with what the form sent: OwnKey, or Moved when the page has
// to say more than it did; the page then shows the difference anew.
func (s *Service) checkForce(c ChangeSubuserRoles, d Difference) error {
	if d.BlockedReason != "" {
		return &ConsoleKeyProtected{Message: d.BlockedReason}
	}
	if slices.ContainsFunc(d.Warnings, func(w Warning) bool { return c.Force && !slices.Contains(c.Warned, w) }) {
		return &FormOutdated{}
	}
	return nil
}
