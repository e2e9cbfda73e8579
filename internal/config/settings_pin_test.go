package config

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/testkit/golden"
)

// TestSettingsAreAsPinned compares the settings with the golden file: the variables that set each of them, its default,
// with which sign-in and preset it is read, and whether it is required. The texts for people are not part of it.
func TestSettingsAreAsPinned(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, s := range Settings() {
		required, demo := "optional", "read in a demo"
		if s.missing != "" {
			required = "required"
		}
		if s.demoReplacement != "" {
			demo = "not read in a demo"
		}
		line := strings.Join([]string{
			Prefix + strings.Join(s.variables(), " or "+Prefix),
			"default " + cmp.Or(s.Default, "none"),
			"auth " + cmp.Or(strings.Join(s.auths, ","), "any"),
			"preset " + cmp.Or(strings.Join(s.presets, ","), "any"),
			required,
			demo,
		}, " | ")
		lines = append(lines, line+"\n")
	}
	slices.Sort(lines)
	golden.Equal(t, "testdata/settings.txt", strings.Join(lines, ""))
}
