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

// authenticate returns the id of the key that signed a request. It checks the form of the token, the key, the
// signature, the lifetime, the issue time, the expiry and the account, in this order.
func (s *Sim) authenticate(authorization string) (string, *Refusal) {
	scheme, text, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", refuse(codeAuthorizationFailed) // older sign-in methods are not simulated
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
		return "", refuse(codeTokenFormat)
	case err != nil:
		return "", refuse(codeAuthorizationFailed)
	}
	if refusal := s.checkClaims(c); refusal != nil {
		return "", refusal
	}
	return keyID, nil
}

func (s *Sim) publicKey(id string) (*rsa.PublicKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, known := s.account.keys[id]
	if !known || k.public == nil {
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
	if issuer, ok := accountNumber(c.Issuer); !ok || issuer != s.account.id {
		return refuse(codeInvalidAccountID) // the simulated account has no child accounts
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
