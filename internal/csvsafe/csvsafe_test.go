package csvsafe

import (
	"strings"
	"testing"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":         "",
		"anna":     "anna",
		"a=b":      "a=b",
		"Účtárna":  "Účtárna",
		" plain":   " plain",
		"=1+1":     "'=1+1",
		"+1":       "'+1",
		"-1":       "'-1",
		"@SUM(A1)": "'@SUM(A1)",
		"|cmd":     "'|cmd",
		"＝1":       "'＝1",
		"＋1":       "'＋1",
		"－1":       "'－1",
		"＠x":       "'＠x",
		"\t=1":     "'\t=1",
		"\r=1":     "'\r=1",
		"\n=1":     "'\n=1",
		" =1":      "' =1",
		"\u00a0=1": "'\u00a0=1",
		"\tx":      "'\tx",
		"\f+":      "'\f+",
		"\ufeff=1": "'\ufeff=1",
		"\u200b-1": "'\u200b-1",
	} {
		if got := Escape(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if got := Unescape(want); got != in {
			t.Errorf("%q: unescaped to %q, want %q", want, got, in)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, seed := range []string{"=1", " \t-2", "plain", "\u3000＝1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := Escape(in)
		if got != in && got != "'"+in {
			t.Fatalf("%q became %q", in, got)
		}
		if first := strings.TrimSpace(got); first != "" && strings.ContainsAny(first[:1], "=+-@|") {
			t.Fatalf("%q became %q", in, got)
		}
	})
}
