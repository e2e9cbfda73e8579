package operations

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// Roles are revoked first, so a change that grants Owner again at its end must not start. Where the vendor may not list
// Owner, SetKeyRoles may replace it, so it must not be sent.
func TestMayLoseOwner(t *testing.T) {
	t.Parallel()
	catalogue := directory.Catalogue{
		Known: true,
		Roles: []access.Role{
			{ID: 1, Name: "Owner"},
			{ID: 9, Name: "Everything", ChildIDs: []int64{1}},
			{ID: 3, Name: "Support"},
		},
	}
	for _, test := range []struct {
		name                  string
		before, grant, revoke []int64
		listed                bool // the vendor is known to list roles that contain others
		want                  bool
	}{
		{"Owner replaced by a role that contains it", []int64{1}, []int64{9}, []int64{1}, true, true},
		{"Owner revoked, another role contains it", []int64{1, 9}, nil, []int64{1}, true, false},
		{"the role that contains Owner is revoked", []int64{3, 9}, nil, []int64{9}, true, true},
		{"Owner is kept", []int64{1, 3}, []int64{9}, []int64{3}, false, false},
		{"Owner perhaps not listed, and granted", []int64{3}, []int64{1}, []int64{3}, false, false},
		{"Owner perhaps not listed, another role granted", []int64{3}, []int64{5}, nil, false, true},
		{"Owner perhaps not listed, another role revoked", []int64{3, 5}, nil, []int64{5}, false, false},
		{"Owner certainly not assigned", []int64{3}, []int64{5}, nil, true, false},
	} {
		change := access.Difference{Grant: test.grant, Revoke: test.revoke}
		if got := mayLoseOwner(catalogue, test.listed, test.before, change); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
