package handlers

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/go-chi/chi/v5/middleware"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// resolveClientIP sets the address of the client: that of the connection, or the one in X-Forwarded-For when the
// connection comes from a trusted proxy. The header counts from no other address.
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

// ClientAddress returns the address of the client, which is the other end of the connection without a trusted proxy.
func ClientAddress(r *http.Request) string {
	address, _ := addressAndSource(r)
	return address
}

// addressAndSource returns the address of the client and where it was found, as the audit log stores them.
func addressAndSource(r *http.Request) (address, source string) {
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		peer = r.RemoteAddr
	}
	peer, clientIP := withoutZone(peer), withoutZone(middleware.GetClientIP(r.Context()))
	switch {
	case clientIP == "":
		return peer, audit.FromConnection
	case sameAddress(clientIP, peer):
		return clientIP, audit.FromConnection
	default:
		return clientIP, audit.FromForwarded
	}
}

// withoutZone removes the zone of an IPv6 address: in a header it can be any text.
func withoutZone(address string) string {
	address, _, _ = strings.Cut(address, "%")
	return address
}

// sameAddress reports whether two texts are the same address, also when one is IPv4 in IPv6 form.
func sameAddress(a, b string) bool {
	one, errOne := netip.ParseAddr(a)
	other, errOther := netip.ParseAddr(b)
	return errOne == nil && errOther == nil && one.Unmap() == other.Unmap()
}
