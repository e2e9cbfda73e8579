package house

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestASVSIsComplete checks that docs/asvs.md lists every requirement of levels 1 and 2 once. The numbers are those of
// ASVS 5.0.0; in each section those of level 3 come last and are left out. What is lacking must also stand at the top
// of the page, where readers see it first.
func TestASVSIsComplete(t *testing.T) {
	t.Parallel()
	lastRequirement := map[string]int{
		"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
		"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
		"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
		"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
		"9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
		"11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4,
		"13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7,
		"16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
	}
	top, chapters, _ := strings.Cut(readAll(t, "docs/asvs.md"), "\n## V1 ")
	incomplete := regexp.MustCompile(`^ (partly|no\b|level 1 met)`)
	each := regexp.MustCompile(`\d+\.\d+\.\d+`)
	lacking := each.FindAllString(strings.TrimPrefix(top, "# OWASP ASVS 5.0.0"), -1)
	seen := map[string]int{}
	for line := range strings.Lines(chapters) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, number := range each.FindAllString(cells[1], -1) {
			seen[number]++
			if incomplete.MatchString(cells[3]) != slices.Contains(lacking, number) {
				t.Errorf("requirement %s: the top of the page and the row disagree on whether something is lacking", number)
			}
		}
	}
	for section, last := range lastRequirement {
		for n := 1; n <= last; n++ {
			number := section + "." + strconv.Itoa(n)
			if seen[number] != 1 {
				t.Errorf("requirement %s is listed %d times, want once", number, seen[number])
			}
			delete(seen, number)
		}
	}
	for number := range seen {
		t.Errorf("%s is listed and is no requirement of level 1 or 2", number)
	}
}
