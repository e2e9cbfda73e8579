package config

import (
	"fmt"
	"net/netip"
)

// How many bits a trusted network names at least. A shorter one holds so much of the world that it trusts everybody.
const (
	minBits4 = 8
	minBits6 = 16
)

// setTrustedProxies takes addresses and networks. There is no default and no wildcard: what comes from there is
// believed.
func setTrustedProxies(c *Config, value string) error {
	entries := split(value)
	if len(entries) == 0 {
		return valueError(
			"names nothing. Give it addresses or networks such as 10.0.3.7 or 10.0.3.0/28, separated by commas, or unset it.",
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

// network reads one address or network.
func network(text string) (netip.Prefix, error) {
	var none netip.Prefix
	prefix, err := netip.ParsePrefix(text)
	if single, failed := netip.ParseAddr(text); failed == nil && single.Zone() == "" {
		prefix, err = netip.PrefixFrom(single, single.BitLen()), nil
	}
	address, bits := prefix.Addr(), prefix.Bits()
	switch {
	case err != nil:
		return none, valueError(
			fmt.Sprintf(
				"has %s, which is neither an address nor a network such as 10.0.3.7 or 10.0.3.0/28. There are no names and no "+
					"wildcard.",
				quoted(text),
			),
		)
	case address.Is4In6():
		return none, valueError(fmt.Sprintf("has %s, an IPv4 address in the form of IPv6. Write it as IPv4.", quoted(text)))
	case address.Is4() && bits < minBits4 || address.Is6() && bits < minBits6:
		return none, valueError(
			fmt.Sprintf("has %s, which is so wide that it would trust everybody. Name the proxy's own address.", quoted(text)),
		)
	case address.IsUnspecified() && prefix.IsSingleIP():
		return none, valueError(
			fmt.Sprintf("has %s, which is nobody's address. There is no wildcard: name the proxy's own address.", quoted(text)),
		)
	case prefix.Masked() != prefix:
		return none, valueError(
			fmt.Sprintf(
				"has %s, which names both an address and a network. Write %s for the one or %s for the other.",
				quoted(text),
				address,
				prefix.Masked(),
			),
		)
	}
	return prefix, nil
}
