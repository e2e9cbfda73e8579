package operations

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// The roles that are taken go first: a change that would only at its end give Owner back must not begin. Where the list
// may hide Owner, roles are not set, since that may replace those that are not named.
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
		{"exchanged for what contains it", []int64{1}, []int64{9}, []int64{1}, true, true},
		{"taken beside what contains it", []int64{1, 9}, nil, []int64{1}, true, false},
		{"what contains it is taken", []int64{3, 9}, nil, []int64{9}, true, true},
		{"kept", []int64{1, 3}, []int64{9}, []int64{3}, false, false},
		{"perhaps hidden, and given", []int64{3}, []int64{1}, []int64{3}, false, false},
		{"perhaps hidden, and another one given", []int64{3}, []int64{5}, nil, false, true},
		{"perhaps hidden, and another one taken", []int64{3, 5}, nil, []int64{5}, false, false},
		{"certainly not held", []int64{3}, []int64{5}, nil, true, false},
	} {
		change := access.Difference{Grant: test.grant, Revoke: test.revoke}
		if got := mayLoseOwner(catalogue, test.listed, test.before, change); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
