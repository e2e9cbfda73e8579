package directory

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold removes case and accents, so that a search for "zelazny" finds "Żelazny" and one for "семен" finds "Семён".
// Typographic quotes and dashes become plain ones.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	base := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return plain(r)
	}, norm.NFKD.String(s))
	return cases.Fold().String(base)
}

// plain returns the plain form of typographic signs, and of letters with a stroke or dot that Unicode does not treat as
// an accent.
func plain(r rune) rune {
	switch r {
	case 'ł', 'Ł':
		return 'l'
	case 'ø', 'Ø':
		return 'o'
	case 'đ', 'Đ', 'ð', 'Ð':
		return 'd'
	case 'ħ', 'Ħ':
		return 'h'
	case 'ŧ', 'Ŧ':
		return 't'
	case 'ı':
		return 'i'
	case '‘', '’', 'ʼ', '′':
		return '\''
	case '“', '”', '„', '«', '»':
		return '"'
	case '‐', '‑', '–', '—':
		return '-'
	}
	return r
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
