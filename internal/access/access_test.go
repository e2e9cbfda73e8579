package access_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
)

const someKey = "9f1c2d3e-0000-4111-8222-abcdefabcdef"

func TestParseRef(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		kind access.Kind
		id   string
		want string // "" for ErrInvalidRef
	}{
		{"subuser", access.Subuser, "7", "7"},
		{"largest subuser id", access.Subuser, "9223372036854775807", "9223372036854775807"},
		{"subuser id over 64 bits", access.Subuser, "9223372036854775808", ""},
		{"zero", access.Subuser, "0", ""},
		{"negative", access.Subuser, "-7", ""},
		{"plus sign", access.Subuser, "+7", ""},
		{"leading zero", access.Subuser, "07", ""},
		{"space", access.Subuser, " 7", ""},
		{"other digits", access.Subuser, "٧", ""},
		{"empty", access.Subuser, "", ""},
		{"a key's id for a subuser", access.Subuser, someKey, ""},
		{"key", access.Key, someKey, someKey},
		{"key in upper case", access.Key, "9F1C2D3E-0000-4111-8222-ABCDEFABCDEF", someKey},
		{"key in braces", access.Key, "{" + someKey + "}", ""},
		{"key without dashes", access.Key, "9f1c2d3e000041118222abcdefabcdef", ""},
		{"key with a line break", access.Key, someKey + "\n", ""},
		{"a subuser's id for a key", access.Key, "7", ""},
		{"unknown kind", "role", "7", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ref, err := access.ParseRef(c.kind, c.id)
			if (err == nil) != (c.want != "") || ref.ID != c.want || err != nil && !ref.IsZero() {
				t.Errorf("%+v, %v", ref, err)
			}
		})
	}
}

func TestRefOfAVendorID(t *testing.T) {
	t.Parallel()
	if ref := access.SubuserRef(7); ref.SubuserID() != 7 || ref.Path() != "/subusers/7" || ref.IsZero() {
		t.Errorf("subuser 7: %+v", ref)
	}
	if ref := access.KeyRef("9F1C2D3E-0000-4111-8222-ABCDEFABCDEF"); ref.ID != someKey || ref.Path() != "/keys/"+someKey ||
		ref.SubuserID() != 0 {
		t.Errorf("key: %+v", ref)
	}
	for _, ref := range []access.Ref{access.SubuserRef(0), access.SubuserRef(-1), access.KeyRef(""), {}} {
		if !ref.IsZero() || ref.SubuserID() != 0 {
			t.Errorf("%+v identifies a principal", ref)
		}
	}
	if id := (access.Ref{Kind: access.Subuser, ID: "x"}).SubuserID(); id != 0 {
		t.Errorf("a Ref that ParseRef refuses has the id %d", id)
	}
}

func TestKindsHaveRouteSegments(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{"": true}
	for _, kind := range access.Kinds() {
		if seen[kind.RouteSegment()] {
			t.Errorf("%s: %q", kind, kind.RouteSegment())
		}
		seen[kind.RouteSegment()] = true
	}
	if access.Kind("role").RouteSegment() != "" {
		t.Error("an unknown kind has a route")
	}
}

func TestRefsAreOrderedByKindAndNumber(t *testing.T) {
	t.Parallel()
	refs := []access.Ref{
		access.SubuserRef(9), access.SubuserRef(10), access.SubuserRef(200), access.KeyRef("0a"), access.KeyRef("b"),
	}
	for i, a := range refs {
		for j, b := range refs {
			if got := a.Compare(b); got != cmp.Compare(i, j) {
				t.Errorf("%v and %v: %d", a, b, got)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		a, b := 1+r.Int64N(1<<r.IntN(62)), 1+r.Int64N(1<<r.IntN(62))
		if got := access.SubuserRef(a).Compare(access.SubuserRef(b)); got != cmp.Compare(a, b) {
			t.Errorf("%d and %d: %d", a, b, got)
		}
	}
}

func TestPrincipalRoleIDs(t *testing.T) {
	t.Parallel()
	p := access.Principal{Roles: []access.RoleAssignment{{ID: 3}, {ID: 1, Direct: true}, {ID: 2, Direct: true}}}
	if !slices.Equal(p.RoleIDs(), []int64{3, 1, 2}) || !slices.Equal(p.DirectRoleIDs(), []int64{1, 2}) {
		t.Errorf("all %v, direct %v", p.RoleIDs(), p.DirectRoleIDs())
	}
	if !p.HasRole(3) || p.HasRole(4) || (access.Principal{}).HasRole(0) {
		t.Error("the principal has other roles")
	}
}

// Every field but the keys of a subuser makes two readings differ.
func TestPrincipalEqual(t *testing.T) {
	t.Parallel()
	owner := access.SubuserRef(7)
	base := func() access.Principal {
		other := owner
		return access.Principal{
			Ref: access.KeyRef(someKey), Name: "n", Description: "d", Tag: "t", RolesKnown: true,
			Roles:     []access.RoleAssignment{{ID: 1, Name: "Owner", Direct: true}},
			BelongsTo: &other, OwnerLogin: "anna", OwnerKnown: true,
		}
	}
	if !base().Equal(base()) {
		t.Error("equal readings differ")
	}
	for name, change := range map[string]func(p *access.Principal){
		"id":               func(p *access.Principal) { p.ID = "x" },
		"kind":             func(p *access.Principal) { p.Kind = access.Subuser },
		"name":             func(p *access.Principal) { p.Name = "x" },
		"description":      func(p *access.Principal) { p.Description = "x" },
		"tag":              func(p *access.Principal) { p.Tag = "x" },
		"roles known":      func(p *access.Principal) { p.RolesKnown = false },
		"role":             func(p *access.Principal) { p.Roles[0].Direct = false },
		"number of roles":  func(p *access.Principal) { p.Roles = nil },
		"no owner":         func(p *access.Principal) { p.BelongsTo = nil },
		"other owner":      func(p *access.Principal) { p.BelongsTo = &access.Ref{Kind: access.Subuser, ID: "8"} },
		"owner's login":    func(p *access.Principal) { p.OwnerLogin = "x" },
		"owner is unknown": func(p *access.Principal) { p.OwnerKnown = false },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := base()
			change(&changed)
			if changed.Equal(base()) || base().Equal(changed) {
				t.Error("the readings count as equal")
			}
		})
	}
	withKeys := base()
	withKeys.Keys, withKeys.KeysKnown = []access.NamedKey{{ID: "k"}}, true
	if !withKeys.Equal(base()) {
		t.Error("the keys make readings differ")
	}
}
