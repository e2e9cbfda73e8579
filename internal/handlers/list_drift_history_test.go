package handlers

import "testing"

// Addresses in the vendor history are personal data: only operators who may see the whole audit log see them.
func TestDriftHistoryHidesAddresses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for role, sees := range map[string]bool{"viewer": false, "editor": false, "auditor": true, "admin": true} {
		got := s.get(role, "/drift").hasStatus(t, 200).contains(t, "SetSubUserRoles")
		if sees {
			got.contains(t, "203.0.113.7")
		} else {
			got.excludes(t, "203.0.113.7")
		}
	}
}
