package voxsim

import (
	"encoding/hex"
	"slices"
)

// createKey is CreateKey. Its result is an object with the private key, which the service does not keep. A key made
// with a subuser's key belongs to that subuser, by inference: no parameter says whose it is.
func createKey(x *exchange) (answer, *Refusal) {
	name, _, refusal := x.keyName()
	if refusal != nil {
		return answer{}, refusal
	}
	roles, refusal := x.rolesGiven()
	if refusal != nil {
		return answer{}, refusal
	}
	if refusal := x.mayGive(roles); refusal != nil {
		return answer{}, refusal
	}
	if limit := x.variants.MaxKeys; limit > 0 && len(x.account.keys) >= limit {
		return answer{}, refuse(codeTooManyKeys)
	}
	private, err := x.sim.newKey()
	if err != nil {
		return answer{}, refuse(codeInternal)
	}
	k := &key{
		id:          x.sim.newUUID(),
		name:        name,
		description: x.params["description"],
		roles:       roles,
		public:      &private.PublicKey,
	}
	if caller, known := x.account.keys[x.by]; known {
		k.subuserID = caller.subuserID
	}
	info, err := newKeyInfo(x.account, k.id, private)
	if err != nil {
		return answer{}, refuse(codeInternal)
	}
	info.Extra = x.variants.extra()
	x.account.addKey(k)
	x.entry.KeyID = k.id
	x.entry.Effect = Effect{
		Created:     true,
		KeyName:     new(k.name),
		Description: new(k.description),
		RolesAdded:  x.sim.shown(roles),
	}
	return x.answer(info), nil
}

// mayGive says whether the caller may give roles to a key. Owner may give all; whether others may give what they do not
// have is a variant.
func (x *exchange) mayGive(roles []int64) *Refusal {
	caller, known := x.account.keys[x.by]
	if !known || !x.variants.GrantBeyondOwnRefused {
		return nil
	}
	own := x.sim.roles.effective(caller.roles)
	if !slices.Contains(own, roleOwner) && len(minus(roles, own)) > 0 {
		return refuse(codeInvalidRoleSet)
	}
	return nil
}

// getKeys is GetKeys: one by its id, or a page of all.
func getKeys(x *exchange) (answer, *Refusal) {
	withRoles, refusal := x.flag("with_roles", false)
	if refusal != nil {
		return answer{}, refusal
	}
	ids := x.account.keyOrder
	if _, given := x.params["key_id"]; given {
		k, refusal := x.key()
		switch {
		case refusal == nil:
			ids = []string{k.id}
		case x.emptyInstead(refusal):
			ids = nil
		default:
			return answer{}, refusal
		}
	}
	shown, refusal := page(x, ids)
	if refusal != nil {
		return answer{}, refusal
	}
	rows := make([]keyView, len(shown))
	for i, id := range shown {
		rows[i] = x.keyView(x.account.keys[id], withRoles)
	}
	return listing(x, rows, len(ids)), nil
}

// updateKey is UpdateKey. The description is required and overwritten, and it may be empty: the vendor's Go client
// always sends it, even when there is nothing in it.
func updateKey(x *exchange) (answer, *Refusal) {
	k, refusal := x.key()
	if refusal != nil {
		return answer{}, refusal
	}
	description, given := x.params["description"]
	if !given {
		return answer{}, x.missing("description")
	}
	name, renamed, refusal := x.keyName()
	if refusal != nil {
		return answer{}, refusal
	}
	if description != k.description && !x.passesOver(description) {
		k.description = description
		x.entry.Effect.Description = &description
	}
	if renamed && name != k.name {
		k.name = name
		x.entry.Effect.KeyName = &name
	}
	return x.done(), nil
}

// deleteKey is DeleteKey. Tokens that the key signed are worthless from then on; this is not published.
func deleteKey(x *exchange) (answer, *Refusal) {
	k, refusal := x.key()
	if refusal != nil {
		return answer{}, refusal
	}
	x.account.removeKey(k.id)
	x.entry.Effect = Effect{Deleted: true, RolesRemoved: x.sim.shown(k.roles)}
	return x.done(), nil
}

// newUUID makes a random UUID, version 4. The lock must be held.
func (s *Sim) newUUID() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(s.random.Uint32())
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	text := hex.EncodeToString(b[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
