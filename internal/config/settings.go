package config

import (
	"slices"
	"time"
)

// Settings is every setting there is, in the order in which to read about them and in which they are read.
func Settings() []Setting {
	return slices.Concat(serverSettings(), signInSettings(), accessSettings(), behaviorSettings())
}

// serverSettings say where the console is, and what it works on.
func serverSettings() []Setting {
	return []Setting{
		{
			Name:    "LISTEN",
			Default: "127.0.0.1:8080",
			Text:    "Address and port the console listens on.",
			apply:   setListen(func(c *Config) *string { return &c.Listen }, "8080"),
		},
		{
			Name: "BASE_URL",
			Text: "How browsers reach the console, such as https://voxwarden.example.com or " +
				"https://tools.example.com/voxwarden. Without it, http:// and LISTEN, which must then be a loopback address.",
			apply: setBaseURL,
		},
		{
			Name:            "CREDENTIALS_FILE",
			Text:            "Path of the service account's credentials.json, as Voximplant hands it out.",
			missing:         "is missing. Set it to the path of the service account's credentials.json.",
			demoReplacement: demoAccount,
			apply:           setCredentialsFile,
		},
		{
			Name:            "API_URL",
			Default:         "https://api.voximplant.com/platform_api",
			Text:            "The Management API.",
			demoReplacement: demoAccount,
			apply:           setAPIURL,
		},
		{
			Name: "CA_FILE",
			Text: "Path of PEM certificates to trust beside the system's, for the Management API, the sign-in service and " +
				"the key sets.",
			demoReplacement: demoAccount,
			apply:           setRootCAs,
		},
		{
			Name:    "DATABASE_URL",
			Default: "sqlite:voxwarden.db",
			Secret:  true,
			Text: "Where sessions and the record are kept: sqlite: and a path, or for several servers " +
				"postgres://user:password@host:port/name?sslmode=verify-full.",
			apply: setDatabase,
		},
		{
			Name:   "SECRET_KEY",
			Secret: true,
			Text: "Seals the sessions: at least 32 random characters. Several, newest first, separated by commas, while " +
				"changing it.",
			missing: "is missing. Set it to at least 32 random characters, for instance from: openssl rand -base64 32.",
			apply:   setKeys(func(c *Config) *[]Secret { return &c.SecretKeys }),
		},
		{
			Name:   "AUDIT_KEY",
			Secret: true,
			Text: "Seals the record: at least 32 random characters, other than SECRET_KEY. Several, newest first, " +
				"separated by commas: a key that sealed events stays listed as long as they are kept.",
			missing: "is missing. Set it to at least 32 random characters, for instance from: openssl rand -base64 32.",
			apply:   setKeys(func(c *Config) *[]Secret { return &c.AuditKeys }),
		},
	}
}

// accessSettings say who may do what. Parse wants an admin.
func accessSettings() []Setting {
	return []Setting{
		{
			Name:            "ADMIN_GROUPS",
			Text:            "Groups whose members are admins, separated by commas.",
			demoReplacement: demoOperators,
			apply:           setGroups(func(c *Config) *[]string { return &c.Access.AdminGroups }),
		},
		{
			Name:            "EDITOR_GROUPS",
			Text:            "The same for editors.",
			demoReplacement: demoOperators,
			apply:           setGroups(func(c *Config) *[]string { return &c.Access.EditorGroups }),
		},
		{
			Name:            "AUDITOR_GROUPS",
			Text:            "The same for auditors.",
			demoReplacement: demoOperators,
			apply:           setGroups(func(c *Config) *[]string { return &c.Access.AuditorGroups }),
		},
		{
			Name:            "VIEWER_GROUPS",
			Text:            "The same for viewers.",
			demoReplacement: demoOperators,
			apply:           setGroups(func(c *Config) *[]string { return &c.Access.ViewerGroups }),
		},
		{
			Name: "ADMIN_PEOPLE",
			Text: "People who are admins, separated by commas: each the issuer, a vertical bar and the subject, or instead " +
				"of the subject email: and an address that the issuer has verified. The issuer of plain headers is proxy.",
			demoReplacement: demoOperators,
			apply:           setPeople(func(c *Config) *[]string { return &c.Access.AdminPeople }),
		},
		{
			Name:            "EDITOR_PEOPLE",
			Text:            "The same for editors.",
			demoReplacement: demoOperators,
			apply:           setPeople(func(c *Config) *[]string { return &c.Access.EditorPeople }),
		},
		{
			Name:            "AUDITOR_PEOPLE",
			Text:            "The same for auditors.",
			demoReplacement: demoOperators,
			apply:           setPeople(func(c *Config) *[]string { return &c.Access.AuditorPeople }),
		},
		{
			Name:            "VIEWER_PEOPLE",
			Text:            "The same for viewers.",
			demoReplacement: demoOperators,
			apply:           setPeople(func(c *Config) *[]string { return &c.Access.ViewerPeople }),
		},
		{
			Name:    "PRIVILEGED_ROLES",
			Default: "Owner, Admin",
			Text:    "Voximplant roles that only admins may grant, revoke or act upon, separated by commas.",
			apply:   setList(func(c *Config) *[]string { return &c.PrivilegedRoles }),
		},
	}
}

