package account

import (
	"strings"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Sessions is the list of all sessions, at /sessions, for admins.
//
// Its forms post to /sessions: session, the hash of the session to end, or subject, the identity of the operator to
// sign out everywhere.
type Sessions struct {
	Frame page.Frame
	Rows  []OperatorSession // those of one page, newest use first
	Count int               // on all pages
	Pager ui.PagerProps
	Note  string // as in Me
}

// OperatorSession is a session with its operator.
type OperatorSession struct {
	Session
	OperatorName string
	Identity     string // "issuer|subject"
	Roles        []string
}

// commonIssuer returns the issuer of all identities on the page, "" when there are several.
func (m Sessions) commonIssuer() string {
	if len(m.Rows) == 0 {
		return ""
	}
	first, _, _ := strings.Cut(m.Rows[0].Identity, "|")
	for _, s := range m.Rows {
		if issuer, _, _ := strings.Cut(s.Identity, "|"); issuer != first {
			return ""
		}
	}
	return first
}

// displayIdentity returns the identity, without the issuer if all have the same one.
func (m Sessions) displayIdentity(identity string) string {
	if m.commonIssuer() == "" {
		return identity
	}
	return strings.TrimPrefix(identity, m.commonIssuer()+"|")
}

// operatorSessions is all sessions of one operator, newest use first.
type operatorSessions []OperatorSession

// isReader reports whether the operator is the one who reads the page.
func (p operatorSessions) isReader() bool {
	for _, s := range p {
		if s.Current {
			return true
		}
	}
	return false
}

// byOperator groups the sessions by operator. The operator with the newest use comes first.
func (m Sessions) byOperator() []operatorSessions {
	var list []operatorSessions
	place := map[string]int{}
	for _, s := range m.Rows {
		i, known := place[s.Identity]
		if !known {
			i = len(list)
			place[s.Identity] = i
			list = append(list, nil)
		}
		list[i] = append(list[i], s)
	}
	return list
}
