package identity

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Limits of an assertion, in bytes. Names and addresses are stored in the audit log and shown on pages. A signed
// assertion with 1,500 groups of 36 bytes has 80 KB.
const (
	maxProxyText   = 256
	maxProxyHeader = 96 << 10
)

// headerSpace is optional space around a header's value (RFC 9110, section 5.5). Any other space is part of the value:
// a group "admins" with a no-break space at its end is not the group "admins".
const headerSpace = " \t"

// soleHeader returns the value of a header without surrounding space, and whether the request has the header. name must
// be canonical.
//
// It refuses a header that appears twice, because the values may come from different programs. It also refuses headers
// with a similar name: programs that map headers to variables treat X_Forwarded_User, in any case, as X-Forwarded-User.
func soleHeader(h http.Header, name string) (value string, found bool, err error) {
	count := 0
	for key, values := range h {
		if !sameHeader(key, name) {
			continue
		}
		if key != name {
			return "", true, refuseWithDetail("a header has a name similar to a header of the sign-in", name)
		}
		count += len(values)
		if count == 1 {
			value = strings.Trim(values[0], headerSpace)
		}
	}
	if count > 1 {
		return "", true, refuseWithDetail("a header of the sign-in appears more than once", name)
	}
	return value, count == 1, nil
}

// sameHeader reports whether some program could treat two header names as the same: it ignores case, and treats _ as -.
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

// checkText refuses text over limit bytes, invalid UTF-8 and control characters. what names the text in the reason,
// which does not contain the text.
func checkText(what Reason, text string, limit int) error {
	switch {
	case len(text) > limit:
		return &Refused{Reason: what + " is too long"}
	case !utf8.ValidString(text):
		return &Refused{Reason: what + " is not UTF-8"}
	case strings.ContainsFunc(text, unicode.IsControl):
		return &Refused{Reason: what + " contains control characters"}
	}
	return nil
}

// checkOperator checks the operator in an assertion, except the name, which is only shown, and the groups.
func checkOperator(o operator.Operator) error {
	for _, part := range []struct {
		what Reason
		text string
	}{
		{"the subject", o.Subject},
		{"the e-mail address", o.Email},
	} {
		if err := checkText(part.what, part.text, maxProxyText); err != nil {
			return err
		}
	}
	return nil
}

// setProxyGroups checks the groups in an assertion, and sets them within the limits of keepGroups.
func setProxyGroups(o *operator.Operator, groups, configured []string) error {
	for _, group := range groups {
		if err := checkText("a group", group, maxProxyText); err != nil {
			return err
		}
	}
	o.Groups, o.GroupsOmitted = keepGroups(groups, configured)
	return nil
}
