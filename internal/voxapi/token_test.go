package voxapi

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokenClaims returns the header and claims of a request's token, after checking its signature.
func tokenClaims(t *testing.T, r request) (header map[string]any, body jwt.MapClaims) {
	t.Helper()
	text, found := strings.CutPrefix(r.header.Get("Authorization"), "Bearer ")
	if !found {
		t.Fatalf("Authorization is %q", r.header.Get("Authorization"))
	}
	body = jwt.MapClaims{}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation())
	token, err := parser.ParseWithClaims(text, body, func(*jwt.Token) (any, error) { return &testKey().PublicKey, nil })
	if err != nil {
		t.Fatal(err)
	}
	return token.Header, body
}

func claimTime(t *testing.T, body jwt.MapClaims, name string) time.Time {
	t.Helper()
	value, ok := body[name].(float64)
	if !ok {
		t.Fatalf("%s is %T, want a number", name, body[name])
	}
	return time.Unix(int64(value), 0)
}

func TestTokenClaims(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	v := alwaysRespond(`{"result":1}`)
	c := newTestClient(t, v, func(o *Options) { o.Now = func() time.Time { return now } })
	if err := c.Writer().DelSubUser(context.Background(), 99, 7); err != nil {
		t.Fatal(err)
	}
	header, body := tokenClaims(t, v.received()[0])
	if header["alg"] != "RS256" || header["typ"] != "JWT" || header["kid"] != testCredentials().KeyID {
		t.Errorf("header is %v", header)
	}
	if iss, ok := body["iss"].(float64); !ok || iss != 99 || len(body) != 3 {
		t.Errorf("claims are %v, want iss 99 as a number, iat and exp", body)
	}
	issued, expires := claimTime(t, body, "iat"), claimTime(t, body, "exp")
	if !issued.Equal(now.Add(-5*time.Second)) || expires.Sub(issued) != WriteTokenTTL {
		t.Errorf("issued %v, expires %v", issued, expires)
	}
}

// Error.TokenExpires is not before the expiry in the token.
func TestTokenExpiresCoversTokenLifetime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	v := alwaysRespond(`{"error":{"code":2,"msg":"x"}}`)
	c := newTestClient(t, v, func(o *Options) { o.Now = func() time.Time { return now } })
	e := wantError(t, c.Writer().DelSubUser(context.Background(), 99, 7), Unknown, 2)
	_, body := tokenClaims(t, v.received()[0])
	if exp := claimTime(t, body, "exp"); e.TokenExpires.Before(exp) || e.TokenExpires.After(now.Add(WriteTokenTTL)) {
		t.Errorf("TokenExpires = %v, token says %v", e.TokenExpires, exp)
	}
}

func TestReadTokensAreCachedPerAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := alwaysRespond(`{"result":[]}`)
		c := newTestClient(t, v)
		tokenOf := func(account int64) string {
			if _, err := c.Reader().GetRoles(context.Background(), account, ""); err != nil {
				t.Fatal(err)
			}
			last := v.received()[len(v.received())-1]
			_, body := tokenClaims(t, last)
			if body["iss"] != float64(account) {
				t.Fatalf("a call for account %d has the issuer %v", account, body["iss"])
			}
			return last.header.Get("Authorization")
		}
		first, child := tokenOf(1), tokenOf(2)
		time.Sleep(7 * time.Minute)
		if tokenOf(1) != first || tokenOf(2) != child {
			t.Error("a valid token was not reused")
		}
		time.Sleep(2 * time.Minute)
		if tokenOf(1) == first {
			t.Error("a token was used beyond 80 % of its lifetime")
		}
	})
}

func TestEveryWriteHasItsOwnToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := alwaysRespond(`{"result":1}`)
		c := newTestClient(t, v)
		for range 2 {
			if err := c.Writer().DelSubUser(context.Background(), 1, 7); err != nil {
				t.Fatal(err)
			}
			time.Sleep(30 * time.Second)
		}
		if v.received()[0].header.Get("Authorization") == v.received()[1].header.Get("Authorization") {
			t.Error("the token of a write was used twice")
		}
	})
}

// After the credentials were replaced, a read is signed with the new ones.
func TestRotatedCredentials(t *testing.T) {
	t.Parallel()
	current := testCredentials()
	v := alwaysRespond(`{"result":[]}`)
	c := newTestClient(t, v, func(o *Options) { o.Credentials = func() *Credentials { return current } })
	kidOf := func() any {
		if _, err := c.Reader().GetRoles(context.Background(), 1, ""); err != nil {
			t.Fatal(err)
		}
		header, _ := tokenClaims(t, v.received()[len(v.received())-1])
		return header["kid"]
	}
	old := kidOf()
	current = testCredentials()
	current.KeyID = "another"
	if got := kidOf(); got != "another" || old == got {
		t.Errorf("signed by %v, then by %v", old, got)
	}
	current = nil
	_, err := c.Reader().GetRoles(context.Background(), 1, "")
	wantError(t, err, NotSent, 0)
}

func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	v := &fakeVendor{respond: func(n int, _ request) (*http.Response, error) {
		switch n % 5 {
		case 0:
			return newJSONResponse(`{"error":{"code":456,"msg":"x"}}`), nil
		case 1:
			return newJSONResponse(`{"error":{"code":340,"msg":"x"}}`), nil
		default:
			return newJSONResponse(`{"result":[]}`), nil
		}
	}}
	c := newTestClient(t, v)
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			account := int64(i%3 + 1)
			_, _ = c.Reader().GetRoles(context.Background(), account, "")
			_ = c.Writer().DeleteKey(context.Background(), account, "k")
		})
	}
	wg.Wait()
	for _, r := range v.received() {
		_, body := tokenClaims(t, r)
		if iss, ok := body["iss"].(float64); !ok || iss < 1 || iss > 3 {
			t.Errorf("a call has the issuer %v", body["iss"])
		}
	}
}
