package store

import (
	"strconv"
	"strings"
)

// rebind writes $1, $2 and so on for the ? of a query. What stands in quotes or comments is left alone, as PostgreSQL
// reads them: '…' and "…" with their quote doubled inside, E'…' with backslashes too, $tag$…$tag$, -- to the end of the
// line, and /* … */, which nests. The operators of JSON that are written with ? cannot be used.
func rebind(query string) string {
	if !strings.Contains(query, "?") {
		return query
	}
	var out strings.Builder
	out.Grow(len(query) + 16)
	count := 0
	for at := 0; at < len(query); {
		if end := skip(query, at); end > at {
			out.WriteString(query[at:end])
			at = end
			continue
		}
		if query[at] == '?' {
			count++
			out.WriteString("$" + strconv.Itoa(count))
		} else {
			out.WriteByte(query[at])
		}
		at++
	}
	return out.String()
}

// skip answers where that ends which begins at a place and may hold a ? that is none; the place itself when nothing
// such begins there. What is never closed ends with the query, and is PostgreSQL's to refuse.
func skip(query string, at int) int {
	switch rest := query[at:]; {
	case rest[0] == '\'':
		return at + quoted(rest, escapes(query, at))
	case rest[0] == '"':
		return at + quoted(rest, false)
	case rest[0] == '$' && (at == 0 || !inName(query[at-1]) && query[at-1] != '$'):
		return at + dollarQuoted(rest)
	case strings.HasPrefix(rest, "--"):
		return at + upTo(rest, "\n")
	case strings.HasPrefix(rest, "/*"):
		return at + comment(rest)
	default:
		return at
	}
}

// escapes says whether the quote at a place follows an E that is a word of its own.
func escapes(query string, at int) bool {
	return at > 0 && (query[at-1] == 'e' || query[at-1] == 'E') && (at == 1 || !inName(query[at-2]))
}

// quoted is how long a quoted text is; a doubled quote ends one and begins another.
func quoted(text string, escaped bool) int {
	for i := 1; i < len(text); i++ {
		switch {
		case escaped && text[i] == '\\':
			i++
		case text[i] == text[0]:
			return i + 1
		}
	}
	return len(text)
}

// dollarQuoted is how long a text between $tag$ and $tag$ is; 0 when the sign begins none.
func dollarQuoted(text string) int {
	for i := 1; i < len(text); i++ {
		if text[i] == '$' {
			return i + 1 + upTo(text[i+1:], text[:i+1])
		}
		if !inName(text[i]) || i == 1 && text[i] >= '0' && text[i] <= '9' {
			break
		}
	}
	return 0
}

// comment is how long a comment is, with those in it.
func comment(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "/*"):
			depth++
			i++
		case strings.HasPrefix(text[i:], "*/"):
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// upTo is how long a text is up to and with an end, or all of it.
func upTo(text, end string) int {
	if i := strings.Index(text, end); i >= 0 {
		return i + len(end)
	}
	return len(text)
}

// inName says whether a byte may stand inside a name: PostgreSQL takes every one beyond ASCII for a letter.
func inName(b byte) bool {
	return b == '_' || b >= 0x80 || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
