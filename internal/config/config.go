// Package config reads the console's settings from the environment: one struct, checked as a whole, so that
// a wrong environment is put right in one go rather than one message at a time.
package config

import (
	"crypto/x509"
	"log/slog"
	"net/netip"
	"net/url"
	"time"
)

// Prefix is what every environment variable of the console begins with.
const Prefix = "VOXWARDEN_"

// Config is the whole configuration, checked. Its zero value is not usable; make one with Parse or Demo.
type Config struct {
	Listen  string   // host:port of the console
	Metrics string   // host:port of the metrics; "" for none
	BaseURL *url.URL // how browsers reach the console: scheme, host and perhaps a path, without a slash at its end

	CredentialsFile string         // the vendor's credentials.json; empty in a demo
	APIURL          string         // the Management API, without a trailing slash
	RootCAs         *x509.CertPool // the system's roots and those of CA_FILE; nil for the system's alone
	VendorRPS       float64        // calls a second to the vendor; 0 for the client's default

	Database   Secret   // "sqlite:<path>" or "postgres://…"; empty in a demo that was given none
	SecretKeys []Secret // seal the sessions, newest first; empty in a demo that was given none
	AuditKeys  []Secret // seal the record, newest first; empty in a demo that was given none

	Auth            string // how people sign in: "oidc", "proxy-jwt", "proxy-header"; "demo" in a demo
	OIDC            OIDC
	ProxyJWT        ProxyJWT
	ProxyHeader     ProxyHeader
	ProxySignOutURL string         // where to sign out of the proxy, a link or a path of its host; may be empty
	TrustedProxies  []netip.Prefix // whose word is taken for a browser's address; masked, never IPv4 in IPv6

	Access          Access
	PrivilegedRoles []string // the vendor's role names

	PanelLoginURL   string  // where subusers sign in, shown beside a new password; may be empty
	RequireReason   bool    // no act without a reason
	Tickets         Tickets // what in a reason is a link; none unless set
	TagDescriptions bool    // descriptions of what the console creates end in a mark

	SnapshotMaxAge time.Duration // an older listing is refreshed behind the page
	ReconcileAfter time.Duration // how long after a token's end an unanswered write counts as not done
	SessionIdle    time.Duration // a session unused for this long is over
	SessionMax     time.Duration // a session this old is over

	LogLevel  slog.Level
	LogFormat string // "json" or "text"
}

// Access says which of the sign-in's groups and people have which dashboard role. People are "issuer|subject", or
// "issuer|email:address" for whoever the issuer says has that address.
type Access struct {
	AdminGroups, EditorGroups, AuditorGroups, ViewerGroups []string
	AdminPeople, EditorPeople, AuditorPeople, ViewerPeople []string
}

// DemoGroups are the groups of the people that a demo lets one be, by dashboard role.
func DemoGroups() Access {
	return Access{
		AdminGroups:   []string{"demo-admin"},
		EditorGroups:  []string{"demo-editor"},
		AuditorGroups: []string{"demo-auditor"},
		ViewerGroups:  []string{"demo-viewer"},
	}
}
