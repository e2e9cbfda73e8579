package voxsim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const goodPassword = "Str0ng!word"

func TestAddSubUser(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	var made struct {
		Result struct {
			SubuserID int64 `json:"subuser_id"`
		}
	}
	c.ok("AddSubUser", "new_subuser_name", "John_McClane", "new_subuser_password", goodPassword,
		"description", "Džon <& co>", "role_name", "Support;Accountant").decode(&made)

	u := subuserNamed(t, s, "john_mcclane")
	if u.ID != made.Result.SubuserID || u.Description != "Džon <& co>" || fmt.Sprint(u.RoleIDs) != "[3 7]" {
		t.Errorf("stored %+v", u)
	}
	e := c.lastEntry()
	if e.Method != "AddSubUser" || e.Actor != c.creds.KeyID || e.SubuserID != u.ID || !e.Effect.Created ||
		e.Effect.Login != "john_mcclane" || *e.Effect.Description != "Džon <& co>" ||
		fmt.Sprint(e.Effect.RolesAdded) != "[3 7]" {
		t.Errorf("ledger %+v", e)
	}
	if strings.Contains(fmt.Sprint(s.Ledger(), s.Calls(), s.State()), goodPassword) {
		t.Error("the ledger contains the password")
	}
	if found := c.ok("GetSubUsers", "subuser_id", fmt.Sprint(u.ID)).rows(); len(found) != 1 ||
		found[0]["subuser_name"] != "john_mcclane" {
		t.Errorf("GetSubUsers: %v", found)
	}
}

func TestAddSubUserRefuses(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	tests := map[string]struct {
		code            int
		login, password string
		more            []string
	}{
		"no login":                {134, "", goodPassword, nil},
		"4 characters":            {452, "abcd", goodPassword, nil},
		"21 characters":           {452, strings.Repeat("a", 21), goodPassword, nil},
		"digit first":             {453, "1abcd", goodPassword, nil},
		"underscore first":        {453, "_abcd", goodPassword, nil},
		"not latin":               {453, "žofie", goodPassword, nil},
		"space":                   {453, "jan novak", goodPassword, nil},
		"mail address":            {453, "jan@novak.cz", goodPassword, nil},
		"taken":                   {436, "anna_novakova", goodPassword, nil},
		"taken, in capitals":      {436, "ANNA_Novakova", goodPassword, nil},
		"empty password":          {463, "new_subuser", "", nil},
		"blank password":          {463, "new_subuser", "        ", nil},
		"7 characters":            {464, "new_subuser", "Ab1!567", nil},
		"no upper case":           {464, "new_subuser", "ab1!5678", nil},
		"no lower case":           {464, "new_subuser", "AB1!5678", nil},
		"no digit":                {464, "new_subuser", "Abc!defg", nil},
		"no special character":    {464, "new_subuser", "Abc1defg", nil},
		"accent, nothing special": {464, "new_subuser", "Abc1defé", nil},
		"space in password":       {524, "new_subuser", "Str0ng! word", nil},
		"both lists of roles":     {449, "new_subuser", goodPassword, []string{"role_id", "3", "role_name", "Support"}},
		"unknown role id":         {440, "new_subuser", goodPassword, []string{"role_id", "3;999"}},
		"role id is not a number": {440, "new_subuser", goodPassword, []string{"role_id", "three"}},
		"empty item in role list": {440, "new_subuser", goodPassword, []string{"role_id", "3;;7"}},
		"role list with commas":   {440, "new_subuser", goodPassword, []string{"role_id", "3,7"}},
		"unknown role name":       {441, "new_subuser", goodPassword, []string{"role_name", "Support;Boss"}},
		"role name in lower case": {441, "new_subuser", goodPassword, []string{"role_name", "support"}},
		"space in the role list":  {441, "new_subuser", goodPassword, []string{"role_name", "Support; Accountant"}},
		"role twice":              {435, "new_subuser", goodPassword, []string{"role_id", "3;3"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := c
			c.t = t
			pairs := append([]string{"new_subuser_name", tt.login, "new_subuser_password", tt.password}, tt.more...)
			if got := c.call("AddSubUser", pairs...); got.code() != tt.code {
				t.Errorf("%s, want code %d", got.text, tt.code)
			}
			if _, there := s.State().Subuser(tt.login); there && tt.code != 436 {
				t.Error("refused, but the subuser was created")
			}
		})
	}
	c.refused(134, "AddSubUser", "new_subuser_name", "new_subuser") // no password
}

func TestAddSubUserAcceptsOneEmptyRoleList(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	// Clients with both lists as required parameters send one of them empty.
	ownerCaller(t, s).ok("AddSubUser", "new_subuser_name", "new_subuser", "new_subuser_password", goodPassword,
		"role_id", "", "role_name", "Admin")
	if got := subuserNamed(t, s, "new_subuser").RoleIDs; !slices.Equal(got, []int64{roleAdmin}) {
		t.Errorf("roles %v", got)
	}
}

