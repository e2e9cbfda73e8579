package voxsim

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	now := time.Now().Unix()
	unknownKey := c
	unknownKey.creds.KeyID = "00000000-0000-4000-8000-000000000000"
	unsignable := c
	unsignable.creds.KeyID = keyNamed(t, s, "Billing sync").ID
	id := c.creds.AccountID

	tests := map[string]struct {
		authorization string
		want          int
	}{
		"good": {"Bearer " + c.sign(jwt.MapClaims{"iss": id, "iat": now, "exp": now + 30}), 0},
		"issuer as string": {
			"Bearer " + c.sign(jwt.MapClaims{"iss": strconv.FormatInt(id, 10), "iat": now, "exp": now + 30}),
			0,
		},
		"scheme in lower case":  {"bearer " + c.token(time.Now()), 0},
		"longest lifetime":      {"Bearer " + c.sign(jwt.MapClaims{"iss": id, "iat": now, "exp": now + 3600}), 0},
		"none":                  {"", 100},
		"not a bearer":          {"Basic YTpi", 100},
		"not a token":           {"Bearer nonsense", 447},
		"no bearer text":        {"Bearer", 447},
		"without exp":           {"Bearer " + c.sign(jwt.MapClaims{"iss": id, "iat": now}), 447},
		"without iat":           {"Bearer " + c.sign(jwt.MapClaims{"iss": id, "exp": now + 30}), 447},
		"without iss":           {"Bearer " + c.sign(jwt.MapClaims{"iat": now, "exp": now + 30}), 447},
		"exp as string":         {"Bearer " + c.sign(jwt.MapClaims{"iss": id, "iat": now, "exp": "soon"}), 447},
		"unknown key":           {"Bearer " + unknownKey.token(time.Now()), 100},
		"private key not known": {"Bearer " + unsignable.token(time.Now()), 100},
		"lifetime too long":     {"Bearer " + c.sign(jwt.MapClaims{"iss": id, "iat": now, "exp": now + 3601}), 454},
		"lifetime is checked first": {
			"Bearer " + c.sign(jwt.MapClaims{"iss": id, "iat": now + 60, "exp": now + 9999}),
			454,
		},
		"from the future":            {"Bearer " + c.sign(jwt.MapClaims{"iss": id, "iat": now + 60, "exp": now + 90}), 455},
		"expired":                    {"Bearer " + c.sign(jwt.MapClaims{"iss": id, "iat": now - 60, "exp": now - 1}), 456},
		"another account":            {"Bearer " + c.sign(jwt.MapClaims{"iss": 1, "iat": now, "exp": now + 30}), 115},
		"account is not a number":    {"Bearer " + c.sign(jwt.MapClaims{"iss": "me", "iat": now, "exp": now + 30}), 115},
		"expired before the account": {"Bearer " + c.sign(jwt.MapClaims{"iss": 1, "iat": now - 60, "exp": now - 1}), 456},
		"unsigned":                   {"Bearer " + unsignedToken(t, c, now), 100},
		"public key as HMAC secret":  {"Bearer " + hmacSignedToken(t, c, now), 100},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("POST", "/platform_api/GetRoles", nil)
			r.Header.Set("Authorization", tt.authorization)
			if got := serve(t, s, r).code(); got != tt.want {
				t.Errorf("code %d, want %d", got, tt.want)
			}
		})
	}
}

func TestTokenWithABrokenSignature(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	token := c.token(time.Now())
	parts := strings.Split(token, ".")
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	signature[0] ^= 1
	parts[2] = base64.RawURLEncoding.EncodeToString(signature)
	r := httptest.NewRequest("GET", "/platform_api/GetRoles", nil)
	r.Header.Set("Authorization", "Bearer "+strings.Join(parts, "."))
	if got := serve(t, s, r).code(); got != 100 {
		t.Errorf("code %d, want 100", got)
	}
}

func unsignedToken(t *testing.T, c caller, now int64) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"iss": c.creds.AccountID, "iat": now, "exp": now + 30})
	token.Header["kid"] = c.creds.KeyID
	text, err := token.SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// hmacSignedToken returns a token that is signed with HMAC and the public key as secret. A verifier that trusts "alg"
// would accept it.
func hmacSignedToken(t *testing.T, c caller, now int64) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&testKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	token := jwt.NewWithClaims(
		jwt.SigningMethodHS256,
		jwt.MapClaims{"iss": c.creds.AccountID, "iat": now, "exp": now + 30},
	)
	token.Header["kid"] = c.creds.KeyID
	text, err := token.SignedString(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestMethodAccessByRole(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	ownerOnly := []string{
		"AddSubUser",
		"GetSubUsers",
		"DelSubUser",
		"SetSubUserRoles",
		"GetSubUserRoles",
		"RemoveSubUserRoles",
		"GetAuditLog",
	}
	anyKey := []string{"CreateKey", "GetKeys", "UpdateKey", "DeleteKey", "SetKeyRoles", "GetKeyRoles", "RemoveKeyRoles",
		"SetSubUserInfo", "GetRoles", "GetAccountInfo"}
	tests := map[string]struct {
		caller  caller
		methods []string
		want104 bool
	}{
		"Owner, all":              {ownerCaller(t, s), append(ownerOnly, append(anyKey, "GetRoleGroups")...), false},
		"new Owner key, Owner's":  {callerWithRoles(t, s, "Owner"), ownerOnly, false},
		"Admin, Owner's":          {callerWithRoles(t, s, "Admin;Developer"), ownerOnly, true},
		"no role, Owner's":        {callerWithRoles(t, s, ""), ownerOnly, true},
		"no role, any key's":      {callerWithRoles(t, s, ""), anyKey, false},
		"no role, GetRoleGroups":  {callerWithRoles(t, s, ""), []string{"GetRoleGroups"}, true},
		"any role, GetRoleGroups": {callerWithRoles(t, s, "Payer"), []string{"GetRoleGroups"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, method := range tt.methods {
				// A parameter that no method accepts, so that no call changes anything.
				got := tt.caller.call(method, "role_id", "junk", "key_id", "", "subuser_id", "", "with_roles", "junk")
				if is104 := got.code() == 104; is104 != tt.want104 {
					t.Errorf("%s: %s, forbidden should be %v", method, got.text, tt.want104)
				}
			}
		})
	}
}

func TestKeyRoleChangesTakeEffectImmediately(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := callerWithRoles(t, s, "Owner")
	c.ok("GetSubUsers")
	ownerCaller(t, s).ok("RemoveKeyRoles", "key_id", c.creds.KeyID, "role_name", "Owner")
	c.refused(104, "GetSubUsers")
	c.ok("GetRoles")
	ownerCaller(t, s).ok("DeleteKey", "key_id", c.creds.KeyID)
	c.refused(100, "GetRoles")
}
