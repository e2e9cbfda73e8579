package identity

import (
	"errors"
	"fmt"
	"net/netip"
)

// Shortest allowed prefixes of trusted networks, such as 10.0.0.0/8 and fd12::/16.
const (
	shortestPrefix4 = 8
	shortestPrefix6 = 16
)

// proxyPeers are the addresses from which a proxy may connect.
type proxyPeers []netip.Prefix

// newProxyPeers refuses an empty list and large networks: every client in a trusted network can act as any operator.
func newProxyPeers(prefixes []netip.Prefix) (proxyPeers, error) {
	if len(prefixes) == 0 {
		return nil, errors.New("no trusted proxies: set the addresses of the proxy in front, such as 10.0.3.7/32")
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
			return nil, errors.New("a trusted proxy is not an address with a prefix length, such as 10.0.3.7/32")
		case prefix.Bits() < shortest:
			return nil, fmt.Errorf("the network %s of trusted proxies is too large: use the proxy's own addresses", prefix)
		}
		peers = append(peers, prefix.Masked())
	}
	return peers, nil
}

// contains reports whether a connection comes from a trusted proxy. remoteAddr is http.Request.RemoteAddr; anything
// other than an IP address with a port is not trusted.
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
