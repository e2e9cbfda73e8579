package voxsim

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// The child accounts of SmallCompany.
const (
	activeChild   = 3456801
	frozenChild   = 3456802
	inactiveChild = 3456803
)

// actFor sends a call with this account in the token, as a number or as text, with further parameters.
func (c caller) actFor(account any, method string, pairs ...string) body {
	c.t.Helper()
	r := c.request(method, pairs...)
	now := c.sim.now().Unix()
	r.Header.Set("Authorization", "Bearer "+c.sign(jwt.MapClaims{"iss": account, "iat": now, "exp": now + 60}))
	return serve(c.t, c.sim, r)
}

// A parent account acts for a child by the child's id in iss. Number or text, in iss alone or also in account_id as the
// vendor's Java client sends it.
func TestActingForChildAccount(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	parent := ownerCaller(t, s)
	child := fmt.Sprint(activeChild)
	for name, tt := range map[string]struct {
		issuer any
		pairs  []string
		code   int
		rows   int
	}{
		"number":                       {activeChild, nil, 0, 2},
		"text":                         {child, nil, 0, 2},
		"and account_id":               {child, []string{"account_id", child}, 0, 2},
		"account_id of the parent":     {child, []string{"account_id", fmt.Sprint(s.AccountID())}, 115, 0},
		"account_id alone":             {s.AccountID(), []string{"account_id", child}, 115, 0},
		"the parent itself":            {s.AccountID(), []string{"count", "3"}, 0, 3},
		"an unknown account":           {1, nil, 115, 0},
		"a fraction":                   {3456801.5, nil, 115, 0},
		"an inactive child":            {inactiveChild, nil, 131, 0},
		"a frozen child has no people": {frozenChild, nil, 0, 0},
	} {
		got := parent.actFor(tt.issuer, "GetSubUsers", tt.pairs...)
		if got.code() != tt.code || tt.code == 0 && len(got.rows()) != tt.rows {
			t.Errorf("%s: %s, want code %d and %d rows", name, got.text, tt.code, tt.rows)
		}
	}
}

// What is done for a child changes the child only, and is in its audit log.
func TestChangesOfChildAccount(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	parent := ownerCaller(t, s)
	before := fmt.Sprint(s.State().Subusers, s.State().Keys)
	add := []string{"new_subuser_name", "jiri_dvorak", "new_subuser_password", goodPassword} // a login of the parent too
	if got := parent.actFor(activeChild, "AddSubUser", add...); got.code() != 0 {
		t.Fatal(got.text)
	}
	var made struct{ Result keyInfo }
	parent.actFor(activeChild, "CreateKey", "role_name", "Owner").decode(&made)
	if after := fmt.Sprint(s.State().Subusers, s.State().Keys); after != before || made.Result.AccountID != activeChild {
		t.Errorf("the parent changed, or the key is of account %d", made.Result.AccountID)
	}
	if child := s.State().Children[0]; child.AccountID != activeChild || len(child.Subusers) != 3 || len(child.Keys) != 2 {
		t.Errorf("the child: %+v", child)
	}
	for i, e := range s.Ledger() {
		if e.AccountID != activeChild {
			t.Errorf("entry %d is of account %d", i, e.AccountID)
		}
	}
	if rows := parent.ok("GetAuditLog", allTimeParams()...).rows(); len(rows) != 0 {
		t.Errorf("the parent's audit log: %v", rows)
	}
	rows := parent.actFor(activeChild, "GetAuditLog", allTimeParams()...).rows()
	if len(rows) != 2 || rows[0]["account_id"] != float64(activeChild) || rows[0]["cmd_name"] != "AddSubUser" {
		t.Errorf("the child's audit log: %v", rows)
	}

	ofChild := caller{t: t, sim: s, creds: made.Result}
	if got := ofChild.ok("GetSubUsers").rows(); len(got) != 3 {
		t.Errorf("the child's key reads %d subusers", len(got))
	}
	for _, other := range []any{s.AccountID(), frozenChild} {
		if got := ofChild.actFor(other, "GetSubUsers"); got.code() != 115 {
			t.Errorf("the child's key acts for %v: %s", other, got.text)
		}
	}
	if info := parent.actFor(frozenChild, "GetAccountInfo").result().(map[string]any); info["frozen"] != true ||
		info["account_name"] != "linkova-sluzba-archiv" || info["api_key"] != nil {
		t.Errorf("GetAccountInfo of a child: %v", info)
	}
	if parent.actFor(activeChild, "DelSubUser", "subuser_id", fmt.Sprint(subuserNamed(t, s, "anna_novakova").ID+30)).
		code() != 434 {
		t.Error("a subuser of the parent was found in the child")
	}
}

