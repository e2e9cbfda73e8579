package config

import (
	"fmt"
	"net/netip"
)

// Shortest allowed prefixes of trusted networks. A shorter prefix would trust a large part of the internet.
const (
	minBits4 = 8
	minBits6 = 16
)

// setTrustedProxies accepts addresses and networks. There is no default and no wildcard, because the console trusts the
// headers from these addresses.
func setTrustedProxies(c *Config, value string) error {
	entries := split(value)
	if len(entries) == 0 {
		return valueError(
			"is empty. Set it to addresses or networks separated by commas, such as 10.0.3.7, 10.0.3.0/28, or unset it.",
		)
	}
	var proxies []netip.Prefix
	for _, entry := range entries {
		proxy, err := network(entry)
		if err != nil {
			return err
		}
		proxies = append(proxies, proxy)
	}
	c.TrustedProxies = proxies
	return nil
}

// network parses an address or a network.
func network(text string) (netip.Prefix, error) {
	var none netip.Prefix
	prefix, err := netip.ParsePrefix(text)
	if single, failed := netip.ParseAddr(text); failed == nil && single.Zone() == "" {
		prefix, err = netip.PrefixFrom(single, single.BitLen()), nil
	}
	address, bits := prefix.Addr(), prefix.Bits()
	switch {
	case err != nil:
		return none, valueError(fmt.Sprintf(
			"contains %s, which is not an IP address or network such as 10.0.3.7 or 10.0.3.0/28. Host names and wildcards "+
				"are not supported.",
			quoted(text),
		))
	case address.Is4In6():
		return none, valueError(fmt.Sprintf("contains %s, an IPv4-mapped IPv6 address. Write it as IPv4.", quoted(text)))
	case address.Is4() && bits < minBits4 || address.Is6() && bits < minBits6:
		return none, valueError(fmt.Sprintf(
			"contains %s, which is too large a network to trust. Use the proxy's own address.",
			quoted(text),
		))
	case address.IsUnspecified() && prefix.IsSingleIP():
		return none, valueError(fmt.Sprintf(
			"contains %s, which is not the address of a proxy. There is no wildcard: use the proxy's own address.",
			quoted(text),
		))
	case prefix.Masked() != prefix:
		return none, valueError(fmt.Sprintf(
			"contains %s, which mixes an address and a network. Write %s for the address or %s for the network.",
			quoted(text),
			address,
			prefix.Masked(),
		))
	}
	return prefix, nil
}