func TestGetSubUsers(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	all := s.State().Subusers

	first := c.ok("GetSubUsers").rows()
	if len(first) != 20 {
		t.Errorf("%d rows without a count, want 20", len(first))
	}
	if _, there := first[0]["roles"]; there {
		t.Error("roles that were not requested")
	}
	if got := c.ok("GetSubUsers", "offset", "18", "count", "5").column("subuser_name"); got[0] != all[18].Login ||
		len(got) != 5 {
		t.Errorf("page %v", got)
	}
	if got := c.ok("GetSubUsers", "offset", "39", "count", "5").rows(); len(got) != len(all)-39 {
		t.Errorf("last page has %d rows", len(got))
	}
	if got := c.ok("GetSubUsers", "offset", "4000").rows(); len(got) != 0 {
		t.Errorf("page beyond the end has %d rows", len(got))
	}
	id := fmt.Sprint(subuserNamed(t, s, "marie_svobodova").ID)
	for _, yes := range []string{"true", "True", "TRUE", "1"} {
		row := c.ok("GetSubUsers", "subuser_id", id, "with_roles", yes).rows()[0]
		if roles := row["roles"].([]any); len(roles) != 2 {
			t.Errorf("with_roles=%s: %v", yes, roles)
		}
	}
	c.refused(434, "GetSubUsers", "subuser_id", "999999")
	c.refused(434, "GetSubUsers", "subuser_id", "anna")
	c.refused(101, "GetSubUsers", "with_roles", "yes")
	for _, junk := range []string{"-1", "x", "", "1.5"} {
		c.refused(101, "GetSubUsers", "offset", junk)
	}
	c.refused(101, "GetSubUsers", "count", "0")
}

func TestSetSubUserInfo(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := callerWithRoles(t, s, "") // no role is needed
	u := subuserNamed(t, s, "trainee_01")
	id := fmt.Sprint(u.ID)

	c.ok("SetSubUserInfo", "subuser_id", id, "description", "Nováček")
	if got := subuserNamed(t, s, "trainee_01").Description; got != "Nováček" {
		t.Errorf("description %q", got)
	}
	c.ok("SetSubUserInfo", "subuser_id", id, "description", "")
	if e := c.lastEntry(); e.Effect.Description == nil || *e.Effect.Description != "" {
		t.Errorf("clearing: %+v", e.Effect)
	}
	c.ok("SetSubUserInfo", "subuser_id", id, "old_subuser_password", SeedPassword, "new_subuser_password", goodPassword)
	if e := c.lastEntry(); !e.Effect.PasswordChanged || len(e.Params) != 1 {
		t.Errorf("password: %+v", e)
	}
	c.refused(448, "SetSubUserInfo", "subuser_id", id, "new_subuser_password", goodPassword)
	c.refused(496, "SetSubUserInfo", "subuser_id", id,
		"old_subuser_password", SeedPassword, "new_subuser_password", goodPassword)
	c.refused(535, "SetSubUserInfo", "subuser_id", id,
		"old_subuser_password", goodPassword, "new_subuser_password", goodPassword)
	c.refused(464, "SetSubUserInfo", "subuser_id", id,
		"old_subuser_password", goodPassword, "new_subuser_password", "short")
	c.refused(463, "SetSubUserInfo", "subuser_id", id, "old_subuser_password", goodPassword, "new_subuser_password", "")
	c.refused(134, "SetSubUserInfo", "description", "x")
	c.refused(434, "SetSubUserInfo", "subuser_id", "0", "description", "x")
}

func TestDelSubUser(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	u := subuserNamed(t, s, "petr_kucera")
	id := fmt.Sprint(u.ID)
	c.ok("DelSubUser", "subuser_id", id)
	if e := c.lastEntry(); !e.Effect.Deleted || e.Effect.Login != "petr_kucera" || e.SubuserID != u.ID {
		t.Errorf("ledger %+v", e)
	}
	c.refused(434, "DelSubUser", "subuser_id", id)
	c.refused(434, "GetSubUserRoles", "subuser_id", id)
	c.refused(134, "DelSubUser")
	if key := keyNamed(t, s, "CI deploy"); key.SubuserID != 0 || len(key.RoleIDs) != 1 {
		t.Errorf("the key should remain and belong to no subuser: %+v", key)
	}
	c.ok("AddSubUser", "new_subuser_name", "petr_kucera", "new_subuser_password", goodPassword)
	if again := subuserNamed(t, s, "petr_kucera"); again.ID == u.ID {
		t.Error("the id was used twice")
	}
}
