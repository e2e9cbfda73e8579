package operations

import "context"

// addForceImpact adds what force changes beside the subuser: its keys, and perhaps the console key.
func (s *Service) addForceImpact(ctx context.Context, c ChangeRoles, d Difference) (Difference, error) {
	keys, known, err := s.Directory.KeysBelongingTo(ctx, c.Account, c.Ref)
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
	if !includesOwner(d.Catalogue, d.Change.Revoke) {
		return d, nil
	}
	owner, ownerKnown, err := s.ConsoleKeyOwner(ctx, c.Account)
	switch {
	case err != nil:
		return Difference{}, err
	case ownerKnown && owner == c.Ref:
		d.BlockedReason = "The console key belongs to " + d.Principal.Name +
			", and force would revoke Owner from it. Give the console another key first."
	case !ownerKnown:
		d.Warnings = append(d.Warnings, WarnConsoleKeyOwnerUnknown)
	}
	return d, nil
}
