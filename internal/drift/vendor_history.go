package drift

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

const (
	// historyTimeout bounds how long the vendor's history is waited for: it is a hint, and the finding is there without
	// it.
	historyTimeout = 10 * time.Second
	// historyMargin is how far apart the vendor's clock and ours may be.
	historyMargin = 5 * time.Minute
	// maxVendorEvents is how many rows are kept for a finding, the newest.
	maxVendorEvents = 3
)

// addVendorHistory puts the rows of the vendor's history that may be about them beside findings that have none yet.
// That the Role System is in this history is not published, nor may every key read it: without it there is just
// nothing to show.
func (s *Service) addVendorHistory(ctx context.Context, found []Finding) {
	var from, to time.Time
	for _, f := range found {
		if len(f.VendorHistory) > 0 || !f.FirstSeen.Equal(f.LastSeen) {
			continue
		}
		if from.IsZero() || f.LastUnchanged.Before(from) {
			from = f.LastUnchanged
		}
		to = f.LastSeen
	}
	if from.IsZero() {
		return
	}
	if to.Before(from) { // the clock was set back
		from, to = to, from
	}
	ctx, cancel := context.WithTimeout(ctx, historyTimeout)
	defer cancel()
	rows, err := s.VendorHistory.AuditLog(ctx, found[0].Account, voxapi.AuditQuery{
		From: from.Add(
			-historyMargin,
		// of as many as the vendor likes: how many may be asked for is not published
		), To: to.Add(historyMargin), Commands: vendorCommands(), NewestFirst: true,
	})
	if err != nil {
		s.Logger.Info("the vendor's history could not be read", "code", voxapi.Code(err))
		return
	}
	for i, f := range found {
		for _, row := range rows {
			if len(found[i].VendorHistory) < maxVendorEvents && matchesFinding(row, f) {
				found[i].VendorHistory = append(
					found[i].VendorHistory,
					VendorEvent{ID: row.ID, At: row.At, IP: row.IP, Command: row.Command, Subuser: row.SubuserName},
				)
			}
		}
	}
}

// vendorCommands are the methods that can bring a finding about.
func vendorCommands() []string {
	return []string{
		"AddSubUser", "DelSubUser", "SetSubUserRoles", "RemoveSubUserRoles", "SetSubUserInfo",
		"CreateKey", "DeleteKey", "SetKeyRoles", "RemoveKeyRoles", "UpdateKey",
	}
}

// matchesFinding says whether a row of the vendor's history may be about a finding.
func matchesFinding(row voxapi.AuditEntry, f Finding) bool {
	target := row.Arguments["key_id"]
	if f.Kind == access.Subuser {
		target = row.Arguments["subuser_id"]
	}
	same := target == f.Target
	switch string(f.Kind) + " " + string(f.Type) {
	case "subuser appeared":
		created, known := row.Result["subuser_id"]
		return row.Command == "AddSubUser" &&
			(created == f.Target || !known && strings.EqualFold(row.Arguments["new_subuser_name"], f.Name))
	case "subuser gone":
		return row.Command == "DelSubUser" && same
	case "subuser granted":
		return row.Command == "SetSubUserRoles" && same && rowNamesRole(row, f.Role)
	case "subuser revoked":
		return row.Command == "RemoveSubUserRoles" && same && rowNamesRole(row, f.Role)
	case "subuser described":
		return row.Command == "SetSubUserInfo" && same
	case "key appeared":
		return row.Command == "CreateKey" && row.Result["key_id"] == f.Target
	case "key gone":
		return row.Command == "DeleteKey" && same || row.Command == "DelSubUser" && rowNamesOwner(row, f)
	case "key granted":
		return row.Command == "SetKeyRoles" && same && rowNamesRole(row, f.Role)
	case "key revoked":
		// Whether SetKeyRoles replaces is not published; then it takes what it does not name.
		return row.Command == "RemoveKeyRoles" && same && rowNamesRole(row, f.Role) ||
			row.Command == "SetKeyRoles" && same && !rowNamesRole(row, f.Role) ||
			row.Command == "RemoveSubUserRoles" && rowNamesOwner(row, f) && rowNamesRole(row, f.Role)
	case "key renamed", "key described":
		return row.Command == "UpdateKey" && same
	}
	return false
}

// rowNamesRole says whether a row names a role, by its id or its name.
func rowNamesRole(row voxapi.AuditEntry, r Role) bool {
	return slices.Contains(strings.Split(row.Arguments["role_id"], ";"), strconv.FormatInt(r.ID, 10)) ||
		slices.Contains(strings.Split(row.Arguments["role_name"], ";"), r.Name)
}

// rowNamesOwner says whether a row is about the subuser whose key a finding is about.
func rowNamesOwner(row voxapi.AuditEntry, f Finding) bool {
	return f.principal.Owner != 0 && row.Arguments["subuser_id"] == strconv.FormatInt(f.principal.Owner, 10)
}
