package directory

import (
	"fmt"
	"testing"
	"time"
	"unsafe"

	"github.com/voxwarden/voxwarden/internal/access"
)

// Thousands of subusers have the same few roles, so their lists are kept once.
func TestRowsShareRoleLists(t *testing.T) {
	t.Parallel()
	var all []access.Principal
	for i := range 3 {
		all = append(all, access.Principal{
			Ref:        access.SubuserRef(int64(i + 1)),
			Name:       fmt.Sprintf("Anna_%d", i),
			RolesKnown: true,
			Roles:      []access.RoleAssignment{{ID: 3, Name: "Support", Direct: i < 2}, {ID: 5, Name: "Admin", Direct: true}},
		})
	}
	rows := newSection(access.Subuser, 0, time.Time{}, true, all).sorted[byID]
	if unsafe.SliceData(rows[0].Roles) != unsafe.SliceData(rows[1].Roles) ||
		unsafe.SliceData(rows[0].foldedRoles) != unsafe.SliceData(rows[2].foldedRoles) {
		t.Error("rows with the same roles have lists of their own")
	}
	if !rows[0].Roles[0].Direct || rows[2].Roles[0].Direct {
		t.Errorf("the roles are %v and %v", rows[0].Roles, rows[2].Roles)
	}
	if r := rows[0]; r.foldedName != "anna_0" || unsafe.StringData(r.foldedName) != unsafe.StringData(r.searchText) {
		t.Errorf("the folded name is %q, with memory of its own", r.foldedName)
	}
}
