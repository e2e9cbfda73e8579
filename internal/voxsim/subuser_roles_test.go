package voxsim

import (
	"fmt"
	"testing"
)

func TestSetSubUserRoles(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	u := subuserNamed(t, s, "simona_blazkova") // Accountant, Payer
	id := fmt.Sprint(u.ID)
	c.ok("SetSubUserRoles", "subuser_id", id, "role_name", "Accountant;Developer")
	if got := subuserNamed(t, s, u.Login).RoleIDs; fmt.Sprint(got) != "[7 101 105]" {
		t.Errorf("roles %v", got)
	}
	if e := c.lastEntry(); fmt.Sprint(e.Effect.RolesAdded) != "[101]" || e.Effect.RolesRemoved != nil {
		t.Errorf("effect %+v", e.Effect)
	}
	c.refused(134, "SetSubUserRoles", "subuser_id", id)
	c.refused(134, "SetSubUserRoles", "role_id", "3")
	c.refused(449, "SetSubUserRoles", "subuser_id", id, "role_id", "3", "role_name", "Support")
	c.refused(434, "SetSubUserRoles", "subuser_id", "1", "role_id", "3")
	c.refused(440, "SetSubUserRoles", "subuser_id", id, "role_id", "14")
	c.refused(441, "SetSubUserRoles", "subuser_id", id, "role_name", "MainAccount")
}

// TestGetSubUserRoles checks the fields of the published example, and child_ids if requested.
func TestGetSubUserRoles(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	id := fmt.Sprint(subuserNamed(t, s, "anna_novakova").ID) // Owner only
	rows := c.ok("GetSubUserRoles", "subuser_id", id).rows()
	want := `[map[gui_only:false inherited:false parent_role_id:[] role_id:1 role_name:Owner] ` +
		`map[gui_only:true inherited:true parent_role_id:[1 2] role_id:3 role_name:Support]]`
	if got := fmt.Sprint(rows); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	rows = c.ok("GetSubUserRoles", "subuser_id", id, "with_expanded_roles", "True").rows()
	if got := fmt.Sprint(rows[0]["child_ids"], rows[1]["child_ids"]); got != "[3] []" {
		t.Errorf("child_ids %s", got)
	}
	// A role that is both direct and inherited has inherited = false.
	both := fmt.Sprint(subuserNamed(t, s, "marie_svobodova").ID)
	if got := c.ok("GetSubUserRoles", "subuser_id", both).column("inherited"); fmt.Sprint(got) != "[false false]" {
		t.Errorf("inherited %v", got)
	}
	c.refused(134, "GetSubUserRoles")
	c.refused(101, "GetSubUserRoles", "subuser_id", id, "with_expanded_roles", "perhaps")
}

func TestRemoveSubUserRoles(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	id := fmt.Sprint(subuserNamed(t, s, "anna_novakova").ID)
	c.ok("SetSubUserRoles", "subuser_id", id, "role_name", "Developer;Payer")
	c.ok("RemoveSubUserRoles", "subuser_id", id, "role_name", "Developer;Accountant") // not an Accountant anyway
	if e := c.lastEntry(); fmt.Sprint(e.Effect.RolesRemoved) != "[101]" {
		t.Errorf("effect %+v", e.Effect)
	}
	if got := subuserNamed(t, s, "anna_novakova").RoleIDs; fmt.Sprint(got) != "[1 105]" {
		t.Errorf("roles %v", got)
	}
	c.refused(435, "RemoveSubUserRoles", "subuser_id", id, "role_name", "Support") // comes with Owner
	c.refused(134, "RemoveSubUserRoles", "subuser_id", id)
	c.refused(101, "RemoveSubUserRoles", "subuser_id", id, "role_id", "1", "force", "maybe")
}

func TestRemoveSubUserRolesAssignedToKeys(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	u := subuserNamed(t, s, "jiri_dvorak") // Owner, Developer; so is the key
	key := keyNamed(t, s, "Jiří's laptop")
	id := fmt.Sprint(u.ID)
	c.refused(439, "RemoveSubUserRoles", "subuser_id", id, "role_name", "Developer")
	c.refused(439, "RemoveSubUserRoles", "subuser_id", id, "role_name", "Developer", "force", "0")
	c.ok("RemoveSubUserRoles", "subuser_id", id, "role_name", "Developer", "force", "True")
	if got := subuserNamed(t, s, u.Login).RoleIDs; fmt.Sprint(got) != "[1]" {
		t.Errorf("subuser's roles %v", got)
	}
	if got := keyNamed(t, s, key.Name).RoleIDs; fmt.Sprint(got) != "[1]" {
		t.Errorf("key's roles %v", got)
	}
	if e := c.lastEntry(); fmt.Sprint(e.Effect.RolesRemoved, e.Effect.KeyRolesRemoved[key.ID]) != "[101] [101]" {
		t.Errorf("effect %+v", e.Effect)
	}
}
