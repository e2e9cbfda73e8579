package identity

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// proxyIssuer vouches for everybody whom a plain header names.
const proxyIssuer = "proxy"

// ProxyHeaderOptions are the settings of signing in by plain headers.
type ProxyHeaderOptions struct {
	User           string // the header that names the person, stable and unique; required
	Name           string // the header with the name to show, or ""
	Email          string // the header with the address, or ""
	Groups         string // the header with the groups, or ""
	Separator      string // between groups; "" means a comma
	TrustedProxies []netip.Prefix
	Sessions       proxySessions
	Now            func() time.Time // nil means time.Now
}

// NewProxyHeader makes a Proxy that believes plain headers, such as X-Forwarded-User, from the addresses in
// TrustedProxies and from nowhere else. Such headers are not signed: only who connects tells whether the proxy wrote
// them. It fails when no addresses are named, or so many that it would trust strangers.
func NewProxyHeader(o ProxyHeaderOptions) (*Proxy, error) {
	peers, err := newProxyPeers(o.TrustedProxies)
	if err != nil {
		return nil, err
	}
	if o.User == "" {
		return nil, errors.New("the name of the header that holds the person is missing")
	}
	for _, name := range []string{o.User, o.Name, o.Email, o.Groups} {
		if name != "" && !httpguts.ValidHeaderFieldName(name) {
			return nil, fmt.Errorf("%q is not the name of a header", name)
		}
	}
	if o.Separator == "" {
		o.Separator = ","
	}
	p := newProxy(operator.ProxyHeader, o.Sessions, o.Now)
	p.verify = headerVerifier{
		peers: peers, separator: o.Separator,
		user: http.CanonicalHeaderKey(o.User), name: http.CanonicalHeaderKey(o.Name),
		email: http.CanonicalHeaderKey(o.Email), groups: http.CanonicalHeaderKey(o.Groups),
	}.verify
	return p, nil
}

// headerVerifier reads the headers. Their names are canonical, and "" where there is none.
type headerVerifier struct {
	peers                     proxyPeers
	separator                 string
	user, name, email, groups string
}

func (p headerVerifier) verify(r *http.Request) (operator.Operator, error) {
	values := map[string]string{}
	for _, name := range []string{p.user, p.name, p.email, p.groups} {
		if name == "" {
			continue
		}
		value, found, err := soleHeader(r.Header, name)
		if found && !p.peers.contains(r.RemoteAddr) {
			return operator.Operator{}, &Refused{Reason: "the header " + name + " came from an address that is no trusted proxy"}
		}
		if err != nil {
			return operator.Operator{}, err
		}
		values[name] = value
	}
	if values[p.user] == "" {
		return operator.Operator{}, nil
	}
	return p.operatorFrom(values)
}

// checkOperator reads who is meant. The proxy vouches for the address as it does for the person: a console that
// believes the one has no reason to doubt the other.
func (p headerVerifier) operatorFrom(values map[string]string) (operator.Operator, error) {
	name, err := readableName(values[p.name])
	if err != nil {
		return operator.Operator{}, err
	}
	o := operator.Operator{Issuer: proxyIssuer, Subject: values[p.user], Name: name, Email: values[p.email]}
	o.EmailVerified = o.Email != ""
	if err := checkOperator(o); err != nil {
		return operator.Operator{}, err
	}
	if len(values[p.groups]) > maxProxyGroups {
		return operator.Operator{}, &Refused{Reason: "the groups header is too long"}
	}
	for group := range strings.SplitSeq(values[p.groups], p.separator) {
		if group = strings.Trim(group, headerSpace); group != "" {
			o.Groups = append(o.Groups, group)
		}
	}
	return o, checkGroups(o.Groups)
}