func TestGetChildrenAccounts(t *testing.T) {
	t.Parallel()
	c := ownerCaller(t, newSim(t, Options{}))
	const byName = "[3.456802e+06 3.456801e+06 3.456803e+06]" // archiv, brno, test
	for query, want := range map[string]string{
		"":                                 byName,
		"order_by=child_account_id":        "[3.456801e+06 3.456802e+06 3.456803e+06]",
		"order_by=child_account_email":     byName,
		"order_by=balance":                 "496",
		"count=1&offset=1":                 "[3.456801e+06]",
		"count=0":                          "101",
		"child_account_id=3456801;3456803": "[3.456801e+06 3.456803e+06]",
		"child_account_id=3456801;1":       "194",
		"child_account_id=all":             "194",
		"child_account_id=3456801;1&ignore_invalid_accounts=1": "[3.456801e+06]",
		"child_account_name=linkova-sluzba-brno":               "[3.456801e+06]",
		"child_account_name=linkova":                           "198",
		"child_account_email=test@linkova-sluzba.example":      "[3.456803e+06]",
		"child_account_email=other@linkova-sluzba.example":     "199",
		"active=false":              "[3.456803e+06]",
		"frozen=True":               "[3.456802e+06]",
		"active=1&frozen=0":         "[3.456801e+06]",
		"active=maybe":              "101",
		"brief_output=true&count=2": "[3.456802e+06 3.456801e+06]",
		"parent_account_id=3456750": "492",
	} {
		values, err := url.ParseQuery(strings.ReplaceAll(query, ";", "%3B"))
		if err != nil {
			t.Fatal(err)
		}
		var pairs []string
		for name := range values {
			pairs = append(pairs, name, values.Get(name))
		}
		got := c.call("GetChildrenAccounts", pairs...)
		text := fmt.Sprint(got.code())
		if got.code() == 0 {
			text = fmt.Sprint(got.column("account_id"))
		}
		if text != want {
			t.Errorf("%q: %s, want %s", query, got.text, want)
		}
	}
	for query, fields := range map[string]int{"brief_output": 1, "medium_output": 3} {
		if row := c.ok("GetChildrenAccounts", query, "true").rows()[0]; len(row) != fields {
			t.Errorf("%s: %v", query, row)
		}
	}
	var full struct {
		Result     []accountInfo
		TotalCount int `json:"total_count"`
		Count      int
	}
	c.ok("GetChildrenAccounts", "count", "2", "return_live_balance", "0").decode(&full)
	if full.TotalCount != 3 || full.Count != 2 || full.Result[1].APIKey == "" || full.Result[1].LiveBalance != nil {
		t.Errorf("full output: %+v", full)
	}
	callerWithRoles(t, c.sim, "Admin").refused(104, "GetChildrenAccounts")
	if rows := c.actFor(activeChild, "GetChildrenAccounts").rows(); len(rows) != 0 {
		t.Errorf("a child has children: %v", rows)
	}
}

// A company with many children is read in pages of 20; brief output has all of them.
func TestManyChildrenAccounts(t *testing.T) {
	t.Parallel()
	company := SmallCompany()
	for i := range 30 {
		child := Company{AccountID: 4000000 + int64(i), AccountName: fmt.Sprintf("z%02d", i)}
		company.Children = append(company.Children, child)
	}
	c := ownerCaller(t, newSim(t, Options{Company: company}))
	for flag, want := range map[string]int{"active": 20, "brief_output": 33, "medium_output": 33} {
		pairs := []string{flag, "true"}
		if flag == "active" {
			pairs = nil
		}
		if got := len(c.ok("GetChildrenAccounts", pairs...).rows()); got != want {
			t.Errorf("%s: %d rows, want %d", flag, got, want)
		}
	}
	company.Children = append(company.Children, Company{AccountID: company.AccountID})
	if _, err := New(Options{Company: company, OwnerKey: testKey()}); err == nil {
		t.Error("a child with the id of its parent was accepted")
	}
}

func TestGetAuditLogAsync(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	for want := 1; want <= 2; want++ {
		got := c.ok("GetAuditLogAsync", append(allTimeParams(), "output", "csv", "with_header", "true")...)
		if got.text != fmt.Sprintf(`{"result":1,"history_report_id":%d}`, want) {
			t.Errorf("report %d: %s", want, got.text)
		}
	}
	c.refused(105, "GetAuditLogAsync", append(allTimeParams(), "output", "json")...)
	c.refused(105, "GetAuditLog", append(allTimeParams(), "output", "csv")...)
	c.refused(134, "GetAuditLogAsync")
	c.refused(101, "GetAuditLogAsync", append(allTimeParams(), "with_header", "maybe")...)
	callerWithRoles(t, s, "Admin").refused(104, "GetAuditLogAsync", allTimeParams()...)
	r := httptest.NewRequest("GET", "/platform_api/GetHistoryReports", nil)
	r.Header.Set("Authorization", "Bearer "+c.token(s.now()))
	if got := serve(t, s, r).code(); got != 103 {
		t.Errorf("reports are simulated: code %d", got)
	}
}
