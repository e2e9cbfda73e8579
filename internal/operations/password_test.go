package operations

import (
	"crypto/rand"
	"strings"
	"testing"
)

func TestNewPassword(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 500 {
		password, err := newPassword(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if problem := passwordProblem(password); problem != "" || len(password) != generatedLength || seen[password] {
			t.Fatalf("%q: %s", password, problem)
		}
		if strings.ContainsAny(password, "Il1O0") {
			t.Errorf("%q has characters that are easily confused", password)
		}
		seen[password] = true
	}
}

func TestPasswordProblem(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{
		"Aa1!aaaa":         nil,
		"Aa1?ěščř":         nil,
		"":                 {"8 characters", "upper-case", "lower-case", "digit", "special"},
		"Aa1!":             {"8 characters"},
		"aa1!aaaa":         {"upper-case"},
		"AA1!AAAA":         {"lower-case"},
		"Aa!!aaaa":         {"digit"},
		"Aa11aaaa":         {"special"},
		"Aa1! aaaa":        {"spaces"},
		"čeština1":         {"upper-case", "special"},
		"pssw0rd":          {"8 characters", "upper-case", "special"},
		"Aa1!aaaa\taaaaaa": {"spaces"},
	}
	for password, want := range cases {
		got := passwordProblem(password)
		if (got == "") != (want == nil) {
			t.Errorf("%q: %q", password, got)
		}
		for _, word := range want {
			if !strings.Contains(got, word) {
				t.Errorf("%q: %q does not name %s", password, got, word)
			}
		}
		if password != "" && strings.Contains(got, password) {
			t.Errorf("the message repeats the password %q", password)
		}
	}
}
