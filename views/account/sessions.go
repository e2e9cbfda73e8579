package account

import (
	"strings"

	"github.com/voxwarden/voxwarden/views/page"
)

// Sessions is the admins' page of everybody who is signed in, at /sessions. They come because a laptop was lost or a
// colleague left, and want that person out at once; or because something happened and they ask who is here, as what
// and from where.
//
// Its forms post to /sessions: session, the hash of the one to end; or subject, the identity of whom to end all of.
type Sessions struct {
	Frame page.Frame
	Rows  []OperatorSession // newest use first
	Note  string            // as in Me
}

// OperatorSession is a session and whose it is.
type OperatorSession struct {
	Session
	OperatorName string // the name to show
	Identity     string // "issuer|subject"
	Roles        []string
}

// commonIssuer is who vouches for everybody on the page, "" when it is not the same for all.
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

// valueOrUnknown is under which name the issuer knows a person; the issuer goes without saying where there is only one.
func (m Sessions) displayIdentity(identity string) string {
	if m.commonIssuer() == "" {
		return identity
	}
	return strings.TrimPrefix(identity, m.commonIssuer()+"|")
}

// operatorSessions is everything of one person, newest use first.
type operatorSessions []OperatorSession

// isReader says whether it is the reader.
func (p operatorSessions) isReader() bool {
	for _, s := range p {
		if s.Current {
			return true
		}
	}
	return false
}

// byOperator puts together what belongs to one person. Who used the console last comes first.
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
