package handlers

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/identity"
)

// clientAddresses finds the address of the client of each request.
type clientAddresses struct {
	trustedProxies []netip.Prefix
	logger         *slog.Logger
	unreadable     sync.Once // to log it once
}

// The keys in the context of a request: the client's address and the request id, both from a trusted proxy.
type (
	forwardedKey      struct{}
	proxyRequestIDKey struct{}
)

// maxEntryBytes limits an entry of X-Forwarded-For in the log.
const maxEntryBytes = 64

// proxyRequestID matches the request ids that are accepted from a trusted proxy. They are written to the log, the audit
// log and pages.
var proxyRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// resolve stores the address in X-Forwarded-For and the id in X-Request-Id of a connection from a trusted proxy. The
// headers count from no other address. chi's middleware does not read addresses with a port, which some proxies send,
// and does not report that.
func (c *clientAddresses) resolve(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if peer, ok := peerAddress(r); ok && c.trusts(peer) {
			if client, ok := c.forwardedFor(r); ok {
				r = r.WithContext(context.WithValue(r.Context(), forwardedKey{}, client))
			}
			if ids := r.Header["X-Request-Id"]; len(ids) == 1 && proxyRequestID.MatchString(ids[0]) {
				r = r.WithContext(context.WithValue(r.Context(), proxyRequestIDKey{}, ids[0]))
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (c *clientAddresses) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(c.trustedProxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

// forwardedFor returns the last address in X-Forwarded-For that is not one of a trusted proxy: each proxy adds the
// address from which it received the request at the end, and what comes before may be made up. What is before an entry
// that cannot be read does not count either; that entry is logged for the first request.
func (c *clientAddresses) forwardedFor(r *http.Request) (client netip.Addr, found bool) {
	rest := strings.Join(r.Header["X-Forwarded-For"], ",")
	for rest != "" {
		comma := strings.LastIndexByte(rest, ',')
		entry := strings.TrimSpace(rest[comma+1:])
		rest = rest[:max(comma, 0)]
		if entry == "" {
			continue
		}
		address, ok := forwardedAddress(entry)
		switch {
		case !ok:
			c.unreadable.Do(func() {
				c.logger.WarnContext(
					r.Context(),
					"address in X-Forwarded-For cannot be read, using the address of the proxy",
					"entry", identity.Printable(entry, maxEntryBytes),
					"proxy", r.RemoteAddr,
				)
			})
			return netip.Addr{}, false
		case !c.trusts(address):
			return address, true
		}
	}
	return netip.Addr{}, false
}

// forwardedAddress parses an entry of X-Forwarded-For: an address, which may have a port, brackets, a zone and quotes,
// as in an element of Forwarded (RFC 7239, section 6). Azure Application Gateway adds the port.
func forwardedAddress(entry string) (netip.Addr, bool) {
	const element = "for="
	if len(entry) > len(element) && strings.EqualFold(entry[:len(element)], element) {
		entry = entry[len(element):]
	}
	entry = strings.Trim(entry, `"`)
	host, bracketed := strings.CutPrefix(entry, "[")
	host, closed := strings.CutSuffix(host, "]")
	if bracketed != closed {
		host = entry
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		if host, _, err = net.SplitHostPort(entry); err != nil {
			return netip.Addr{}, false
		}
		address, err = netip.ParseAddr(host)
	}
	return address.Unmap().WithZone(""), err == nil
}

// peerAddress returns the address of the other end of the connection.
func peerAddress(r *http.Request) (netip.Addr, bool) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	address, err := netip.ParseAddr(host)
	return address.Unmap().WithZone(""), err == nil
}

// ClientAddress returns the address of the client, which is the other end of the connection without a trusted proxy.
func ClientAddress(r *http.Request) string {
	address, _ := addressAndSource(r)
	return address
}

// addressAndSource returns the address of the client and where it was found, as the audit log stores them. It has no
// zone, which can be any text in a header.
func addressAndSource(r *http.Request) (address, source string) {
	peer, ok := peerAddress(r)
	client, forwarded := r.Context().Value(forwardedKey{}).(netip.Addr)
	switch {
	case forwarded && client != peer:
		return client.String(), audit.FromForwarded
	case ok:
		return peer.String(), audit.FromConnection
	default:
		address, _, _ = strings.Cut(r.RemoteAddr, "%")
		return address, audit.FromConnection
	}
}