// behaviorSettings say how the console goes about its work.
func behaviorSettings() []Setting {
	return []Setting{
		{
			Name:  "PANEL_LOGIN_URL",
			Text:  "The address at which subusers sign in to Voximplant; shown beside a new password.",
			apply: setPanelURL,
		},
		{
			Name:    "REQUIRE_REASON",
			Default: "off",
			Text:    "on: nobody changes anything without writing why.",
			apply:   setSwitch(func(c *Config) *bool { return &c.RequireReason }),
		},
		{
			Name: "TICKET_PATTERN",
			Text: `What a ticket looks like in a reason, as a regular expression of Go, such as \b[A-Z]+-[0-9]+\b. ` +
				`Whatever matches becomes a link to TICKET_URL.`,
			apply: setTicketPattern,
		},
		{
			Name: "TICKET_URL",
			Text: "Where a ticket is: a link that begins with https://, in which $0 is what TICKET_PATTERN matched and $1 " +
				"to $9 are its groups.",
			apply: setTicketURL,
		},
		{
			Name:    "DESCRIPTION_TAGS",
			Default: "on",
			Text: "on: the description of what the console creates ends in a mark, by which a create whose answer was " +
				"lost can be proven.",
			apply: setSwitch(func(c *Config) *bool { return &c.TagDescriptions }),
		},
		{
			Name:    "SNAPSHOT_MAX_AGE",
			Default: "5m",
			Text:    "A listing older than this is refreshed behind the page.",
			apply:   setDuration(func(c *Config) *time.Duration { return &c.SnapshotMaxAge }),
		},
		{
			Name:    "SETTLE_AFTER",
			Default: "5m",
			Text:    "How long after the end of its token a change without an answer may still happen.",
			apply:   setDuration(func(c *Config) *time.Duration { return &c.ReconcileAfter }),
		},
		{
			Name:  "VENDOR_RPS",
			Text:  "The most calls a second to the Management API; halved while it says that there are too many.",
			apply: setRate,
		},
		{
			Name:    "SESSION_IDLE",
			Default: "30m",
			Text:    "Sign in again after this long without a click.",
			apply:   setDuration(func(c *Config) *time.Duration { return &c.SessionIdle }),
		},
		{
			Name:    "SESSION_MAX",
			Default: "10h",
			Text:    "Sign in again after this long, whatever happened.",
			apply:   setDuration(func(c *Config) *time.Duration { return &c.SessionMax }),
		},
		{
			Name: "METRICS_LISTEN",
			Text: "Address and port of /metrics for Prometheus, such as 127.0.0.1:9090; whoever reaches it may read them. " +
				"Without it there are none.",
			apply: setListen(func(c *Config) *string { return &c.Metrics }, "9090"),
		},
		{Name: "LOG_LEVEL", Default: "info", Text: "debug, info, warn or error.", apply: setLogLevel},
		{Name: "LOG_FORMAT", Default: "json", Text: "json or text.", apply: setLogFormat},
	}
}
