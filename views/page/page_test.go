package page

import "testing"

// TestSentence checks the sentence about each kind of change.
func TestSentence(t *testing.T) {
	t.Parallel()
	tests := []struct {
		change Difference
		want   string
	}{
		{Difference{}, "Nothing changes for anna."},
		{Difference{Keep: []string{"Support"}}, "Nothing changes for anna."},
		{Difference{Grant: []string{"Support"}}, "anna gets Support and has no other direct role."},
		{Difference{Grant: []string{"Support"}, Keep: []string{"Payer"}}, "anna gets Support and keeps Payer."},
		{Difference{Revoke: []string{"Owner"}}, "anna loses Owner and has no direct role left."},
		{
			Difference{Revoke: []string{"Owner"}, Keep: []string{"Payer", "Support"}},
			"anna loses Owner and keeps Payer and Support.",
		},
		{
			Difference{Revoke: []string{"Owner"}, Grant: []string{"Admin"}},
			"anna loses Owner, gets Admin and has no other direct role.",
		},
	}
	for _, tt := range tests {
		if got := tt.change.Sentence("anna"); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// TestResultsAreDistinct checks that every outcome has a text of its own and an explanation.
func TestResultsAreDistinct(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	check := func(r Result, confirmed bool) {
		_, icon, text := r.presentation(confirmed)
		if seen[text] || icon == "" || r.Explain(confirmed) == "" {
			t.Errorf("%q: icon %q, text %q", r, icon, text)
		}
		seen[text] = true
	}
	for _, r := range []Result{UnderWay, Applied, Refused, NotSent, PartlyApplied, NotApplied, Unknown} {
		check(r, true)
	}
	check(Applied, false)
	if Result("something new").text(true) != Unknown.text(true) {
		t.Error("an unexpected outcome must look like Unknown")
	}
}

func TestTabTitle(t *testing.T) {
	t.Parallel()
	tests := []struct {
		frame Frame
		want  string
	}{
		{Frame{Heading: "Subusers"}, "Subusers · Voxwarden"},
		{Frame{Heading: "Subusers", Title: "anna"}, "anna · Voxwarden"},
		{Frame{Heading: "New subuser", Failed: true}, "Error: New subuser · Voxwarden"},
	}
	for _, tt := range tests {
		if got := tt.frame.tabTitle(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
