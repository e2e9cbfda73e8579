package voxsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sendControl(s *Sim, verb, path, content, peer string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(verb, "/_sim/"+path, strings.NewReader(content))
	r.RemoteAddr = peer
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestControlRequiresLoopback(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	for peer, want := range map[string]int{
		"127.0.0.1:5000":   http.StatusOK,
		"127.8.8.8:5000":   http.StatusOK,
		"[::1]:5000":       http.StatusOK,
		"10.0.0.7:5000":    http.StatusForbidden,
		"192.0.2.1:5000":   http.StatusForbidden,
		"[2001:db8::1]:80": http.StatusForbidden,
		"nowhere":          http.StatusForbidden,
	} {
		if got := sendControl(s, "GET", "state", "", peer).Code; got != want {
			t.Errorf("%s: %d, want %d", peer, got, want)
		}
	}
	foreign := httptest.NewRequest("POST", "/_sim/variants", strings.NewReader("page_cap=1"))
	foreign.RemoteAddr = "127.0.0.1:5000"
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, foreign)
	if w.Code != http.StatusForbidden || s.Variants().PageCap != 0 {
		t.Error("a cross-origin request changed the simulator")
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	send := func(verb, path, content string, want int) string {
		t.Helper()
		w := sendControl(s, verb, path, content, "127.0.0.1:5000")
		if w.Code != want {
			t.Errorf("%s %s %s: %d %s, want %d", verb, path, content, w.Code, w.Body, want)
		}
		return w.Body.String()
	}
	id := subuserNamed(t, s, "trainee_01").ID

	grant := fmt.Sprintf(`{"kind":"add_subuser_roles","subuser_id":%d,"role_ids":[3]}`, id)
	send("POST", "change", grant, http.StatusNoContent)
	send("POST", "change", `{"kind":"delete_subuser","subuser_id":1}`, http.StatusUnprocessableEntity)
	send("POST", "change", `{"kind":"dance"}`, http.StatusUnprocessableEntity)
	send("POST", "change", `{`, http.StatusUnprocessableEntity)

	send("POST", "faults", `{"method":"GetRoles","kind":"refuse","code":4,"nth":2}`, http.StatusNoContent)
	ownerCaller(t, s).ok("GetRoles")
	ownerCaller(t, s).refused(4, "GetRoles")
	send("POST", "faults", `{"kind":"stale_reads","seconds":0.5,"count":-1}`, http.StatusNoContent)
	send("DELETE", "faults", "", http.StatusNoContent)
	send("POST", "faults", `{"kind":"explode"}`, http.StatusUnprocessableEntity)
	send("POST", "faults", `{"method":"GetNothing","kind":"refuse"}`, http.StatusUnprocessableEntity)
	send("POST", "faults", `no`, http.StatusUnprocessableEntity)

	send("POST", "variants", "page_cap=3,order=unstable", http.StatusNoContent)
	send("POST", "variants", "page_cap=many", http.StatusUnprocessableEntity)
	send("PUT", "variants", "", http.StatusNotFound)
	send("GET", "secrets", "", http.StatusNotFound)

	var got report
	if err := json.Unmarshal([]byte(send("GET", "state", "", http.StatusOK)), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report{
		State:    s.State(),
		Ledger:   s.Ledger(),
		Calls:    s.Calls(),
		Variants: "page_cap=3,order=unstable",
	}, got); diff != "" {
		t.Error(diff)
	}
	if len(got.Ledger) != 1 || got.Ledger[0].Actor != ExternalActor || len(got.Calls) != 2 {
		t.Errorf("ledger %+v, calls %+v", got.Ledger, got.Calls)
	}
}

func TestExternalChanges(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	trainee, petr := subuserNamed(t, s, "trainee_01").ID, subuserNamed(t, s, "petr_kucera").ID
	laptop, unused := keyNamed(t, s, "Jiří's laptop").ID, keyNamed(t, s, "Unused").ID
	changes := []struct {
		change ExternalChange
		want   string // the method in the newest ledger entry
	}{
		{ExternalChange{Kind: ExternalAddSubuser, Login: "night_shift", RoleIDs: []int64{3}}, "AddSubUser"},
		{ExternalChange{Kind: ExternalAddSubuserRoles, SubuserID: trainee, RoleIDs: []int64{3, 7}}, "SetSubUserRoles"},
		{
			ExternalChange{Kind: ExternalRemoveSubuserRoles, SubuserID: petr, RoleIDs: []int64{101}, Force: true},
			"RemoveSubUserRoles",
		},
		{
			ExternalChange{Kind: ExternalSetSubuserDescription, SubuserID: trainee, Description: "Changed in the panel"},
			"SetSubUserInfo",
		},
		{ExternalChange{Kind: ExternalSetSubuserPassword, SubuserID: trainee, Password: goodPassword}, "SetSubUserInfo"},
		{ExternalChange{Kind: ExternalDeleteSubuser, SubuserID: trainee}, "DelSubUser"},
		{ExternalChange{Kind: ExternalCreateKey, Name: "From the panel", RoleIDs: []int64{7}}, "CreateKey"},
		{ExternalChange{Kind: ExternalAddKeyRoles, KeyID: unused, RoleIDs: []int64{3}}, "SetKeyRoles"},
		{ExternalChange{Kind: ExternalRemoveKeyRoles, KeyID: unused, RoleIDs: []int64{3}}, "RemoveKeyRoles"},
		{ExternalChange{Kind: ExternalUpdateKey, KeyID: unused, Name: "Renamed", Description: "d"}, "UpdateKey"},
		{ExternalChange{Kind: ExternalRemoveAllKeyRoles, KeyID: laptop}, "RemoveKeyRoles"},
		{ExternalChange{Kind: ExternalDeleteKey, KeyID: unused}, "DeleteKey"},
	}
	for i, step := range changes {
		if err := s.ApplyExternal(step.change); err != nil {
			t.Fatalf("%s: %v", step.change.Kind, err)
		}
		ledger := s.Ledger()
		if len(ledger) != i+1 || ledger[i].Method != step.want || ledger[i].Actor != ExternalActor ||
			cmp.Equal(ledger[i].Effect, Effect{}) {
			t.Errorf("%s: %+v", step.change.Kind, ledger[i])
		}
	}
	if len(s.Calls()) != 0 {
		t.Error("external changes are recorded as calls")
	}
	if strings.Contains(fmt.Sprint(s.Ledger()), goodPassword) {
		t.Error("the ledger contains the password")
	}
	if got := keyNamed(t, s, "Jiří's laptop").RoleIDs; len(got) != 0 {
		t.Errorf("roles after the removal: %v", got)
	}
	err := s.ApplyExternal(ExternalChange{Kind: ExternalDeleteSubuser, SubuserID: trainee})
	if refusal, is := errors.AsType[*Refusal](err); !is || refusal.Code != 434 {
		t.Errorf("deleting again: %v", err)
	}
}

func TestExternalAddKeyRolesWhenSetKeyRolesReplaces(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{Variants: Variants{SetKeyRolesReplaces: true}})
	key := keyNamed(t, s, "Billing sync")
	if err := s.ApplyExternal(ExternalChange{Kind: ExternalAddKeyRoles, KeyID: key.ID, RoleIDs: []int64{3}}); err != nil {
		t.Fatal(err)
	}
	if got := keyNamed(t, s, key.Name).RoleIDs; fmt.Sprint(got) != "[3 7]" {
		t.Errorf("roles %v", got)
	}
}
