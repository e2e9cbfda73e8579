package directory

import (
	"testing"
)

func TestTagRoundTrip(t *testing.T) {
	t.Parallel()
	const tag = "ABCDEFG234"
	for _, text := range []string{
		"", "night shift", "with [brackets]", "[vw:", "]", "ends in ]", "Žižka [vw:short]",
		"  indented", "two [vw:ABCDEFG234] tags", "line\nbreak",
	} {
		tagged := WithTag(text, tag)
		if got, found := SplitTag(tagged); got != text || found != tag {
			t.Errorf("%q was tagged as %q and split into %q and %q", text, tagged, got, found)
		}
		if WithTag(text, "") != text {
			t.Errorf("an empty tag changes %q", text)
		}
	}
}

func TestSplitTagIgnoresOtherText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "plain", "[vw:]", "x [vw:SHORT]", "x [vw:ABCDEFG23]", "x [vw:ABCDEFG2345]", "x [vw:abcdefg234]",
		"x [vw:ABCDEFG018]", "x[vw:ABCDEFG234]", "x [vw:ABCDEFG234", "x [vw:ABCDEFG234] y",
		"x [vw:ABCD FG234]", "x [VW:ABCDEFG234]",
	} {
		if got, tag := SplitTag(text); got != text || tag != "" {
			t.Errorf("%q was split into %q and %q", text, got, tag)
		}
	}
}

// A vendor that trims descriptions leaves a tag without the space before it.
func TestSplitTagInTrimmedDescription(t *testing.T) {
	t.Parallel()
	if text, tag := SplitTag("[vw:ABCDEFG234]"); text != "" || tag != "ABCDEFG234" {
		t.Errorf("split into %q and %q", text, tag)
	}
}
