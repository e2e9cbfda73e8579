package identity

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// proxyIssuer is the issuer of all operators who are named by plain headers.
const proxyIssuer = "proxy"

// ProxyHeaderOptions configure the sign-in by plain headers.
type ProxyHeaderOptions struct {
	User           string   // header with the operator's stable and unique name; required
	Name           string   // header with the display name, or ""
	Email          string   // header with the e-mail address, or ""
	Groups         string   // header with the groups, or ""
	Separator      string   // between groups; "" means a comma
	Configured     []string // the configured groups, which decide about roles; nil for none
	TrustedProxies []netip.Prefix
	Sessions       proxySessions
	Now            func() time.Time // nil means time.Now
	Logger         *slog.Logger     // nil means slog.Default
}

// NewProxyHeader returns a Proxy that accepts plain headers, such as X-Forwarded-User, only from the addresses in
// TrustedProxies. Such headers are not signed, so only the address of the connection shows that the proxy wrote them.
// It returns an error if TrustedProxies is empty or contains a large network.
func NewProxyHeader(o ProxyHeaderOptions) (*Proxy, error) {
	peers, err := newProxyPeers(o.TrustedProxies)
	if err != nil {
		return nil, err
	}
	if o.User == "" {
		return nil, errors.New("the header with the operator's name is missing")
	}
	for _, name := range []string{o.User, o.Name, o.Email, o.Groups} {
		if name != "" && !httpguts.ValidHeaderFieldName(name) {
			return nil, fmt.Errorf("%q is not a valid header name", name)
		}
	}
	if o.Separator == "" {
		o.Separator = ","
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	p := newProxy(operator.ProxyHeader, o.Sessions, o.Now)
	v := &headerVerifier{
		logger:     o.Logger,
		peers:      peers,
		separator:  o.Separator,
		configured: o.Configured,
		user:       http.CanonicalHeaderKey(o.User),
		name:       http.CanonicalHeaderKey(o.Name),
		email:      http.CanonicalHeaderKey(o.Email),
		groups:     http.CanonicalHeaderKey(o.Groups),
	}
	p.verify = v.verify
	return p, nil
}

// headerVerifier reads the headers. Their names are canonical, or "" if not configured.
type headerVerifier struct {
	peers                     proxyPeers
	separator                 string
	configured                []string // groups
	user, name, email, groups string

	logger  *slog.Logger
	notUTF8 sync.Once // to log it once
}

func (p *headerVerifier) verify(r *http.Request) (operator.Operator, error) {
	values := map[string]string{}
	for _, name := range []string{p.user, p.name, p.email, p.groups} {
		if name == "" {
			continue
		}
		value, found, err := soleHeader(r.Header, name)
		if found && !p.peers.contains(r.RemoteAddr) {
			return operator.Operator{}, refuseWithDetail("a header of the sign-in comes from an untrusted address", name)
		}
		if err != nil {
			return operator.Operator{}, err
		}
		if found {
			values[name] = value
		}
	}
	if values[p.user] == "" {
		return operator.Operator{}, nil
	}
	return p.operatorFrom(values)
}

// operatorFrom returns the operator in the headers. The e-mail address counts as verified: the console trusts the proxy
// with the operator's name, so also with the address.
func (p *headerVerifier) operatorFrom(values map[string]string) (operator.Operator, error) {
	name, latin1 := readableName(values[p.name])
	if latin1 {
		p.notUTF8.Do(func() {
			p.logger.Warn("the header with the display name is not UTF-8, reading it as ISO 8859-1", "header", p.name)
		})
	}
	o := operator.Operator{Issuer: proxyIssuer, Subject: values[p.user], Name: name, Email: values[p.email]}
	o.EmailVerified = o.Email != ""
	if err := checkOperator(o); err != nil {
		return operator.Operator{}, err
	}
	if err := p.setGroups(&o, values); err != nil {
		return operator.Operator{}, err
	}
	return o, nil
}

// setGroups sets the groups in the groups header, which may be missing.
func (p *headerVerifier) setGroups(o *operator.Operator, values map[string]string) error {
	header, found := values[p.groups]
	if !found {
		o.GroupsStatus = operator.GroupsMissing
	}
	o.GroupsClaim = p.groups
	if len(header) > maxProxyHeader {
		return &Refused{Reason: "the groups header is too long"}
	}
	var groups []string
	for group := range strings.SplitSeq(header, p.separator) {
		if group = strings.Trim(group, headerSpace); group != "" {
			groups = append(groups, group)
		}
	}
	return setProxyGroups(o, groups, p.configured)
}
