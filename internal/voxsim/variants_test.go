package voxsim

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// variantTests has a check for every switch and value; TestEveryVariantIsTested compares it with the table. Each check
// gets a new simulator and a caller with its Owner key.
func variantTests() map[string]func(*testing.T, *Sim, caller) {
	return map[string]func(*testing.T, *Sim, caller){
		"set_key_roles=replace": func(t *testing.T, s *Sim, c caller) {
			key := keyNamed(t, s, "CRM integration") // Scenarios, CallsSMS
			c.ok("SetKeyRoles", "key_id", key.ID, "role_name", "CallsSMS;Payer")
			e := c.lastEntry().Effect
			if fmt.Sprint(keyNamed(t, s, key.Name).RoleIDs, e.RolesAdded, e.RolesRemoved) != "[105 109] [105] [108]" {
				t.Errorf("effect %+v", e)
			}
		},
		"subuser_keys=go": func(t *testing.T, s *Sim, c caller) {
			key := keyNamed(t, s, "CI deploy")
			c.ok("DelSubUser", "subuser_id", fmt.Sprint(key.SubuserID))
			if got := c.lastEntry().Effect.KeysDeleted; !slices.Equal(got, []string{key.ID}) {
				t.Errorf("keys deleted %v", got)
			}
			c.refused(433, "GetKeyRoles", "key_id", key.ID)
		},
		"subuser_keys=named": func(t *testing.T, s *Sim, c caller) {
			key := keyNamed(t, s, "CI deploy")
			c.ok("DelSubUser", "subuser_id", fmt.Sprint(key.SubuserID))
			row := c.ok("GetKeys", "key_id", key.ID).rows()[0]
			if got := fmt.Sprint(row["subuser"]); !strings.Contains(got, "subuser_name:petr_kucera") {
				t.Errorf("the key belongs to %s", got)
			}
			c.refused(434, "GetSubUserRoles", "subuser_id", fmt.Sprint(key.SubuserID))
		},
		"empty_text=ignored": func(t *testing.T, s *Sim, c caller) {
			u, key := subuserNamed(t, s, "anna_novakova"), keyNamed(t, s, "CI deploy")
			c.ok("SetSubUserInfo", "subuser_id", fmt.Sprint(u.ID), "description", "")
			c.ok("UpdateKey", "key_id", key.ID, "key_name", "CD deploy", "description", "")
			if got := subuserNamed(t, s, u.Login).Description; got != u.Description {
				t.Errorf("description %q", got)
			}
			if got := keyNamed(
				t,
				s,
				"CD deploy",
			).Description; got != key.Description || c.lastEntry().Effect.Description != nil {
				t.Errorf("description %q, effect %+v", got, c.lastEntry().Effect)
			}
		},
		"no_effect=all":                testNoEffect("all"),
		"no_effect=AddSubUser":         testNoEffect("AddSubUser"),
		"no_effect=CreateKey":          testNoEffect("CreateKey"),
		"no_effect=DelSubUser":         testNoEffect("DelSubUser"),
		"no_effect=DeleteKey":          testNoEffect("DeleteKey"),
		"no_effect=RemoveKeyRoles":     testNoEffect("RemoveKeyRoles"),
		"no_effect=RemoveSubUserRoles": testNoEffect("RemoveSubUserRoles"),
		"no_effect=SetKeyRoles":        testNoEffect("SetKeyRoles"),
		"no_effect=SetSubUserInfo":     testNoEffect("SetSubUserInfo"),
		"no_effect=SetSubUserRoles":    testNoEffect("SetSubUserRoles"),
		"no_effect=UpdateKey":          testNoEffect("UpdateKey"),
		"login_reserved=5m0s": func(t *testing.T, s *Sim, c caller) {
			c.ok("DelSubUser", "subuser_id", fmt.Sprint(subuserNamed(t, s, "trainee_01").ID))
			c.refused(436, "AddSubUser", "new_subuser_name", "trainee_01", "new_subuser_password", goodPassword)
			advanceClock(s, 5*time.Minute)
			c.ok("AddSubUser", "new_subuser_name", "trainee_01", "new_subuser_password", goodPassword)
		},
		"resend_window=2s": func(t *testing.T, s *Sim, c caller) {
			id := fmt.Sprint(subuserNamed(t, s, "trainee_01").ID)
			c.ok("SetSubUserRoles", "subuser_id", id, "role_id", "3")
			c.refused(484, "SetSubUserRoles", "subuser_id", id, "role_id", "3")
			c.ok("SetSubUserRoles", "subuser_id", id, "role_id", "7")
			advanceClock(s, 2*time.Second)
			c.ok("SetSubUserRoles", "subuser_id", id, "role_id", "3")
		},
		"page_cap=7": func(t *testing.T, s *Sim, c caller) {
			if got := len(c.ok("GetSubUsers", "count", "100").rows()); got != 7 {
				t.Errorf("%d rows", got)
			}
		},
		"count_limit=50": func(t *testing.T, s *Sim, c caller) {
			for _, list := range [][]string{{"GetSubUsers"}, {"GetKeys"}, append([]string{"GetAuditLog"}, allTimeParams()...)} {
				c.ok(list[0], append(list[1:], "count", "50")...)
				c.refused(496, list[0], append(list[1:], "count", "51")...)
				c.ok(list[0], list[1:]...)
			}
		},
		"offset=ignored": func(t *testing.T, s *Sim, c caller) {
			if first, second := c.ok(
				"GetKeys",
				"count",
				"3",
			).text, c.ok("GetKeys", "count", "3", "offset", "3").text; first != second {
				t.Errorf("%s and then %s", first, second)
			}
		},
		"order=unstable": func(t *testing.T, s *Sim, c caller) {
			if first, second := c.ok("GetSubUsers").text, c.ok("GetSubUsers").text; first == second {
				t.Error("the same page twice")
			}
			if got := c.ok("GetSubUsers", "count", "100").column("subuser_id"); len(got) != 40 {
				t.Errorf("%d rows", len(got))
			}
			id := fmt.Sprint(subuserNamed(t, s, "anna_novakova").ID)
			c.ok("SetSubUserRoles", "subuser_id", id, "role_name", "ACDManager;UserManager;Payer;Admin")
			for _, read := range [][]string{{"GetRoles"}, {"GetRoleGroups"}, {"GetSubUserRoles", "subuser_id", id}} {
				if first, second := c.ok(read[0], read[1:]...).text, c.ok(read[0], read[1:]...).text; first == second {
					t.Errorf("%s: the same order in both calls", read[0])
				}
			}
		},
		"total_count=present": func(t *testing.T, s *Sim, c caller) {
			var counts struct {
				TotalCount *int `json:"total_count"`
				Count      *int
			}
			c.ok("GetSubUsers", "count", "3").decode(&counts)
			if counts.TotalCount == nil || *counts.TotalCount != 40 || *counts.Count != 3 {
				t.Errorf("%+v", counts)
			}
		},
		"unknown_id=empty": func(t *testing.T, s *Sim, c caller) {
			for _, read := range [][2]string{
				{"GetSubUsers", "subuser_id"},
				{"GetSubUserRoles", "subuser_id"},
				{"GetKeys", "key_id"},
				{"GetKeyRoles", "key_id"},
			} {
				if got := c.ok(read[0], read[1], "999999").rows(); len(got) != 0 {
					t.Errorf("%s: %v", read[0], got)
				}
			}
			c.refused(434, "DelSubUser", "subuser_id", "999999")
			c.refused(433, "DeleteKey", "key_id", "999999")
		},
		"role_noop=refuse": func(t *testing.T, s *Sim, c caller) {
			id := fmt.Sprint(subuserNamed(t, s, "anna_novakova").ID) // Owner
			c.refused(435, "SetSubUserRoles", "subuser_id", id, "role_name", "Owner;Payer")
			c.refused(435, "RemoveSubUserRoles", "subuser_id", id, "role_name", "Payer")
			c.ok("SetSubUserRoles", "subuser_id", id, "role_name", "Support") // inherited from Owner
			key := keyNamed(t, s, "Billing sync")                             // Accountant
			c.refused(435, "SetKeyRoles", "key_id", key.ID, "role_name", "Accountant;Payer")
			c.refused(435, "RemoveKeyRoles", "key_id", key.ID, "role_name", "Accountant;Payer")
		},
		"revoke_inherited=ok": func(t *testing.T, s *Sim, c caller) {
			u := subuserNamed(t, s, "anna_novakova")
			c.ok("RemoveSubUserRoles", "subuser_id", fmt.Sprint(u.ID), "role_name", "Support")
			if e := c.lastEntry().Effect; len(e.RolesRemoved) != 0 {
				t.Errorf("effect %+v", e)
			}
		},
		"grant_beyond_own=refuse": func(t *testing.T, s *Sim, c caller) {
			unprivileged := callerWithRoles(t, s, "UserManager")
			key := keyNamed(t, s, "Unused")
			unprivileged.refused(435, "SetKeyRoles", "key_id", key.ID, "role_name", "Owner")
			unprivileged.refused(435, "CreateKey", "role_name", "Owner")
			unprivileged.ok("SetKeyRoles", "key_id", key.ID, "role_name", "UserRead") // its own, through UserManager
			c.ok("SetKeyRoles", "key_id", key.ID, "role_name", "Developer")           // an Owner may give all
		},
		"inherited=catalogue": func(t *testing.T, s *Sim, c caller) {
			id := fmt.Sprint(subuserNamed(t, s, "jurgen_grosse").ID) // Support, directly
			if got := c.ok("GetSubUserRoles", "subuser_id", id).column("inherited"); fmt.Sprint(got) != "[true]" {
				t.Errorf("inherited %v, as in the published example", got)
			}
			if got := c.ok("GetRoles", "group_name", "Users").column("inherited"); fmt.Sprint(got) != "[false true true]" {
				t.Errorf("inherited %v", got)
			}
		},
		"inherited=absent": func(t *testing.T, s *Sim, c caller) {
			id := fmt.Sprint(subuserNamed(t, s, "anna_novakova").ID)
			if got := c.ok("GetSubUserRoles", "subuser_id", id).column("inherited"); fmt.Sprint(got) != "[<nil> <nil>]" {
				t.Errorf("inherited %v", got)
			}
		},
		"held_roles=leaves": func(t *testing.T, s *Sim, c caller) {
			id := fmt.Sprint(subuserNamed(t, s, "jiri_dvorak").ID) // Owner, Developer
			if got := c.ok("GetSubUserRoles", "subuser_id", id).column("role_name"); fmt.Sprint(got) != "[Support Developer]" {
				t.Errorf("roles %v", got)
			}
		},
		"held_roles=direct": func(t *testing.T, s *Sim, c caller) {
			id := fmt.Sprint(subuserNamed(t, s, "jiri_dvorak").ID)
			if got := c.ok("GetSubUserRoles", "subuser_id", id).column("role_name"); fmt.Sprint(got) != "[Owner Developer]" {
				t.Errorf("roles %v", got)
			}
		},
		"held_roles=twice": func(t *testing.T, s *Sim, c caller) {
			id := fmt.Sprint(subuserNamed(t, s, "marie_svobodova").ID) // Owner, and Support, which Owner contains
			got := c.ok("GetSubUserRoles", "subuser_id", id)
			if fmt.Sprint(got.column("role_name"), got.column("inherited")) != "[Owner Support Support] [false false true]" {
				t.Error(got.text)
			}
		},
		"role_links=held": func(t *testing.T, s *Sim, c caller) {
			id := fmt.Sprint(subuserNamed(t, s, "jurgen_grosse").ID) // Support
			if got := c.ok("GetSubUserRoles", "subuser_id", id).column("parent_role_id"); fmt.Sprint(got) != "[[1 2]]" {
				t.Errorf("parents %v", got)
			}
			listed, _ := c.ok("GetSubUsers", "subuser_id", id, "with_roles", "true").rows()[0]["roles"].([]any)
			for _, row := range append(c.ok("GetRoles").rows(), listed[0].(map[string]any)) {
				if row["parent_role_id"] != nil || row["child_ids"] != nil {
					t.Errorf("%v", row)
				}
			}
		},
		"with_roles=ignored": func(t *testing.T, s *Sim, c caller) {
			if got := c.ok("GetSubUsers", "with_roles", "true", "count", "2").column("roles"); fmt.Sprint(
				got,
			) != "[<nil> <nil>]" {
				t.Errorf("roles %v", got)
			}
		},
		"empty_roles=absent": func(t *testing.T, s *Sim, c caller) {
			row := c.ok(
				"GetSubUsers",
				"with_roles",
				"true",
				"subuser_id",
				fmt.Sprint(subuserNamed(t, s, "trainee_01").ID),
			).rows()[0]
			if _, there := row["roles"]; there {
				t.Errorf("%v", row)
			}
		},
		"key_subuser=object": func(t *testing.T, s *Sim, c caller) {
			row := c.ok("GetKeys", "key_id", keyNamed(t, s, "CI deploy").ID).rows()[0]
			if subuser, is := row["subuser"].(map[string]any); !is || subuser["subuser_name"] != "petr_kucera" {
				t.Errorf("%v", row)
			}
		},
		"key_subuser=absent": func(t *testing.T, s *Sim, c caller) {
			row := c.ok("GetKeys", "key_id", keyNamed(t, s, "CI deploy").ID).rows()[0]
			if _, there := row["subuser"]; there {
				t.Errorf("%v", row)
			}
		},
		"role_id_shift=1000": func(t *testing.T, s *Sim, c caller) {
			u := subuserNamed(t, s, "trainee_01")
			id := fmt.Sprint(u.ID)
			c.refused(440, "SetSubUserRoles", "subuser_id", id, "role_id", "3")
			c.ok("SetSubUserRoles", "subuser_id", id, "role_id", "1003;1007")
			if got := c.ok("GetSubUserRoles", "subuser_id", id).rows(); fmt.Sprint(
				got[0]["role_id"],
				got[0]["parent_role_id"],
			) != "1003 [1001 1002]" {
				t.Errorf("roles %v", got)
			}
			if got := fmt.Sprint(
				subuserNamed(t, s, u.Login).RoleIDs,
				c.lastEntry().Effect.RolesAdded,
			); got != "[1003 1007] [1003 1007]" {
				t.Errorf("state and ledger: %s", got)
			}
		},
		"child_filter=required": func(t *testing.T, s *Sim, c caller) {
			c.refused(134, "GetChildrenAccounts")
			c.ok("GetChildrenAccounts", "child_account_id", "3456801")
		},
		"audit_log=silent": func(t *testing.T, s *Sim, c caller) {
			c.ok("CreateKey")
			if rows := c.ok("GetAuditLog", allTimeParams()...).rows(); len(rows) != 0 {
				t.Errorf("rows %v", rows)
			}
		},
		"audit_dates=optional": func(t *testing.T, s *Sim, c caller) {
			c.ok("CreateKey")
			if rows := c.ok("GetAuditLog").rows(); len(rows) != 1 {
				t.Errorf("rows %v", rows)
			}
		},
		"audit_args=text": func(t *testing.T, s *Sim, c caller) {
			c.ok("AddSubUser", "new_subuser_name", "new_subuser", "new_subuser_password", goodPassword)
			row := c.ok("GetAuditLog", allTimeParams()...).rows()[0]
			want := `{"new_subuser_name":"new_subuser","new_subuser_password":"***"}`
			if row["cmd_args"] != want ||
				row["cmd_result"] != fmt.Sprintf(`{"subuser_id":%d}`, subuserNamed(t, s, "new_subuser").ID) {
				t.Errorf("row %v", row)
			}
		},
		"audit_days=30": func(t *testing.T, s *Sim, c caller) {
			c.ok("GetAuditLog", "from_date", "2026-01-01 00:00:00", "to_date", "2026-01-31 00:00:00")
			c.refused(569, "GetAuditLog", "from_date", "2026-01-01 00:00:00", "to_date", "2026-01-31 00:00:01")
		},
		"error_form=errors": func(t *testing.T, s *Sim, c caller) {
			if got := c.call("GetNothing").text; got != `{"errors":[{"code":103,"msg":"Unknown command"}]}` {
				t.Error(got)
			}
		},
		"error_form=both": func(t *testing.T, s *Sim, c caller) {
			want := `{"error":{"code":103,"msg":"Unknown command"},"errors":[{"code":103,"msg":"Unknown command"}]}`
			if got := c.call("GetNothing").text; got != want {
				t.Error(got)
			}
		},
		"error_status=400": func(t *testing.T, s *Sim, c caller) {
			for method, want := range map[string]int{"GetNothing": 400, "GetRoles": 200} {
				w := httptest.NewRecorder()
				s.ServeHTTP(w, c.request(method))
				if w.Code != want || w.Header().Get("Content-Type") != "application/json" {
					t.Errorf("%s: status %d, %s", method, w.Code, w.Body)
				}
			}
		},
		"extra_fields=on": func(t *testing.T, s *Sim, c caller) {
			for method, pairs := range map[string][]string{
				"GetSubUsers":   {"with_roles", "1"},
				"GetKeys":       nil,
				"GetRoles":      nil,
				"GetRoleGroups": nil,
			} {
				if row := c.ok(method, pairs...).rows()[0]; row["x_sim_extra"] == nil {
					t.Errorf("%s: %v", method, row)
				}
			}
		},
		"role_groups=open": func(t *testing.T, s *Sim, c caller) { callerWithRoles(t, s, "").ok("GetRoleGroups") },
		"rate_limit=5": func(t *testing.T, s *Sim, c caller) {
			for range 5 {
				c.ok("GetRoles")
			}
			c.refused(340, "GetRoles")
			advanceClock(s, time.Second/5)
			c.ok("GetRoles")
			c.refused(340, "GetRoles")
			advanceClock(s, time.Hour)
			for range 5 {
				c.ok("GetRoles")
			}
			c.refused(340, "GetRoles")
		},
		"max_keys=1": func(t *testing.T, s *Sim, c caller) { c.refused(437, "CreateKey") },
		"max_subusers=1": func(t *testing.T, s *Sim, c caller) {
			c.refused(438, "AddSubUser", "new_subuser_name", "new_subuser", "new_subuser_password", goodPassword)
		},
		"clock_offset=1m30s":  testClockOffset(90*time.Second, 456),
		"clock_offset=-1m30s": testClockOffset(-90*time.Second, 455),
		"forbidden_code=100": func(t *testing.T, s *Sim, c caller) {
			withoutRoles := callerWithRoles(t, s, "")
			for name, m := range s.methods {
				if m.access != anyKey {
					withoutRoles.refused(100, name)
				}
			}
			withoutRoles.ok("GetRoles")
		},
		"missing_code=485": func(t *testing.T, s *Sim, c caller) {
			if got := c.call("DelSubUser").text; got != `{"error":{"code":485,"msg":"Specify the 'subuser_id' parameter."}}` {
				t.Error(got)
			}
		},
		"password_code=463": testPasswordCode(463),
		"password_code=523": testPasswordCode(523),
		"length_code=499": func(t *testing.T, s *Sim, c caller) {
			c.refused(499, "CreateKey", "key_name", fmt.Sprintf("%051d", 1))
		},
		"wrong_old_password=100": testWrongOldPassword(100),
		"wrong_old_password=101": testWrongOldPassword(101),
		"wrong_old_password=448": testWrongOldPassword(448),
	}
}

