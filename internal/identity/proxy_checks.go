package identity

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// The bounds of what a proxy may say of a person, in bytes. Names and addresses end up in the record and on pages, and
// no directory needs more.
const (
	maxProxyText   = 256
	maxProxyGroups = 8 << 10 // all groups together
	maxGroupCount  = 1000
)

// headerSpace is what may stand around a header's value without being part of it (RFC 9110, section 5.5). Other space
// is part of a name: a directory in which anybody may call a group "admins" with such a space behind it must not make
// admins.
const headerSpace = " \t"

// soleHeader reads a header that must come once, with the space around it taken off. found says whether it is there at
// all. It is refused when it comes twice, since the first and the last value may have different authors, and when
// another header passes for it somewhere on the way: programs that map names to variables take X_Forwarded_User, or
// another case of it, for X-Forwarded-User. name must be canonical.
func soleHeader(h http.Header, name string) (value string, found bool, err error) {
	count := 0
	for key, values := range h {
		if !sameHeader(key, name) {
			continue
		}
		if key != name {
			return "", true, &Refused{Reason: "a header passes for " + name + " without being it"}
		}
		count += len(values)
		if count == 1 {
			value = strings.Trim(values[0], headerSpace)
		}
	}
	if count > 1 {
		return "", true, &Refused{Reason: "the header " + name + " came more than once"}
	}
	return value, count == 1, nil
}

// sameHeader compares two names as the most careless program on the way might: without case, and with _ for -.
func sameHeader(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if foldHeaderByte(a[i]) != foldHeaderByte(b[i]) {
			return false
		}
	}
	return true
}

func foldHeaderByte(c byte) byte {
	switch {
	case c == '_':
		return '-'
	case 'A' <= c && c <= 'Z':
		return c + ('a' - 'A')
	default:
		return c
	}
}

// checkText refuses what no directory writes: text over a number of bytes, not UTF-8, or with control characters. what
// names the text in the reason, which never shows the text itself.
func checkText(what, text string, limit int) error {
	switch {
	case len(text) > limit:
		return &Refused{Reason: what + " is too long"}
	case !utf8.ValidString(text):
		return &Refused{Reason: what + " is not UTF-8"}
	case strings.ContainsFunc(text, unicode.IsControl):
		return &Refused{Reason: what + " holds control characters"}
	}
	return nil
}

// checkOperator bounds what an assertion says of a person, the groups left aside.
func checkOperator(o operator.Operator) error {
	for _, part := range []struct{ what, text string }{
		{"the subject", o.Subject},
		{"the name", o.Name},
		{"the e-mail address", o.Email},
	} {
		if err := checkText(part.what, part.text, maxProxyText); err != nil {
			return err
		}
	}
	return nil
}

// checkGroups bounds the groups that came with an assertion, and their number.
func checkGroups(groups []string) error {
	if len(groups) > maxGroupCount {
		return &Refused{Reason: "there are too many groups"}
	}
	for _, group := range groups {
		if err := checkText("a group", group, maxProxyText); err != nil {
			return err
		}
	}
	return nil
}
