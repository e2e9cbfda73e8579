package identity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
)

const (
	albARN    = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/console/50dc6c495c0c9188"
	albClient = "console-client"
	albKID    = "d39846c3-18d4-4c5e-8148-27a63a4fa6d8"
	albKeys   = "https://public-keys.auth.elb.eu-central-1.amazonaws.com/"
	albHeader = "X-Amzn-Oidc-Data"
)

func albOptions(s *assertionSite) identity.ProxyJWTOptions {
	return identity.ProxyJWTOptions{
		ProxyJWT: config.ProxyJWT{
			Preset:      "aws-alb",
			Issuer:      "https://idp.example",
			Signer:      albARN,
			Client:      albClient,
			Region:      "eu-central-1",
			GroupsClaim: "groups",
		},
		Transport: s.net,
		Sessions:  newProxySessions(),
		Now:       s.clock.now,
		Logger:    quietLogger(),
	}
}

// albSite returns an AWS load balancer and the key server of its region.
func albSite(t testing.TB) *assertionSite {
	t.Helper()
	s := &assertionSite{t: t, clock: newProxyClock(), net: newProxyKeyServer(), signer: ecSigner(t, albKID)}
	s.net.serve(albKeys+albKID, pemOf(t, s.signer))
	s.proxy = jwtProxy(t, albOptions(s))
	return s
}

// albHead returns the JOSE header of the load balancer, with changes.
func albHead(s *assertionSite, changes ...map[string]any) map[string]any {
	head := map[string]any{
		"signer": albARN,
		"client": albClient,
		"iss":    "https://idp.example",
		"exp":    s.clock.now().Unix() + 120,
	}
	for _, change := range changes {
		for k, v := range change {
			if head[k] = v; v == nil {
				delete(head, k)
			}
		}
	}
	return head
}

func (s *assertionSite) sendALB(head map[string]any, claims ...jwt.MapClaims) proxyVisit {
	all := s.claims(append([]jwt.MapClaims{{"aud": nil, "nbf": nil, "iat": nil}}, claims...)...)
	return visit(s.proxy, with(albHeader, s.signer.signPadded(s.t, all, head)))
}

func TestALB(t *testing.T) {
	t.Parallel()
	s := albSite(t)
	v := s.sendALB(albHead(s))
	wantAnna(t, v)
	if !strings.Contains(s.signer.signPadded(t, s.claims(), nil), "=") {
		t.Fatal("the test's assertion is not padded")
	}
	wantAnna(t, s.sendALB(albHead(s, map[string]any{"iss": nil, "exp": nil})))
	// Assertions without padding are accepted too, in case AWS removes it.
	wantAnna(t, visit(s.proxy, with(albHeader, s.signer.sign(t, s.claims(jwt.MapClaims{"aud": nil}), albHead(s)))))
	if !slices.Equal(s.net.requests, []string{albKeys + albKID}) {
		t.Errorf("requests %q", s.net.requests)
	}
	wantNoOperator(t, visit(s.proxy, with("X-Amzn-Oidc-Identity", "boss"), with("X-Amzn-Oidc-Accesstoken", "x")))
}

