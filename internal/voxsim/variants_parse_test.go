package voxsim

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

// fixedClock returns a clock that stands still until advanceClock.
func fixedClock() func() time.Time {
	return func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }
}

// advanceClock advances the clock of a simulator.
func advanceClock(s *Sim, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.now
	s.now = func() time.Time { return before().Add(d) }
}

func dateHeader(t *testing.T, s *Sim) time.Time {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, ownerCaller(t, s).request("GetRoles"))
	date, err := http.ParseTime(w.Header().Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	return date
}

func TestEveryVariantIsTested(t *testing.T) {
	t.Parallel()
	tests := variantTests()
	for _, named := range AllVariants() {
		if tests[named.Name] == nil {
			t.Errorf("%s has no test", named.Name)
		}
		if named.Variants == (Variants{}) {
			t.Errorf("%s is the default", named.Name)
		}
		if got := named.Variants.String(); got != named.Name {
			t.Errorf("%s prints as %s", named.Name, got)
		}
		delete(tests, named.Name)
	}
	for name := range tests {
		t.Errorf("%s is tested, but not in AllVariants", name)
	}
}

// TestEveryFieldHasASwitch fails if a new field of Variants has no switch.
func TestEveryFieldHasASwitch(t *testing.T) {
	t.Parallel()
	if fields, switches := reflect.TypeFor[Variants]().NumField(), len(variantSwitches()); fields != switches {
		t.Errorf("%d fields and %d switches", fields, switches)
	}
}

func TestParseVariants(t *testing.T) {
	t.Parallel()
	v, err := ParseVariants(" set_key_roles=replace, page_cap=10 ,clock_offset=-2s,order=stable,")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Variants{SetKeyRolesReplaces: true, PageCap: 10, ClockOffset: -2 * time.Second}); v != want {
		t.Errorf("got %+v", v)
	}
	if v, err = ParseVariants(""); err != nil || v != (Variants{}) {
		t.Errorf("the empty list gives %+v, %v", v, err)
	}
	for text, want := range map[string]string{
		"colour=blue":        "known: set_key_roles",
		"set_key_roles":      "add, replace",
		"inherited=maybe":    "assignment, catalogue, absent",
		"page_cap=-1":        "number",
		"clock_offset=90":    "duration",
		"missing_code=77":    "134, 485",
		"page_cap=5,order=x": "stable, unstable",
	} {
		if _, err := ParseVariants(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want %q", text, err, want)
		}
	}
}
