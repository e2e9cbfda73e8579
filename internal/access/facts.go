package access

import (
	"cmp"
	"time"
)

// Facts is what the console itself has learnt about a principal. The vendor does not report it, or not any more.
type Facts struct {
	FirstSeen time.Time  // when a reading showed the principal for the first time; zero when it is not known
	Created   time.Time  // when an operation of the console created it; zero when none is known to have done so
	LastOwner *LastOwner // of a key: the subuser that it belonged to when that was read last; nil when it is not known
	Gone      time.Time  // when a reading by id found that the principal does not exist; zero while it may
}

// LastOwner is the subuser that a key belonged to.
type LastOwner struct {
	Ref
	Login string    // as it was then
	Until time.Time // when a reading by id found that the subuser does not exist; zero while it may
}

// Name returns the login, or the id when the vendor reported none.
func (o LastOwner) Name() string { return cmp.Or(o.Login, o.ID) }

// OutlivedOwner reports whether the subuser that a key belonged to is known not to exist any more. It is false for a
// key that the vendor reports to belong to another subuser now.
func (p Principal) OutlivedOwner() bool {
	owner := p.LastOwner()
	return owner != nil && !owner.Until.IsZero() && (p.BelongsTo == nil || *p.BelongsTo == owner.Ref)
}

// LastOwner returns the subuser that a key belonged to when that was read last, nil when it is not known.
func (p Principal) LastOwner() *LastOwner {
	if p.Facts == nil {
		return nil
	}
	return p.Facts.LastOwner
}

// KnownSince returns when the principal was created, or was seen for the first time when that is not known. It returns
// the zero time when neither is known.
func (p Principal) KnownSince() time.Time {
	switch {
	case p.Facts == nil:
		return time.Time{}
	case p.Facts.Created.IsZero():
		return p.Facts.FirstSeen
	default:
		return p.Facts.Created
	}
}