func TestALBForged(t *testing.T) {
	t.Parallel()
	other := strings.Replace(albARN, "console", "wiki", 1)
	account := strings.Replace(albARN, "123456789012", "999999999999", 1)
	for name, tc := range map[string]struct {
		head   map[string]any
		claims jwt.MapClaims
		words  string
		asks   int // requests to the key server
	}{
		"another load balancer":     {map[string]any{"signer": other}, nil, "another signer", 0},
		"another account":           {map[string]any{"signer": account}, nil, "another signer", 0},
		"no signer":                 {map[string]any{"signer": nil}, nil, "another signer", 0},
		"signers":                   {map[string]any{"signer": []string{albARN}}, nil, "another signer", 0},
		"signer an object":          {map[string]any{"signer": map[string]any{}}, nil, "another signer", 0},
		"signer in the claims":      {map[string]any{"signer": other}, jwt.MapClaims{"signer": albARN}, "another signer", 0},
		"another client":            {map[string]any{"client": "wiki-client"}, nil, "another client", 0},
		"no client":                 {map[string]any{"client": nil}, nil, "another client", 0},
		"another issuer":            {map[string]any{"iss": "https://evil.example"}, nil, "another issuer", 0},
		"another issuer in claims":  {nil, jwt.MapClaims{"iss": "https://evil.example"}, "another issuer", 1},
		"no issuer in the claims":   {nil, jwt.MapClaims{"iss": nil}, "lacks", 1},
		"expiry in the header only": {nil, jwt.MapClaims{"exp": nil}, "lacks", 1},
		"expired":                   {nil, jwt.MapClaims{"exp": proxyNoon.Unix() - 30}, "expired", 1},
		"no subject":                {nil, jwt.MapClaims{"sub": nil}, "no subject", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := albSite(t)
			wantRefused(t, s.sendALB(albHead(s, tc.head), tc.claims), tc.words, "evil", "wiki", "999")
			if got := s.net.fetches(); got != tc.asks {
				t.Errorf("%d requests, want %d", got, tc.asks)
			}
		})
	}
	for name, tc := range map[string]struct{ token, words string }{
		"HS256 with the PEM": {"", "algorithm is not accepted"},
		"RS256":              {"", "algorithm is not accepted"},
		"another key":        {"", "signature is wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := albSite(t)
			switch name {
			case "RS256":
				tc.token = rsaSigner(t, albKID).signPadded(t, s.claims(), albHead(s))
			case "another key":
				tc.token = ecSigner(t, albKID).signPadded(t, s.claims(), albHead(s))
			default:
				token := jwt.NewWithClaims(jwt.SigningMethodHS256, s.claims())
				token.Header = albHead(s, map[string]any{"alg": "HS256", "kid": albKID})
				var err error
				if tc.token, err = token.SignedString(pemOf(t, s.signer)); err != nil {
					t.Fatal(err)
				}
			}
			wantRefused(t, visit(s.proxy, with(albHeader, tc.token)), tc.words)
		})
	}
}

// The key id becomes part of an address, so only AWS's format is accepted.
func TestALBKeyIDs(t *testing.T) {
	t.Parallel()
	s := albSite(t)
	for _, name := range []any{
		"",
		"../" + albKID,
		albKID + "/..",
		albKID + "/../../bucket/key",
		"%2e%2e%2f" + albKID,
		albKID + "%2f",
		albKID + "%00",
		"https://evil.example/" + albKID,
		"//evil.example/" + albKID,
		"@evil.example/" + albKID,
		albKID + "?x",
		albKID + "#x",
		albKID + "\n",
		"\n" + albKID,
		" " + albKID,
		albKID + " ",
		strings.ToUpper(albKID),
		albKID[1:],
		albKID + "0",
		strings.ReplaceAll(albKID, "-", ""),
		"..",
		"/",
		strings.Replace(albKID, "d", "d\x00", 1),
		7,
		nil,
		[]string{albKID},
		map[string]string{"kid": albKID},
	} {
		head := albHead(s)
		head["kid"] = name
		wantRefused(t, s.sendALB(head), "not in AWS's format", "evil")
	}
	if s.net.fetches() != 0 {
		t.Errorf("requests %q", s.net.requests)
	}
}

func TestALBRegions(t *testing.T) {
	t.Parallel()
	for region, base := range map[string]string{
		"us-east-1":      "https://public-keys.auth.elb.us-east-1.amazonaws.com/",
		"ap-southeast-2": "https://public-keys.auth.elb.ap-southeast-2.amazonaws.com/",
		"us-gov-west-1":  "https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1/",
		"us-gov-east-1":  "https://s3-us-gov-east-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-east-1/",
	} {
		s := albSite(t)
		s.net.serve(base+albKID, pemOf(t, s.signer))
		o := albOptions(s)
		o.Region, o.Signer = region, strings.Replace(albARN, "eu-central-1", region, 1)
		s.proxy = jwtProxy(t, o)
		wantAnna(t, s.sendALB(albHead(s, map[string]any{"signer": o.Signer})))
		if !slices.Equal(s.net.requests, []string{base + albKID}) {
			t.Errorf("%s: requests %q", region, s.net.requests)
		}
	}
}

