package voxsim

import (
	"encoding/hex"
	"slices"
)

// createKey handles CreateKey. Its result is an object with the private key, which the service does not keep. A key
// created with a key of a subuser belongs to that subuser, by inference: no parameter names it.
func createKey(x *invocation) (successBody, *Refusal) {
	name, _, refusal := x.keyName()
	if refusal != nil {
		return successBody{}, refusal
	}
	roles, refusal := x.optionalRoles()
	if refusal != nil {
		return successBody{}, refusal
	}
	if refusal := x.checkGrantByCaller(roles); refusal != nil {
		return successBody{}, refusal
	}
	if limit := x.variants.MaxKeys; limit > 0 && len(x.account.keys) >= limit {
		return successBody{}, refuse(codeTooManyKeys)
	}
	private, err := x.sim.newKey()
	if err != nil {
		return successBody{}, refuse(codeInternal)
	}
	k := &key{
		id:          x.sim.newUUID(),
		name:        name,
		description: x.params["description"],
		roles:       roles,
		public:      &private.PublicKey,
	}
	if caller, known := x.account.keys[x.actor]; known {
		k.subuserID = caller.subuserID // not of a key of the parent account, which has other subusers
	}
	info, err := newKeyInfo(x.account, k.id, private)
	if err != nil {
		return successBody{}, refuse(codeInternal)
	}
	info.Extra = x.variants.extra()
	x.account.addKey(k)
	x.ledgerEntry.KeyID = k.id
	x.ledgerEntry.Effect = Effect{
		Created:     true,
		KeyName:     new(k.name),
		Description: new(k.description),
		RolesAdded:  x.sim.apiRoleIDs(roles),
	}
	return x.success(info), nil
}

// checkGrantByCaller refuses roles that the calling key may not grant to a key. An Owner key may grant all roles;
// whether other keys may grant roles that they do not have is a variant.
func (x *invocation) checkGrantByCaller(roles []int64) *Refusal {
	if x.caller == nil || !x.variants.GrantBeyondOwnRefused {
		return nil
	}
	callerRoles := x.sim.roles.effective(x.caller.roles)
	if !slices.Contains(callerRoles, roleOwner) && len(minus(roles, callerRoles)) > 0 {
		return refuse(codeInvalidRoleSet)
	}
	return nil
}

// getKeys handles GetKeys: one key by its id, or a page of all.
func getKeys(x *invocation) (successBody, *Refusal) {
	keyID := func() (string, *Refusal) {
		k, refusal := x.key()
		if refusal != nil {
			return "", refusal
		}
		return k.id, nil
	}
	return list(x, x.account.keyOrder, "key_id", keyID, func(id string, withRoles bool) keyView {
		return x.keyView(x.account.keys[id], withRoles)
	})
}

// updateKey handles UpdateKey. The description is required, replaces the current one and may be empty: the vendor's Go
// client always sends it.
func updateKey(x *invocation) (successBody, *Refusal) {
	k, refusal := x.key()
	if refusal != nil {
		return successBody{}, refusal
	}
	description, given := x.params["description"]
	if !given {
		return successBody{}, x.missing("description")
	}
	name, renamed, refusal := x.keyName()
	if refusal != nil {
		return successBody{}, refusal
	}
	if description != k.description && !x.ignoresEmptyText(description) {
		k.description = description
		x.ledgerEntry.Effect.Description = &description
	}
	if renamed && name != k.name {
		k.name = name
		x.ledgerEntry.Effect.KeyName = &name
	}
	return x.done(), nil
}

// deleteKey handles DeleteKey. Tokens of the key are no longer accepted; this is not published.
func deleteKey(x *invocation) (successBody, *Refusal) {
	k, refusal := x.key()
	if refusal != nil {
		return successBody{}, refusal
	}
	x.account.removeKey(k.id)
	x.ledgerEntry.Effect = Effect{Deleted: true, RolesRemoved: x.sim.apiRoleIDs(k.roles)}
	return x.done(), nil
}

// newUUID returns a random UUID, version 4. The lock must be held.
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
