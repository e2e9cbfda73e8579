package handlers

import (
	"net"
	"net/http"
	"net/netip"

	"github.com/go-chi/chi/v5/middleware"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// resolveClientIP finds out whose address a request comes from: that of the connection, or, when the connection is from
// one of our own proxies, the one that those say in X-Forwarded-For. What anybody else says there counts for nothing.
func resolveClientIP(trustedProxies []netip.Prefix) func(http.Handler) http.Handler {
	if len(trustedProxies) == 0 {
		return middleware.ClientIPFromRemoteAddr
	}
	trusted := make([]string, 0, len(trustedProxies))
	for _, prefix := range trustedProxies {
		trusted = append(trusted, prefix.String())
	}
	return middleware.ClientIPFromXFF(trusted...)
}

// ClientAddress is the address of a request's browser, as far as it can be told: without a proxy that can be believed
// it is the other end of the connection.
func ClientAddress(r *http.Request) string {
	address, _ := addressAndSource(r)
	return address
}

// addressAndSource answers a request's ClientAddress and how it was found out, as the record has it.
func addressAndSource(r *http.Request) (address, source string) {
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		peer = r.RemoteAddr
	}
	clientIP := middleware.GetClientIP(r.Context())
	switch {
	case clientIP == "":
		return peer, audit.FromConnection
	case sameAddress(clientIP, peer):
		return clientIP, audit.FromConnection
	default:
		return clientIP, audit.FromForwarded
	}
}

// sameAddress compares addresses that may be written in different ways, IPv4 within IPv6 among them.
func sameAddress(a, b string) bool {
	one, errOne := netip.ParseAddr(a)
	other, errOther := netip.ParseAddr(b)
	return errOne == nil && errOther == nil && one.Unmap().WithZone("") == other.Unmap().WithZone("")
}
