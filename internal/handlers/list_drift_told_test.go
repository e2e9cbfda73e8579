package handlers

import "testing"

// From which address somebody acted at the vendor is personal, and for those alone who may see the whole record, as
// are the addresses in that.
func TestAddressesInTheVendorsHistoryAreNotEverybodys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for role, sees := range map[string]bool{"viewer": false, "editor": false, "auditor": true, "admin": true} {
		got := s.get(role, "/drift").wants(t, 200).says(t, "SetSubUserRoles")
		if sees {
			got.says(t, "203.0.113.7")
		} else {
			got.hides(t, "203.0.113.7")
		}
	}
}