// testNoEffect sends every write. Those without effect return the same as the others, change nothing, and are neither
// in the ledger nor in the audit log. Invalid ones are refused as always.
func testNoEffect(value string) func(*testing.T, *Sim, caller) {
	return func(t *testing.T, s *Sim, c caller) {
		subuser, key := fmt.Sprint(subuserNamed(t, s, "petr_kucera").ID), keyNamed(t, s, "CI deploy").ID
		for _, write := range [][]string{
			{"AddSubUser", "new_subuser_name", "new_subuser", "new_subuser_password", goodPassword},
			{"CreateKey", "key_name", "new key"},
			{"SetSubUserInfo", "subuser_id", subuser, "description", "new"},
			{"SetSubUserRoles", "subuser_id", subuser, "role_name", "Payer"},
			{"RemoveSubUserRoles", "subuser_id", subuser, "role_name", "Developer", "force", "true"},
			{"UpdateKey", "key_id", key, "description", "new"},
			{"SetKeyRoles", "key_id", key, "role_name", "Payer"},
			{"RemoveKeyRoles", "key_id", key, "role_name", "Payer"},
			{"DeleteKey", "key_id", key},
			{"DelSubUser", "subuser_id", subuser},
		} {
			method := write[0]
			if value == "all" && method == "RemoveKeyRoles" {
				write[4] = "Developer" // Payer was not granted
			}
			if value == "SetKeyRoles" && method == "RemoveKeyRoles" {
				continue // it was not granted either
			}
			stateBefore, committed := fmt.Sprint(s.State()), len(s.Ledger())
			calls := s.Calls()
			result := c.ok(method, write[1:]...).result()
			if object, isObject := result.(map[string]any); !isObject && result != 1.0 || isObject && len(object) == 0 {
				t.Errorf("%s: result %v", method, result)
			}
			covered := value == "all" || value == method
			changed := fmt.Sprint(s.State()) != stateBefore
			call := s.Calls()[len(calls)]
			if changed == covered || (len(s.Ledger()) > committed) == covered || call.Committed == covered {
				t.Errorf("%s: changed %t, ledger %+v", method, changed, s.Ledger()[committed:])
			}
		}
		if entries := c.ok("GetAuditLog", allTimeParams()...).rows(); len(entries) != len(s.Ledger()) {
			t.Errorf("%d entries of the audit log, %d in the ledger", len(entries), len(s.Ledger()))
		}
		c.refused(434, "DelSubUser", "subuser_id", "999999")
		c.refused(433, "DeleteKey", "key_id", "999999")
	}
}

