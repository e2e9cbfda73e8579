package config

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Loopback says whether a listen address can be reached from this machine alone. An empty host is every address
// of the machine, and so is not.
func Loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	return loopbackHost(host)
}

func loopbackHost(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// setListen takes host:port; the host may be empty for every address of the machine.
func setListen(c *Config, value string) error {
	_, port, err := net.SplitHostPort(value)
	if err != nil || port == "" {
		return wrong("must be an address and a port, such as 127.0.0.1:8080 or :8080.")
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return wrong("must end in a port number from 0 to 65535, such as 127.0.0.1:8080.")
	}
	c.Listen = value
	return nil
}

// setBaseURL takes an address without a path.
func setBaseURL(c *Config, value string) error {
	u, err := absolute(value)
	if err != nil {
		return wrong("must be an address such as https://voxwarden.example.com.")
	}
	if u.Path != "" {
		return wrong("has a path, which is not supported in this version. Give the console a host name of its own.")
	}
	if u.Scheme == "http" && !loopbackHost(u.Hostname()) {
		return wrong("must begin with https:// unless its host is a loopback address.")
	}
	c.BaseURL = u
	return nil
}

// deriveBaseURL fills in the address at which a console on a loopback address is reached when none is set.
func (r *reading) deriveBaseURL(c *Config) {
	if c.BaseURL != nil || r.given("BASE_URL") || c.Listen == "" {
		return
	}
	if !Loopback(c.Listen) {
		r.report("BASE_URL", "is missing. Set it to how browsers reach the console, such as https://voxwarden.example.com.")
		return
	}
	c.BaseURL = &url.URL{Scheme: "http", Host: c.Listen}
}

// setAPIURL takes the vendor's address. A key must not travel in the open, so that plain http is for this machine only.
func setAPIURL(c *Config, value string) error {
	u, err := absolute(value)
	if err != nil {
		return wrong("must be an address such as https://api.voximplant.com/platform_api.")
	}
	if u.Scheme == "http" && !loopbackHost(u.Hostname()) {
		return wrong("must begin with https:// unless its host is a loopback address.")
	}
	c.APIURL = u.String()
	return nil
}

// setPanelURL takes a link that pages show.
func setPanelURL(c *Config, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return wrong("must be a link that begins with https://.")
	}
	c.PanelLoginURL = value
	return nil
}

// absolute parses an http or https address without query, fragment or user, and takes the slash off its end.
func absolute(value string) (*url.URL, error) {
	u, err := url.Parse(value)
	if err != nil {
		return nil, err
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, url.InvalidHostError(value)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}
