package lifecycle

import (
	"encoding/json"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
)

// known is what is known of an account. It agrees with the audit log.
type known struct{ proof *audit.FactsProof }

// owner is the value of an owner fact. It is stored.
type owner struct {
	ID    string `json:"id"` // of the subuser
	Login string `json:"login"`
	Until int64  `json:"until,omitempty"` // Unix microseconds, when it was found to be gone; 0 while it may exist
}

// ref returns the subuser.
func (o owner) ref() access.Ref { return access.Ref{Kind: access.Subuser, ID: o.ID} }

// row returns the fact that a key belonged to the subuser.
func (o owner) row(key access.Ref, at time.Time) audit.FactRow {
	value, err := json.Marshal(o)
	if err != nil {
		return audit.FactRow{} // a struct of texts and a number can be encoded
	}
	return audit.FactRow{Ref: key, Fact: audit.OwnerFact, At: at.UnixMicro(), Value: string(value)}
}

func row(ref access.Ref, fact string, at time.Time) audit.FactRow {
	r := audit.FactRow{Ref: ref, Fact: fact}
	if !at.IsZero() {
		r.At = at.UnixMicro()
	}
	return r
}

// find returns when a fact of a principal became so, the zero time when it is not known.
func (k known) find(ref access.Ref, fact string) time.Time {
	for _, row := range k.proof.Facts(ref) {
		if row.Fact == fact && row.At != 0 {
			return time.UnixMicro(row.At).UTC()
		}
	}
	return time.Time{}
}

// gone returns when a principal was found not to exist, the zero time when it may exist.
func (k known) gone(ref access.Ref) time.Time { return k.find(ref, audit.GoneFact) }

// owner returns the subuser that a key belonged to last, and whether it is known.
func (k known) owner(key access.Ref) (o owner, found bool) {
	for _, row := range k.proof.Facts(key) {
		if row.Fact == audit.OwnerFact {
			return o, json.Unmarshal([]byte(row.Value), &o) == nil
		}
	}
	return o, false
}

// keysOf returns the keys that exist and belonged to a subuser last.
func (k known) keysOf(subuser access.Ref) (keys []access.Ref) {
	for _, ref := range k.proof.Principals() {
		if o, found := k.owner(ref); found && o.ref() == subuser && k.gone(ref).IsZero() {
			keys = append(keys, ref)
		}
	}
	return keys
}

// facts returns the facts about a principal as pages show them, nil for none.
func (k known) facts(ref access.Ref) *access.Facts {
	if len(k.proof.Facts(ref)) == 0 {
		return nil
	}
	f := &access.Facts{
		FirstSeen: k.find(ref, audit.FirstSeenFact),
		Created:   k.find(ref, audit.CreatedFact),
		Gone:      k.gone(ref),
	}
	if o, found := k.owner(ref); found {
		f.LastOwner = &access.LastOwner{Ref: o.ref(), Login: o.Login}
		if o.Until != 0 {
			f.LastOwner.Until = time.UnixMicro(o.Until).UTC()
		}
	}
	return f
}