func testClockOffset(offset time.Duration, code int) func(*testing.T, *Sim, caller) {
	return func(t *testing.T, s *Sim, c caller) {
		ours := c.request("GetRoles")
		ours.Header.Set("Authorization", "Bearer "+c.token(s.now()))
		if got := serve(t, s, ours).code(); got != code {
			t.Errorf("code %d, want %d", got, code)
		}
		c.ok("GetRoles") // signed by the service's clock
		if want := s.now().Add(offset).Truncate(time.Second); !dateHeader(t, s).Equal(want) {
			t.Errorf("Date %v, want %v", dateHeader(t, s), want)
		}
	}
}

func testPasswordCode(code int) func(*testing.T, *Sim, caller) {
	return func(t *testing.T, _ *Sim, c caller) {
		for _, bad := range []string{"", "weak"} {
			c.refused(code, "AddSubUser", "new_subuser_name", "new_subuser", "new_subuser_password", bad)
		}
	}
}

func testWrongOldPassword(code int) func(*testing.T, *Sim, caller) {
	return func(t *testing.T, s *Sim, c caller) {
		id := strconv.FormatInt(subuserNamed(t, s, "trainee_01").ID, 10)
		c.refused(code, "SetSubUserInfo", "subuser_id", id,
			"old_subuser_password", "Wr0ng!word", "new_subuser_password", goodPassword)
	}
}

func TestVariants(t *testing.T) {
	t.Parallel()
	for name, check := range variantTests() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := ParseVariants(name)
			if err != nil {
				t.Fatal(err)
			}
			s := newSim(t, Options{Variants: v, Now: fixedClock(), Seed: 1})
			check(t, s, ownerCaller(t, s))
		})
	}
}
