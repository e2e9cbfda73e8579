package handlers

import (
	"net"
	"net/http"
	"net/netip"

	"github.com/go-chi/chi/v5/middleware"
)

// findAddress finds out whose address a request comes from: that of the connection, or, when the connection is from
// one of our own proxies, the one that those say in X-Forwarded-For. What anybody else says there counts for nothing.
func findAddress(proxies []netip.Prefix) func(http.Handler) http.Handler {
	if len(proxies) == 0 {
		return middleware.ClientIPFromRemoteAddr
	}
	trusted := make([]string, 0, len(proxies))
	for _, prefix := range proxies {
		trusted = append(trusted, prefix.String())
	}
	return middleware.ClientIPFromXFF(trusted...)
}

// ClientAddress is the address of a request's browser, as far as it can be told: without a proxy that can be believed
// it is the other end of the connection.
func ClientAddress(r *http.Request) string {
	if found := middleware.GetClientIP(r.Context()); found != "" {
		return found
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
