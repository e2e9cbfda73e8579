package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operator"
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

// setListen takes host:port; the host may be empty for every address of the machine. example is the port of the advice.
func setListen(field func(*Config) *string, example string) func(*Config, string) error {
	return func(c *Config, value string) error {
		_, port, err := net.SplitHostPort(value)
		if err != nil || port == "" {
			return valueError("must be an address and a port, such as 127.0.0.1:" + example + " or :" + example + ".")
		}
		if _, err := net.LookupPort("tcp", port); err != nil {
			return valueError("must end in a port number from 0 to 65535, such as 127.0.0.1:" + example + ".")
		}
		*field(c) = value
		return nil
	}
}

// basePath is what may stand behind the host: paths of cookies, links and routes are compared as text, so there is
// one way only to write each.
var basePath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*$`)

// setBaseURL takes an address, perhaps with a path, and writes it the way browsers do.
func setBaseURL(c *Config, value string) error {
	u, err := absolute(value)
	if err != nil {
		return valueError("must be an address such as https://voxwarden.example.com.")
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	dots := slices.ContainsFunc(strings.Split(path, "/"), func(part string) bool { return part == "." || part == ".." })
	if !basePath.MatchString(path) || dots {
		return valueError(
			"has a path that cannot be used. Write it with letters, digits and . _ ~ - only, such as " +
				"https://tools.example.com/voxwarden.",
		)
	}
	if u.Scheme == "http" && !loopbackHost(u.Hostname()) {
		return valueError("must begin with https:// unless its host is a loopback address.")
	}
	standard := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	host := strings.TrimSuffix(strings.ToLower(u.Host), standard)
	c.BaseURL = &url.URL{Scheme: u.Scheme, Host: host, Path: path}
	return nil
}

// deriveBaseURL fills in the address at which a console on a loopback address is reached when none is set.
func (r *envReader) deriveBaseURL(c *Config) {
	if c.BaseURL != nil || r.given("BASE_URL") || c.Listen == "" {
		return
	}
	if !Loopback(c.Listen) {
		if c.Auth == operator.Demo {
			return // such an address is itself a problem there
		}
		r.report("BASE_URL", "is missing. Set it to how browsers reach the console, such as https://voxwarden.example.com.")
		return
	}
	c.BaseURL = &url.URL{Scheme: "http", Host: c.Listen}
}

// setAPIURL takes the vendor's address. A key must not travel in the open, so that plain http is for this machine only.
func setAPIURL(c *Config, value string) error {
	u, err := absolute(value)
	if err != nil {
		return valueError("must be an address such as https://api.voximplant.com/platform_api.")
	}
	if u.Scheme == "http" && !loopbackHost(u.Hostname()) {
		return valueError("must begin with https:// unless its host is a loopback address.")
	}
	c.APIURL = strings.TrimRight(u.String(), "/")
	return nil
}

// setPanelURL takes a link that pages show.
func setPanelURL(c *Config, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return valueError("must be a link that begins with https://.")
	}
	c.PanelLoginURL = value
	return nil
}

// absolute parses an http or https address without query, fragment or user.
func absolute(value string) (*url.URL, error) {
	u, err := url.Parse(value)
	if err != nil {
		return nil, err
	}
	plain := u.RawQuery == "" && !u.ForceQuery && !strings.Contains(value, "#")
	if (u.Scheme != "http" && u.Scheme != "https") || !validHost(u) || u.User != nil || !plain {
		return nil, url.InvalidHostError(value)
	}
	return u, nil
}

// hostName is what a host may be called: a name in ASCII, as browsers send it.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)

// validHost says whether an address has a host that can be called, by name or number, and a port if it seems to.
func validHost(u *url.URL) bool {
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if u.Port() == "" && strings.HasSuffix(u.Host, ":") || u.Port() != "" && (err != nil || port == 0) {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.Zone() == "" || hostName.MatchString(u.Hostname()) && !strings.Contains(u.Hostname(), "..")
}
