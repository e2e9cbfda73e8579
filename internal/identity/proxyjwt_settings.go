package identity

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// checkKeySetSettings checks the settings of a preset whose keys are in a set.
func checkKeySetSettings(p assertionPreset, o *ProxyJWTOptions) []error {
	faults := fillPreset(p, o)
	faults = append(
		faults,
		unused("aws-alb", map[string]string{"signer": o.Signer, "client": o.Client, "region": o.Region})...)
	faults = append(faults, unused("custom", map[string]string{"keys file": o.KeysFile})...)
	faults = append(faults, missing(*o, true)...)
	if len(faults) > 0 {
		return faults
	}
	if o.KeysURL == "" {
		address, err := p.keysURL(*o)
		if err != nil {
			return []error{err}
		}
		o.KeysURL = address
	}
	if err := checkKeysURL(o.KeysURL); err != nil {
		return []error{err}
	}
	return nil
}

// checkCustomSettings checks the settings of a proxy that has no preset: all of them are needed.
func checkCustomSettings(_ assertionPreset, o *ProxyJWTOptions) []error {
	faults := unused("aws-alb", map[string]string{"signer": o.Signer, "client": o.Client, "region": o.Region})
	if !httpguts.ValidHeaderFieldName(o.Header) {
		faults = append(faults, errors.New("the name of the header that carries the assertion is missing or not one"))
	}
	if len(o.Algorithms) == 0 {
		faults = append(faults, errors.New("the algorithms are missing: name those that the proxy signs with, as in ES256"))
	}
	for _, algorithm := range o.Algorithms {
		if !slices.Contains(acceptedAlgorithms(), algorithm) {
			faults = append(
				faults,
				fmt.Errorf("the algorithm %q is not one of %s", algorithm, strings.Join(acceptedAlgorithms(), ", ")),
			)
		}
	}
	if (o.KeysURL == "") == (o.KeysFile == "") {
		faults = append(
			faults,
			errors.New("the keys are missing or given twice: name the key set's address or a file, one of them"),
		)
	} else if o.KeysURL != "" {
		if err := checkKeysURL(o.KeysURL); err != nil {
			faults = append(faults, err)
		}
	}
	return append(faults, missing(*o, true)...)
}

// fillPreset takes over what the preset knows.
func fillPreset(p assertionPreset, o *ProxyJWTOptions) []error {
	faults := unused("custom", map[string]string{"header": o.Header, "algorithms": strings.Join(o.Algorithms, ",")})
	o.Header, o.Algorithms = p.header, p.algorithms
	if o.GroupsClaim == "" {
		o.GroupsClaim = p.groupsClaim
	}
	if p.issuer != "" {
		if o.Issuer != "" && o.Issuer != p.issuer {
			faults = append(faults, fmt.Errorf("the issuer of this preset is always %s: leave it out", p.issuer))
		}
		o.Issuer = p.issuer
	}
	return faults
}

// missing answers which of the settings that every proxy needs are not there.
func missing(o ProxyJWTOptions, audience bool) []error {
	var faults []error
	if o.Issuer == "" {
		faults = append(faults, errors.New("the issuer is missing: name what the assertion's iss must be"))
	}
	if audience && (len(o.Audiences) == 0 || slices.Contains(o.Audiences, "")) {
		faults = append(faults, errors.New("the audience is missing: name what the assertion's aud must hold"))
	}
	return faults
}

// unused answers which settings would have no effect. whose names who has a use for them.
func unused(usedBy string, settings map[string]string) []error {
	var faults []error
	for name, value := range settings {
		if value != "" {
			faults = append(faults, fmt.Errorf("the %s is for %s only: leave it out", name, usedBy))
		}
	}
	return faults
}

// checkKeysURL wants an address that nobody on the way can answer for: whoever gives the keys decides who is who.
func checkKeysURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return errors.New("the key set's address is not a URL of the form https://host/path")
	}
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return errors.New("the key set's address must begin with https://")
}

// isLoopback says whether a host is this machine, by address; "localhost" counts as what it stands for everywhere.
func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.Unmap().IsLoopback()
}

// pomeriumKeysURL is on the host of the route itself, which Pomerium answers.
func pomeriumKeysURL(o ProxyJWTOptions) (string, error) {
	host := o.Audiences[0]
	if u, err := url.Parse(host); err == nil && u.Scheme == "https" && u.Host != "" {
		host = u.Host
	}
	if len(o.Audiences) != 1 || !hostName.MatchString(host) {
		return "", errors.New(
			"the key set's address is missing: it follows from the audience only when that is the route's host name alone",
		)
	}
	return "https://" + host + "/.well-known/pomerium/jwks.json", nil
}

// hostName is a name in DNS, with a port or without.
var hostName = regexp.MustCompile(
	`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:[0-9]{1,5})?$`,
)
