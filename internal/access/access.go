// Package access holds the domain model: principals, their role assignments, the role graph, and the difference between
// two sets of roles. It is pure and imports no other package of the project, so every package may import it.
package access

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// Kind is the kind of a principal. Its value is stored in the database and in the audit log.
type Kind string

// The kinds of principals.
const (
	Subuser Kind = "subuser" // a person in the vendor's panel
	Key     Kind = "key"     // a service-account key, used by a program
)

// Kinds returns every kind, in the order in which pages list them.
func Kinds() []Kind { return []Kind{Subuser, Key} }

// RouteSegment returns the first path segment of the kind's pages: "subusers" or "keys". It returns "" for an unknown
// kind.
func (k Kind) RouteSegment() string {
	switch k {
	case Subuser:
		return "subusers"
	case Key:
		return "keys"
	default:
		return ""
	}
}

// Ref identifies a principal within an account. The zero Ref identifies none.
type Ref struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"` // canonical: decimal digits of a subuser's id, or a lower-case UUID of a key; see ParseRef
}

// ErrInvalidRef is the error of ParseRef.
var ErrInvalidRef = errors.New("not the id of a subuser or key")

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// ParseRef returns the canonical Ref for an id of the given kind: a positive decimal number of at most 64 bits without
// leading zeros for a subuser, a UUID in either case for a key. It returns ErrInvalidRef for anything else.
func ParseRef(kind Kind, id string) (Ref, error) {
	switch kind {
	case Subuser:
		n, err := strconv.ParseInt(id, 10, 64)
		if err == nil && n > 0 && strconv.FormatInt(n, 10) == id {
			return Ref{Kind: Subuser, ID: id}, nil
		}
	case Key:
		if id = strings.ToLower(id); uuid.MatchString(id) {
			return Ref{Kind: Key, ID: id}, nil
		}
	}
	return Ref{}, ErrInvalidRef
}

// SubuserRef returns the Ref of a subuser with the vendor's numeric id; the zero Ref when id is not positive.
func SubuserRef(id int64) Ref {
	if id <= 0 {
		return Ref{}
	}
	return Ref{Kind: Subuser, ID: strconv.FormatInt(id, 10)}
}

// KeyRef returns the Ref of a key with the vendor's UUID in either case; the zero Ref when id is empty. An id that is
// no UUID is kept as the vendor sent it.
func KeyRef(id string) Ref {
	if id == "" {
		return Ref{}
	}
	return Ref{Kind: Key, ID: strings.ToLower(id)}
}

// IsZero reports whether the Ref identifies no principal.
func (r Ref) IsZero() bool { return r == Ref{} }

// SubuserID returns the numeric id of a subuser, and 0 for a key or a Ref that ParseRef would refuse.
func (r Ref) SubuserID() int64 {
	if r.Kind != Subuser {
		return 0
	}
	id, err := strconv.ParseInt(r.ID, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// Path returns the path of the principal's page, "/subusers/7".
func (r Ref) Path() string { return "/" + r.Kind.RouteSegment() + "/" + r.ID }

// Compare orders Refs by kind and then by id: subusers by number, keys by text. It returns -1, 0 or +1.
func (r Ref) Compare(other Ref) int {
	if c := strings.Compare(string(other.Kind), string(r.Kind)); c != 0 {
		return c // "subuser" before "key"
	}
	if r.Kind == Subuser {
		if c := len(r.ID) - len(other.ID); c != 0 {
			return sign(c) // canonical numbers without leading zeros: the longer one is larger
		}
	}
	return strings.Compare(r.ID, other.ID)
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	default:
		return 0
	}
}
