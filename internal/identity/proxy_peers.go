package identity

import (
	"errors"
	"fmt"
	"net/netip"
)

// The shortest prefixes that still are somebody's own network: 10.0.0.0/8 and, of IPv6, a provider's part such as
// fd12::/16.
const (
	shortestPrefix4 = 8
	shortestPrefix6 = 16
)

// proxyPeers are the addresses from which a proxy may connect.
type proxyPeers []netip.Prefix

// newProxyPeers refuses to trust nobody in particular: without networks, or with ones so wide that strangers are in
// them, anybody who reaches the console could be anyone.
func newProxyPeers(prefixes []netip.Prefix) (proxyPeers, error) {
	if len(prefixes) == 0 {
		return nil, errors.New("no trusted proxies: name the addresses of the proxy in front, as in 10.0.3.7/32")
	}
	var peers proxyPeers
	for _, prefix := range prefixes {
		if prefix.Addr().Is4In6() {
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
		}
		shortest := shortestPrefix4
		if prefix.Addr().Is6() {
			shortest = shortestPrefix6
		}
		switch {
		case !prefix.IsValid():
			return nil, errors.New("a trusted proxy is not an address with a prefix length, as in 10.0.3.7/32")
		case prefix.Bits() < shortest:
			return nil, fmt.Errorf(
				"the trusted proxies %s are wider than any company's network: name the proxy's own addresses",
				prefix,
			)
		}
		peers = append(peers, prefix.Masked())
	}
	return peers, nil
}

// contains says whether the other end of a connection is a trusted proxy. remoteAddr is the socket's, as net/http
// writes it in Request.RemoteAddr; what is no IP address with a port is not trusted.
func (p proxyPeers) contains(remoteAddr string) bool {
	peer, err := netip.ParseAddrPort(remoteAddr)
	if err != nil {
		return false
	}
	address := peer.Addr().Unmap().WithZone("")
	for _, prefix := range p {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}
