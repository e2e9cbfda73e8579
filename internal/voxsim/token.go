package voxsim

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// maxTokenLife is the documented maximum time between iat and exp.
const maxTokenLife = 3600 * time.Second

// claims are the required claims of a token. Clients send the issuer, which is the account id, as a number or as a
// string, so it stays raw here. jwt's own claim validation is not used.
type claims struct {
	jwt.RegisteredClaims `json:"-"`

	Issuer    json.RawMessage `json:"iss"`
	IssuedAt  *float64        `json:"iat"`
	ExpiresAt *float64        `json:"exp"`
}

// identity is the key that signed a call, and the account that the call is for.
type identity struct {
	keyID     string
	accountID int64
}

// authenticate returns the key that signed a request, and the account that the request is for. It checks the form of
// the token, the key, the signature, the lifetime, the issue time, the expiry and the account, in this order.
func (s *Sim) authenticate(authorization string) (identity, *Refusal) {
	scheme, text, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return identity{}, refuse(codeAuthorizationFailed) // older sign-in methods are not simulated
	}
	var c claims
	parser := jwt.NewParser(jwt.WithoutClaimsValidation(), jwt.WithValidMethods([]string{"RS256"}))
	var keyID string
	_, err := parser.ParseWithClaims(strings.TrimSpace(text), &c, func(t *jwt.Token) (any, error) {
		keyID, _ = t.Header["kid"].(string)
		return s.publicKey(keyID)
	})
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return identity{}, refuse(codeTokenFormat)
	case err != nil:
		return identity{}, refuse(codeAuthorizationFailed)
	}
	if refusal := s.checkClaims(c); refusal != nil {
		return identity{}, refusal
	}
	issuer, refusal := s.checkIssuer(c.Issuer, keyID)
	if refusal != nil {
		return identity{}, refusal
	}
	return identity{keyID: keyID, accountID: issuer}, nil
}

// checkIssuer returns the account that a token is for: the account of the key, or one of its children, as the vendor's
// guide on authorization describes. That a child's key cannot act for its parent or for another child is inferred.
func (s *Sim) checkIssuer(raw json.RawMessage, keyID string) (int64, *Refusal) {
	id, ok := accountNumber(raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	owner, _ := s.account.ofKey(keyID)
	if !ok || owner == nil || owner.withID(id) == nil {
		return 0, refuse(codeInvalidAccountID)
	}
	return id, nil
}

func (s *Sim) publicKey(id string) (*rsa.PublicKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, k := s.account.ofKey(id)
	if k == nil || k.public == nil {
		return nil, fmt.Errorf("key %q cannot sign", id)
	}
	return k.public, nil
}

func (s *Sim) checkClaims(c claims) *Refusal {
	if c.IssuedAt == nil || c.ExpiresAt == nil || len(c.Issuer) == 0 {
		return refuse(codeTokenFormat)
	}
	now := float64(s.clock().UnixMilli()) / 1000
	switch {
	case *c.ExpiresAt-*c.IssuedAt > maxTokenLife.Seconds():
		return refuse(codeTokenTTL)
	case *c.IssuedAt > now:
		return refuse(codeTokenFromFuture)
	case *c.ExpiresAt <= now:
		return refuse(codeTokenExpired)
	}
	return nil
}

// accountNumber parses an account id that is a JSON number or a string of digits.
func accountNumber(raw json.RawMessage) (int64, bool) {
	var number float64
	if json.Unmarshal(raw, &number) == nil {
		return int64(number), number == math.Trunc(number)
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return 0, false
	}
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil
}

// clock returns the time of the service.
func (s *Sim) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now().Add(s.variants.ClockOffset)
}
