package voxsim

import (
	"fmt"
	"testing"
)

func TestGetRoles(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := callerWithRoles(t, s, "")
	rows := c.ok("GetRoles").rows()
	if len(rows) != len(sampleRoles()) {
		t.Errorf("%d roles", len(rows))
	}
	byName := map[any]map[string]any{}
	for _, row := range rows {
		byName[row["role_name"]] = row
	}
	for name, want := range map[string]string{
		"Owner":       "map[child_ids:[3] gui_only:false parent_role_id:[] role_id:1 role_name:Owner]",
		"Support":     "map[child_ids:[] gui_only:true parent_role_id:[1 2] role_id:3 role_name:Support]",
		"UserManager": "map[child_ids:[121 122] gui_only:false parent_role_id:[] role_id:120 role_name:UserManager]",
		"ACDStats":    "map[child_ids:[] gui_only:false parent_role_id:[130] role_id:131 role_name:ACDStats]",
	} {
		if got := fmt.Sprint(byName[name]); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestRoleGroupsCoverTheCatalogue(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	total := 0
	for _, group := range c.ok("GetRoleGroups").rows() {
		total += len(c.ok("GetRoles", "group_name", fmt.Sprint(group["name"])).rows())
	}
	if total != len(sampleRoles()) {
		t.Errorf("groups contain %d roles, want %d", total, len(sampleRoles()))
	}
	if got := c.ok("GetRoles", "group_name", "No such group").rows(); len(got) != 0 {
		t.Errorf("an unknown group has %v", got)
	}
}

func TestGetAccountInfo(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := callerWithRoles(t, s, "")
	var response struct {
		Result     map[string]any
		APIAddress string `json:"api_address"`
	}
	c.ok("GetAccountInfo").decode(&response)
	for _, field := range []string{"account_id", "account_name", "account_email", "created", "active",
		"frozen", "balance", "currency",
		"billing_limits", "live_balance", "mobile_phone", "callback_salt"} {
		if _, there := response.Result[field]; !there {
			t.Errorf("%s is missing", field)
		}
	}
	if _, there := response.Result["api_key"]; there {
		t.Error("api_key was sent to a caller with a token")
	}
	if response.APIAddress != "example.com" { // the host that the request was sent to
		t.Errorf("api_address %q", response.APIAddress)
	}
	c.refused(101, "GetAccountInfo", "return_live_balance", "no")
	var withoutBalance struct{ Result map[string]any }
	c.ok("GetAccountInfo", "return_live_balance", "0").decode(&withoutBalance)
	if _, there := withoutBalance.Result["live_balance"]; there {
		t.Error("live_balance was not requested")
	}
}
