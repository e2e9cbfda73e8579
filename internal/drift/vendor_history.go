package drift

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

const (
	// historyTimeout limits how long the vendor's history is waited for. It is a hint that a finding can do without.
	historyTimeout = 10 * time.Second
	// historyMargin is how far apart the vendor's clock and ours may be.
	historyMargin = 5 * time.Minute
	// maxVendorEvents is how many entries are stored with a finding: the newest ones.
	maxVendorEvents = 3
)

// addVendorHistory adds entries of the vendor's history to new findings that they may be about. The vendor does not
// document that the history has entries about roles, and not every key may read it.
func (s *Service) addVendorHistory(ctx context.Context, asOf time.Time, found []Finding) {
	var from, to time.Time
	for _, f := range found {
		if len(f.VendorHistory) > 0 || !f.FirstSeen.Equal(asOf) {
			continue
		}
		if from.IsZero() || f.LastUnchanged.Before(from) {
			from = f.LastUnchanged
		}
		to = asOf
	}
	if from.IsZero() {
		return
	}
	if to.Before(from) { // the clock was set back
		from, to = to, from
	}
	ctx, cancel := context.WithTimeout(ctx, historyTimeout)
	defer cancel()
	// Without a count: the vendor does not document how many entries may be requested.
	entries, err := s.VendorHistory.AuditLog(ctx, found[0].Account, voxapi.AuditQuery{
		From:        from.Add(-historyMargin),
		To:          to.Add(historyMargin),
		Commands:    vendorCommands(),
		NewestFirst: true,
	})
	if err != nil {
		s.Logger.Info("the vendor's history could not be read", "code", voxapi.Code(err))
		return
	}
	for i, f := range found {
		for _, e := range entries {
			if len(found[i].VendorHistory) < maxVendorEvents && matchesFinding(e, f) {
				event := VendorEvent{ID: e.ID, At: e.At, IP: e.IP, Command: e.Command, Subuser: e.SubuserName}
				found[i].VendorHistory = append(found[i].VendorHistory, event)
			}
		}
	}
}

// vendorCommands returns the methods that can cause a finding.
func vendorCommands() []string {
	return []string{
		"AddSubUser", "DelSubUser", "SetSubUserRoles", "RemoveSubUserRoles", "SetSubUserInfo",
		"CreateKey", "DeleteKey", "SetKeyRoles", "RemoveKeyRoles", "UpdateKey",
	}
}

// matchesFinding reports whether an entry of the vendor's history may be about a finding.
func matchesFinding(e voxapi.AuditEntry, f Finding) bool {
	target := access.KeyRef(e.Arguments["key_id"])
	if f.Target.Kind == access.Subuser {
		target = access.Ref{Kind: access.Subuser, ID: e.Arguments["subuser_id"]}
	}
	same := target == f.Target
	switch string(f.Target.Kind) + " " + string(f.Type) {
	case "subuser appeared":
		created, known := e.Result["subuser_id"]
		return e.Command == "AddSubUser" &&
			(created == f.Target.ID || !known && strings.EqualFold(e.Arguments["new_subuser_name"], f.Name))
	case "subuser gone":
		return e.Command == "DelSubUser" && same
	case "subuser granted":
		return e.Command == "SetSubUserRoles" && same && namesRole(e, f.Role)
	case "subuser revoked":
		return e.Command == "RemoveSubUserRoles" && same && namesRole(e, f.Role)
	case "subuser described":
		return e.Command == "SetSubUserInfo" && same
	case "key appeared":
		return e.Command == "CreateKey" && access.KeyRef(e.Result["key_id"]) == f.Target
	case "key gone":
		return e.Command == "DeleteKey" && same || e.Command == "DelSubUser" && namesOwner(e, f)
	case "key granted":
		return e.Command == "SetKeyRoles" && same && namesRole(e, f.Role)
	case "key revoked":
		// The vendor does not document whether SetKeyRoles replaces the roles. If so, it revokes those it does not name.
		return e.Command == "RemoveKeyRoles" && same && namesRole(e, f.Role) ||
			e.Command == "SetKeyRoles" && same && !namesRole(e, f.Role) ||
			e.Command == "RemoveSubUserRoles" && namesOwner(e, f) && namesRole(e, f.Role)
	case "key renamed", "key described":
		return e.Command == "UpdateKey" && same
	}
	return false
}

// namesRole reports whether an entry names a role, by id or by name.
func namesRole(e voxapi.AuditEntry, r operations.RoleRef) bool {
	return slices.Contains(strings.Split(e.Arguments["role_id"], ";"), strconv.FormatInt(r.ID, 10)) ||
		slices.Contains(strings.Split(e.Arguments["role_name"], ";"), r.Name)
}

// namesOwner reports whether an entry is about the subuser that the finding's key belongs to.
func namesOwner(e voxapi.AuditEntry, f Finding) bool {
	return !f.principal.Owner.IsZero() && e.Arguments["subuser_id"] == f.principal.Owner.ID
}
