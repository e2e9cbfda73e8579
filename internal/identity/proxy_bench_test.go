package identity_test

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/identity"
)

// BenchmarkProxy measures the verification of an assertion; docs/decisions/0014 depends on it.
func BenchmarkProxy(b *testing.B) {
	s := customSite(b)
	token := s.signer.sign(b, s.claims(), nil)
	r := rsaSigner(b, "rsa")
	c := customSite(b, func(o *identity.ProxyJWTOptions) { o.Algorithms = []string{"RS256"} })
	c.net.serve(customKeys, keySetOf(b, r))
	rsaToken := r.sign(b, c.claims(), nil)
	h := headerProxy(b)
	for name, visitOnce := range map[string]func() proxyVisit{
		"header": func() proxyVisit {
			return visit(h, with("X-Forwarded-User", "anna"), with("X-Forwarded-Groups", "ops,night"))
		},
		"ES256": func() proxyVisit { return s.send(token) },
		"RS256": func() proxyVisit { return c.send(rsaToken) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if v := visitOnce(); v.err != nil {
					b.Fatal(v.err)
				}
			}
		})
	}
}
