package audit

import "net/netip"

// The prefix lengths of the networks by which clients are limited.
const (
	narrowBits4, wideBits4 = 32, 24
	narrowBits6, wideBits6 = 64, 48
)

// Networks returns the networks of a client's address by which clients without a session are limited: the narrow one
// is what one client has, the wide one what a customer of a provider gets or can rent cheaply. They are /64 and /48 of
// an IPv6 address, and the address and /24 of an IPv4 address, which may be written as IPv6. Zones do not count. A text
// that is no address is its own narrow network, and all such texts share a wide one.
func Networks(address string) (narrow, wide string) {
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return "network " + address, "no address"
	}
	parsed = parsed.WithZone("").Unmap()
	narrowBits, wideBits := narrowBits6, wideBits6
	if parsed.Is4() {
		narrowBits, wideBits = narrowBits4, wideBits4
	}
	return netip.PrefixFrom(parsed, narrowBits).Masked().String(), netip.PrefixFrom(parsed, wideBits).Masked().String()
}
