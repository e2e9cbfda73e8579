// Package config reads the console's settings from the environment into one struct. Parse reports all problems of the
// environment at once.
package config

import (
	"crypto/x509"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"time"
)

// Prefix is the beginning of the name of every setting.
const Prefix = "VOXWARDEN_"

// Config is the validated configuration. The zero value is not usable: use Parse or Demo.
type Config struct {
	Listen  string   // host:port of the console
	Metrics string   // host:port of /metrics; "" for no metrics
	BaseURL *url.URL // address for browsers: scheme, host and an optional path without a trailing slash

	CredentialsFile string         // path of the vendor's credentials.json; empty in a demo
	APIURL          string         // address of the Management API, without a trailing slash
	RootCAs         *x509.CertPool // the system's roots and those of CA_FILE; nil for the system's only
	Proxy           Secret         // address of a proxy for connections to the outside; see ProxyFunc
	NoProxy         []string       // hosts that are reached without it
	VendorRPS       float64        // requests per second to the vendor; 0 for the client's default

	Database   Secret   // "sqlite:<path>" or "postgres://…"; empty in a demo without DATABASE_URL
	SecretKeys []Secret // encrypt the session cookies, newest first; empty in a demo without SECRET_KEY
	AuditKeys  []Secret // keys of the audit log's chain, newest first; empty in a demo without AUDIT_KEY

	Auth            string // "oidc", "proxy-jwt", "proxy-header"; "demo" in a demo
	OIDC            OIDC
	ProxyJWT        ProxyJWT
	ProxyHeader     ProxyHeader
	ProxySignOutURL string         // link or path for signing out of the proxy; may be empty
	TrustedProxies  []netip.Prefix // may set the browser's address; masked, never IPv4-mapped IPv6

	Access          Access
	PrivilegedRoles []string // role names of the vendor

	PanelLoginURL   string  // sign-in page for subusers, shown next to a new password; may be empty
	RequireReason   bool    // every change requires a reason
	Tickets         Tickets // ticket numbers in reasons and their links
	TagDescriptions bool    // descriptions of created subusers and keys end in a tag

	SnapshotMaxAge time.Duration // an older listing is refreshed in the background
	ReconcileAfter time.Duration // after its token expired, an unanswered change may still be applied for this time
	SessionIdle    time.Duration // a session ends after this time without a request
	SessionMax     time.Duration // a session ends at this age

	ShutdownDelay time.Duration // after a signal, the console reports that it is not ready and works on for this time

	LogLevel  slog.Level
	LogFormat string // "json" or "text"
	AuditCopy string // file for copies of audit events beside those in the log; "" for none

	AuditWitness string // file with the newest audit event that was seen; "" for the default of the database's engine

	unusedProxy   string    // name of a variable with a proxy that other programs would use
	valueWarnings []string  // of single settings and the files that they name; see Warnings
	weakKeys      []weakKey // see checkKeys
	secretFiles   []string  // see SecretFiles
	exposedFiles  []string
}

// Access maps groups and people to dashboard roles. People are written as "issuer|subject", or as
// "issuer|email:address" for a person with an e-mail address that the issuer has verified.
type Access struct {
	AdminGroups, EditorGroups, AuditorGroups, ViewerGroups []string
	AdminPeople, EditorPeople, AuditorPeople, ViewerPeople []string
}

// Groups returns the groups of all dashboard roles.
func (a Access) Groups() []string {
	return slices.Concat(a.AdminGroups, a.EditorGroups, a.AuditorGroups, a.ViewerGroups)
}

// DemoGroups returns the groups of the demo's operators by dashboard role.
func DemoGroups() Access {
	return Access{
		AdminGroups:   []string{"demo-admin"},
		EditorGroups:  []string{"demo-editor"},
		AuditorGroups: []string{"demo-auditor"},
		ViewerGroups:  []string{"demo-viewer"},
	}
}
