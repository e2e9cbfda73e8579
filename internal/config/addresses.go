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

// Loopback reports whether a listen address can be reached only from this machine. An empty host stands for every
// address of the machine, so it is not loopback.
func Loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	return loopbackHost(host)
}

// unspecified reports whether a listen address stands for every address of the machine.
func unspecified(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	ip, invalid := netip.ParseAddr(host)
	return err == nil && (host == "" || invalid == nil && ip.Unmap().IsUnspecified())
}

func loopbackHost(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// setListen accepts host:port; an empty host stands for every address of the machine. example is the port in the error
// text.
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

// basePath is the allowed path of BASE_URL. Paths of cookies, links and routes are compared as text, so only characters
// that need no escaping are allowed.
var basePath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*$`)

// setBaseURL accepts an address with an optional path, and stores it in the form that browsers use.
func setBaseURL(c *Config, value string) error {
	u, err := absolute(value)
	if err != nil {
		return valueError("must be an address such as https://voxwarden.example.com.")
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	dots := slices.ContainsFunc(strings.Split(path, "/"), func(part string) bool { return part == "." || part == ".." })
	if !basePath.MatchString(path) || dots {
		return valueError(
			"has a path with unsupported characters. Use only letters, digits and . _ ~ - in it, such as " +
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

// deriveBaseURL sets BaseURL from Listen if BASE_URL is not set and the console listens on a loopback address.
func (r *envReader) deriveBaseURL(c *Config) {
	if c.BaseURL != nil || r.given("BASE_URL") || c.Listen == "" {
		return
	}
	if !Loopback(c.Listen) {
		if c.Auth == operator.Demo {
			return // parseEnviron reports that a demo cannot listen there
		}
		r.report(
			"BASE_URL",
			"is missing. Set it to the address at which browsers reach the console, such as https://voxwarden.example.com.",
		)
		return
	}
	c.BaseURL = &url.URL{Scheme: "http", Host: c.Listen}
}

// setAPIURL accepts the address of the Management API. Requests carry tokens of the key, so plain http is only allowed
// on this machine.
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

// setPanelURL accepts a link for pages.
func setPanelURL(c *Config, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return valueError("must be a link that begins with https://, such as https://manage.voximplant.com.")
	}
	c.PanelLoginURL = value
	return nil
}

// absolute parses an http or https address without query, fragment and user.
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

// hostName is an ASCII host name, as browsers send it.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)

// validHost reports whether an address has a valid host name or IP address, and a valid port if it has one.
func validHost(u *url.URL) bool {
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if u.Port() == "" && strings.HasSuffix(u.Host, ":") || u.Port() != "" && (err != nil || port == 0) {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.Zone() == "" || hostName.MatchString(u.Hostname()) && !strings.Contains(u.Hostname(), "..")
}