// kidOf returns an unknown key id.
func kidOf(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// Made-up key ids cause few requests, and do not affect assertions with a known key.
func TestALBUnknownKeysAreRateLimited(t *testing.T) {
	t.Parallel()
	s := albSite(t)
	wantAnna(t, s.sendALB(albHead(s)))
	valid := s.signer.signPadded(t, s.claims(), albHead(s))
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 15 {
				if v := s.sendALB(albHead(s, map[string]any{"kid": kidOf(100*worker + i)})); v.operator.Authenticated() {
					t.Errorf("accepted %+v", v.operator)
				}
				if v := visit(s.proxy, with(albHeader, valid)); v.err != nil {
					t.Errorf("anna was refused: %v", v.err)
				}
			}
		})
	}
	group.Wait()
	if got := s.net.fetches(); got != 5 {
		t.Errorf("%d requests at once, want 5", got)
	}
	for range 60 {
		s.clock.pass(10 * time.Second)
		for i := range 5 {
			s.sendALB(albHead(s, map[string]any{"kid": kidOf(1000 + i)}))
		}
	}
	if got := s.net.fetches(); got > 5+60 {
		t.Errorf("%d requests in ten minutes", got)
	}
}

func TestALBKeysAreRenewed(t *testing.T) {
	t.Parallel()
	s := albSite(t)
	unknown := albHead(s, map[string]any{"kid": kidOf(1)})
	for range 5 {
		wantRefused(t, s.sendALB(unknown), "does not have")
	}
	if got := s.net.fetches(); got != 1 {
		t.Errorf("%d requests for one unknown key id", got)
	}
	newer := ecSigner(t, kidOf(1))
	s.net.serve(albKeys+kidOf(1), pemOf(t, newer))
	s.clock.pass(5 * time.Minute)
	wantAnna(t, visit(s.proxy, with(albHeader, newer.signPadded(t, s.claims(), albHead(s)))))

	wantAnna(t, s.sendALB(albHead(s)))
	s.net.mu.Lock()
	s.net.responses[albKeys+albKID] = func() (int, []byte) { return http.StatusForbidden, nil }
	s.net.mu.Unlock()
	s.clock.pass(time.Hour - time.Second)
	wantAnna(t, s.sendALB(albHead(s)))
	s.clock.pass(time.Second)
	wantRefused(t, s.sendALB(albHead(s)), "does not have")
}

func TestALBKeyServerDown(t *testing.T) {
	t.Parallel()
	s := albSite(t)
	s.net.setDown(true)
	for range 20 {
		wantUnavailable(t, s.sendALB(albHead(s)))
	}
	if got := s.net.fetches(); got != 5 {
		t.Errorf("%d requests to an unavailable server", got)
	}
	s.net.setDown(false)
	wantUnavailable(t, s.sendALB(albHead(s)))
	s.clock.pass(10 * time.Second)
	wantAnna(t, s.sendALB(albHead(s)))
	s.net.setDown(true)
	s.clock.pass(24*time.Hour - time.Second)
	wantAnna(t, s.sendALB(albHead(s)))
	s.clock.pass(time.Second)
	wantUnavailable(t, s.sendALB(albHead(s)))
	longer, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{
		"HTML":    []byte("<html>"),
		"P-384":   pemOf(t, proxySigner{key: longer}),
		"RSA":     pemOf(t, rsaSigner(t, albKID)),
		"garbage": []byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
		"key set": keySetOf(t, s.signer),
	} {
		s := albSite(t)
		s.net.serve(albKeys+albKID, body)
		if v := s.sendALB(albHead(s)); v.operator.Authenticated() || v.err == nil {
			t.Errorf("%s: got %+v, %v", name, v.operator, v.err)
		} else {
			wantUnavailable(t, v)
		}
	}
}
