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
	Rows  []PersonSession // newest use first
	Note  string          // as in Me
}

// PersonSession is a session and whose it is.
type PersonSession struct {
	Session
	Person   string // the name to show
	Identity string // "issuer|subject"
	Roles    []string
}

// issuer is who vouches for everybody on the page, "" when it is not the same for all.
func (m Sessions) issuer() string {
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

// known is under which name the issuer knows a person; the issuer goes without saying where there is only one.
func (m Sessions) known(identity string) string {
	if m.issuer() == "" {
		return identity
	}
	return strings.TrimPrefix(identity, m.issuer()+"|")
}

// person is everything of one person, newest use first.
type person []PersonSession

// own says whether it is the reader.
func (p person) own() bool {
	for _, s := range p {
		if s.Own {
			return true
		}
	}
	return false
}

// people puts together what belongs to one person. Who used the console last comes first.
func (m Sessions) people() []person {
	var list []person
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
