package config

import (
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// setProxy accepts the address of a proxy. Its errors never quote the value, which may contain a password.
func setProxy(c *Config, value string) error {
	u, err := url.Parse(value)
	valid := err == nil && (u.Scheme == "http" || u.Scheme == "https") && validHost(u) && u.Hostname() != "" &&
		strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && !strings.Contains(value, "#")
	if !valid {
		return valueError(
			"must be the address of a proxy, such as http://proxy.example.com:3128. Write every character of a password that " +
				"is not a letter or digit as % and two hexadecimal digits.",
		)
	}
	if password, _ := u.User.Password(); example(password) {
		return valueError("contains the password of an example. Use the password of the proxy.")
	}
	c.Proxy = NewSecret(value)
	return nil
}

// ProxyFunc returns the function for http.Transport.Proxy that chooses the configured proxy, or nil if there is none.
func (c Config) ProxyFunc() func(*http.Request) (*url.URL, error) {
	if c.Proxy.Empty() {
		return nil
	}
	choose := (&httpproxy.Config{HTTPSProxy: c.Proxy.Reveal(), NoProxy: strings.Join(c.NoProxy, ",")}).ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return choose(r.URL) }
}

// proxyVariables returns the variables from which other programs read the address of a proxy.
func proxyVariables() []string {
	return []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}
}
