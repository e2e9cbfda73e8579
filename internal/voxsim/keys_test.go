package voxsim

import (
	"fmt"
	"strings"
	"testing"
)

func TestCreateKey(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	result := c.ok("CreateKey", "key_name", "Wallboard", "description", "Dispečink", "role_name", "ACDStats").result()
	made, isObject := result.(map[string]any)
	if !isObject || len(made) != 4 {
		t.Fatalf("result %v, want an object of four fields", result)
	}
	if made["account_id"] != float64(s.AccountID()) || made["account_email"] != SmallCompany().AccountEmail ||
		!strings.HasPrefix(fmt.Sprint(made["private_key"]), "-----BEGIN PRIVATE KEY-----\n") {
		t.Errorf("result %v", made)
	}
	key := keyNamed(t, s, "Wallboard")
	if key.ID != made["key_id"] || key.Description != "Dispečink" || fmt.Sprint(key.RoleIDs) != "[131]" ||
		key.SubuserID != 0 {
		t.Errorf("stored %+v", key)
	}
	if e := c.lastEntry(); e.KeyID != key.ID || !e.Effect.Created || *e.Effect.KeyName != "Wallboard" ||
		fmt.Sprint(e.Effect.RolesAdded) != "[131]" {
		t.Errorf("ledger %+v", e)
	}
	if strings.Contains(fmt.Sprint(s.Ledger(), s.Calls(), s.State()), "PRIVATE KEY") {
		t.Error("the ledger contains the private key")
	}
	c.ok("CreateKey") // no parameter is required
	c.refused(134, "CreateKey", "key_name", " ")
	c.ok("CreateKey", "key_name", strings.Repeat("ž", 50))
	c.refused(477, "CreateKey", "key_name", strings.Repeat("ž", 51))
	c.refused(449, "CreateKey", "role_id", "3", "role_name", "Support")
	c.refused(440, "CreateKey", "role_id", "0")
	c.refused(441, "CreateKey", "role_name", "Nobody")
}

func TestKeyCreatedWithSubuserKeyBelongsToSubuser(t *testing.T) {
	t.Parallel()
	company := SmallCompany()
	company.Keys[0].Subuser = "anna_novakova"
	s := newSim(t, Options{Company: company})
	ownerCaller(t, s).ok("CreateKey", "key_name", "Second")
	if got := keyNamed(t, s, "Second").SubuserID; got != subuserNamed(t, s, "anna_novakova").ID {
		t.Errorf("the key belongs to %d", got)
	}
}

func TestGetKeys(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := callerWithRoles(t, s, "")
	key := keyNamed(t, s, "CI deploy")
	row := c.ok("GetKeys", "key_id", key.ID, "with_roles", "true").rows()[0]
	want := fmt.Sprintf(
		"map[description:%s key_id:%s key_name:CI deploy "+
			"roles:[map[gui_only:false inherited:false parent_role_id:[] role_id:101 role_name:Developer]] "+
			"subuser:[map[description:Petr Kučera, IVR scenarios subuser_id:%d subuser_name:petr_kucera]]]",
		key.Description,
		key.ID,
		key.SubuserID,
	)
	if got := fmt.Sprint(row); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	row = c.ok("GetKeys", "key_id", keyNamed(t, s, "CRM integration").ID).rows()[0]
	if _, there := row["subuser"]; there || row["roles"] != nil {
		t.Errorf("unexpected subuser or roles: %v", row)
	}
	if got := c.ok("GetKeys", "offset", "3", "count", "2").column("key_name"); fmt.Sprint(
		got,
	) != "[Billing sync Campaign loader]" {
		t.Errorf("page %v", got)
	}
	c.refused(433, "GetKeys", "key_id", "nonsense")
	c.refused(101, "GetKeys", "with_roles", "2")
	c.refused(101, "GetKeys", "count", "all")
}

func TestUpdateKey(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := callerWithRoles(t, s, "")
	id := keyNamed(t, s, "Unused").ID
	c.ok("UpdateKey", "key_id", id, "description", "To be deleted", "key_name", "Old one")
	if e := c.lastEntry(); *e.Effect.Description != "To be deleted" || *e.Effect.KeyName != "Old one" {
		t.Errorf("effect %+v", e.Effect)
	}
	c.ok("UpdateKey", "key_id", id, "description", "") // the vendor's Go client sends it even when empty
	if key := keyNamed(t, s, "Old one"); key.Description != "" {
		t.Errorf("stored %+v", key)
	}
	c.refused(134, "UpdateKey", "key_id", id)
	c.refused(134, "UpdateKey", "description", "x")
	c.refused(134, "UpdateKey", "key_id", id, "description", "x", "key_name", "")
	c.refused(477, "UpdateKey", "key_id", id, "description", "x", "key_name", strings.Repeat("a", 51))
	c.refused(433, "UpdateKey", "key_id", "x", "description", "x")
}

func TestDeleteKey(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	id := keyNamed(t, s, "Unused").ID
	c.ok("DeleteKey", "key_id", id)
	if e := c.lastEntry(); e.KeyID != id || !e.Effect.Deleted {
		t.Errorf("ledger %+v", e)
	}
	c.refused(433, "DeleteKey", "key_id", id)
	c.refused(433, "GetKeyRoles", "key_id", id)
	c.refused(134, "DeleteKey")
}

func TestKeyRoles(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := callerWithRoles(t, s, "") // a key without roles can set those of others, its own included
	key := keyNamed(t, s, "Agent provisioning")
	if got := c.ok("GetKeyRoles", "key_id", key.ID, "with_expanded_roles", "1").rows(); fmt.Sprint(
		got[0]["child_ids"],
		len(got),
	) != "[121 122] 3" {
		t.Errorf("roles %v", got)
	}
	c.ok("SetKeyRoles", "key_id", key.ID, "role_name", "Payer")
	if got := keyNamed(t, s, key.Name).RoleIDs; fmt.Sprint(got) != "[105 120]" {
		t.Errorf("roles %v, want the new roles added", got)
	}
	c.refused(435, "RemoveKeyRoles", "key_id", key.ID, "role_name", "UserRead") // comes with UserManager
	c.ok("RemoveKeyRoles", "key_id", key.ID, "role_name", "UserManager")
	if e := c.lastEntry(); fmt.Sprint(e.Effect.RolesRemoved) != "[120]" {
		t.Errorf("effect %+v", e.Effect)
	}
	for _, method := range []string{"SetKeyRoles", "RemoveKeyRoles"} {
		c.refused(134, method, "key_id", key.ID)
		c.refused(134, method, "role_id", "3")
		c.refused(449, method, "key_id", key.ID, "role_id", "3", "role_name", "Support")
		c.refused(433, method, "key_id", "none", "role_id", "3")
		c.refused(440, method, "key_id", key.ID, "role_id", "-3")
		c.refused(441, method, "key_id", key.ID, "role_name", ";")
	}
	c.refused(134, "GetKeyRoles")
	c.refused(101, "GetKeyRoles", "key_id", key.ID, "with_expanded_roles", "")
}
