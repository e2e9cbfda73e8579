package idp

import (
	"crypto/x509"
	"encoding/pem"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Sign signs claims with the key in the forger's key set.
func (f *Forger) Sign(c Claims) string { return f.SignWith(jwt.SigningMethodRS256, f.key, "key-1", c) }

// SignWithoutName signs claims like Sign, in a token that names no key.
func (f *Forger) SignWithoutName(c Claims) string {
	return f.SignWith(jwt.SigningMethodRS256, f.key, "", c)
}

// SignWith signs claims with any method and key. An empty kid is omitted.
func (f *Forger) SignWith(method jwt.SigningMethod, key any, kid string, c Claims) string {
	token := jwt.NewWithClaims(method, jwt.MapClaims(c))
	if kid != "" {
		token.Header["kid"] = kid
	}
	text, err := token.SignedString(key)
	if err != nil {
		panic(err)
	}
	return text
}

// PublicPEM returns the public key as PEM, which a careless verifier uses as an HMAC secret.
func (f *Forger) PublicPEM() []byte {
	der, err := x509.MarshalPKIXPublicKey(&f.key.PublicKey)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// ValidClaims returns the claims of a valid ID token for the last authorization request.
func (f *Forger) ValidClaims() Claims {
	now := f.Now()
	return Claims{
		"iss":            f.URL,
		"aud":            f.ClientID,
		"sub":            "anna",
		"iat":            now.Unix(),
		"exp":            now.Add(5 * time.Minute).Unix(),
		"auth_time":      now.Unix(),
		"nonce":          f.LastAuthRequest().Get("nonce"),
		"name":           "Anna Nováková",
		"email":          "anna@example.com",
		"email_verified": true,
		"groups":         []string{"ops"},
	}
}
