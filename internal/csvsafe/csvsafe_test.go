package csvsafe

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":           "",
		"anna":       "anna",
		"a=b":        "a=b",
		"Účtárna":    "Účtárna",
		" plain":     " plain",
		"tl;dr, a|b": "tl;dr, a|b",
		"don't -x":   "don't -x",
		"'tis":       "'tis",
		"=1+1":       "'=1+1",
		"+1":         "'+1",
		"-1":         "'-1",
		"@SUM(A1)":   "'@SUM(A1)",
		"|cmd":       "'|cmd",
		"＝1":         "'＝1",
		"＋1":         "'＋1",
		"－1":         "'－1",
		"＠x":         "'＠x",
		"\u22121":    "'\u22121",
		// An apostrophe of the text itself gets another one, so that it is still there after an import.
		"'=1":      "''=1",
		"''=1":     "'''=1",
		"' =1":     "'' =1",
		"x;'=1":    "x;''=1",
		"'\u200b=": "''\u200b=",
		// Opened with another separator, what follows a separator becomes a cell of its own.
		"x;=1+1":           "x;'=1+1",
		"x,=1":             "x,'=1",
		"x\t=1":            "x\t'=1",
		"x|=1":             "x|'=1",
		"x\n=1":            "x\n'=1",
		"x\r\n=1":          "x\r\n'=1",
		"x\r=1":            "x\r'=1",
		"x\v=1":            "x\v'=1",
		"x\u2028=1":        "x\u2028'=1",
		"x; +1; -2":        "x;' +1;' -2",
		"x;;=1":            "x;;'=1",
		"=1;=2":            "'=1;'=2",
		"|=1":              "'|'=1",
		"x;\"=1":           "x;'\"=1",
		"x;\"\"=1;y":       "x;'\"\"=1;y",
		"Smith, +48 1":     "Smith,' +48 1",
		"x;\u00a0\u200b=1": "x;'\u00a0\u200b=1",
		// A cell does not begin with a tab or a line end either.
		"\tx":  "'\tx",
		"\t=1": "'\t'=1",
		"\r=1": "'\r'=1",
		"\n=1": "'\n'=1",
		// What is not printed does not hide a formula.
		" =1":          "' =1",
		"\u00a0=1":     "'\u00a0=1",
		"\u3000=1":     "'\u3000=1",
		"\f+":          "\f'+",
		"\x1a=1":       "'\x1a=1",
		"\ufeff=1":     "'\ufeff=1",
		"\u200b-1":     "'\u200b-1",
		"\u00ad=1":     "'\u00ad=1",
		"\u202e=1":     "'\u202e=1",
		"\u2060=1":     "'\u2060=1",
		"\u2800=1":     "'\u2800=1",
		"\u3164=1":     "'\u3164=1",
		"\uffa0=1":     "'\uffa0=1",
		"\u115f=1":     "'\u115f=1",
		"\u1160=1":     "'\u1160=1",
		"\u034f=1":     "'\u034f=1",
		"\u17b4=1":     "'\u17b4=1",
		"\u180e=1":     "'\u180e=1",
		"\ufe0f=1":     "'\ufe0f=1",
		"\U000e0020=1": "'\U000e0020=1",
		"\ue000=1":     "'\ue000=1",
		"\u0378=1":     "'\u0378=1",
		"\u0301=1":     "'\u0301=1",
		"\ufffc=1":     "'\ufffc=1",
		"\U0001d159=1": "'\U0001d159=1",
		"\U00013441=1": "'\U00013441=1",
		"e\u0301=1":    "e\u0301=1",
	} {
		if got := Escape(in); got != want {
			t.Errorf("%+q: got %+q, want %+q", in, got, want)
		}
		if got := Unescape(want); got != in {
			t.Errorf("%+q: unescaped to %+q, want %+q", want, got, in)
		}
	}
}

// TestEveryFormOfASign looks for the signs among all characters that compatibility makes equal to one of them.
func TestEveryFormOfASign(t *testing.T) {
	t.Parallel()
	for c := range utf8.MaxRune {
		text := string(c)
		if folded := norm.NFKC.String(text); folded != "" && strings.ContainsAny(folded[:1], "=+-@|") &&
			Escape(text) != "'"+text {
			t.Errorf("%U is a form of %q, and is not escaped", c, folded)
		}
	}
}

// FuzzEscape checks that Unescape is the inverse of Escape, and that no part of an escaped cell begins with a sign,
// whichever separators a program uses.
func FuzzEscape(f *testing.F) {
	for _, seed := range []string{"=1", " \t-2", "plain", "\u3000＝1", "x;=1", "''=1", "'\t'=", "|=|", "a\xff=\xff;\xff="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := Escape(in)
		if back := Unescape(got); back != in {
			t.Fatalf("%+q became %+q and then %+q", in, got, back)
		}
		if strings.ReplaceAll(got, "'", "") != strings.ReplaceAll(in, "'", "") {
			t.Fatalf("%+q became %+q", in, got)
		}
		for _, part := range strings.FieldsFunc(got, func(c rune) bool { return strings.ContainsRune(",;|\t\r\n", c) }) {
			if first := strings.Trim(part, " \"\u200b"); first != "" && strings.ContainsAny(first[:1], "=+-@") {
				t.Fatalf("%+q became %+q, which has the part %+q", in, got, part)
			}
		}
	})
}
