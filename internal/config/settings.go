package config

import "time"

// section is a part of the settings with a heading.
type section struct {
	title    string
	settings []Setting
}

// sections returns all settings, in the order of the documentation, which is also the order in which Parse reads them.
func sections() []section {
	return []section{
		{"Addresses, account, database and keys", serverSettings()},
		{"Sign-in", signInSettings()},
		{"Dashboard roles", accessSettings()},
		{"Behaviour, times and logs", behaviorSettings()},
	}
}

// Settings returns all settings, in the order of the documentation.
func Settings() []Setting {
	var all []Setting
	for _, section := range sections() {
		all = append(all, section.settings...)
	}
	return all
}

// serverSettings are the console's addresses, the account, the database and the keys.
func serverSettings() []Setting {
	return []Setting{
		{
			Name:    "LISTEN",
			Default: "127.0.0.1:8080",
			Text:    "Address and port on which the console listens, such as 127.0.0.1:8080, or :8080 for all addresses.",
			apply:   setListen(func(c *Config) *string { return &c.Listen }, "8080"),
		},
		{
			Name: "BASE_URL",
			Text: "Address at which browsers reach the console, such as https://voxwarden.example.com or " +
				"https://tools.example.com/voxwarden. Default: http:// and LISTEN, if that is a loopback address; otherwise " +
				"required.",
			apply: setBaseURL,
		},
		{
			Name:            "CREDENTIALS_FILE",
			Text:            "Path of the service account's credentials.json from Voximplant. Required.",
			missing:         "is missing. Set it to the path of the service account's credentials.json.",
			demoReplacement: demoAccount,
			apply:           setCredentialsFile,
		},
		{
			Name:            "API_URL",
			Default:         "https://api.voximplant.com/platform_api",
			Text:            "Address of the Management API.",
			demoReplacement: demoAccount,
			apply:           setAPIURL,
		},
		{
			Name: "CA_FILE",
			Text: "Path of a file with PEM certificates to trust in addition to the system's, for the Management API, the " +
				"OpenID Connect provider and key sets. For the database, use the parameter sslrootcert of DATABASE_URL.",
			demoReplacement: demoAccount,
			apply:           setRootCAs,
		},
		{
			Name:   "HTTPS_PROXY",
			Secret: true,
			Text: "Address of a proxy that the console connects through (CONNECT) to the Management API, the OpenID Connect " +
				"provider and key sets, such as http://proxy.example.com:3128 or http://user:password@proxy.example.com:3128. " +
				"The variable HTTPS_PROXY without the prefix is not used.",
			demoReplacement: demoAccount,
			apply:           setProxy,
		},
		{
			Name: "NO_PROXY",
			Text: "Hosts that are reached without HTTPS_PROXY, separated by commas, such as id.example.com; .example.com " +
				"stands for all hosts below it. Loopback addresses are always reached without it.",
			demoReplacement: demoAccount,
			apply:           setList(func(c *Config) *[]string { return &c.NoProxy }),
		},
		{
			Name:    "DATABASE_URL",
			Default: "sqlite:voxwarden.db",
			Secret:  true,
			Text: "Database for sessions and the audit log: sqlite: and a path, or " +
				"postgres://user:password@host:port/name?sslmode=verify-full. A socket is written as " +
				"postgres://user@/name?host=/run/postgresql. Several servers need PostgreSQL.",
			apply: setDatabase,
		},
		{
			Name:   "SECRET_KEY",
			Secret: true,
			Text: "Key that encrypts session cookies: at least 32 random characters, such as openssl rand -base64 32 prints. " +
				"Keys that are visibly not random are refused, unless BASE_URL is a loopback address. To change it without " +
				"ending sessions, set the new and the old key, separated by a comma, newest first.",
			missing: "is missing. Set it to at least 32 random characters, for instance from: openssl rand -base64 32.",
			apply:   setKeys("SECRET_KEY", func(c *Config) *[]Secret { return &c.SecretKeys }),
		},
		{
			Name:   "AUDIT_KEY",
			Secret: true,
			Text: "Key that protects the audit log against changes: at least 32 random characters, different from " +
				"SECRET_KEY. To change it, put the new key in front of the old one, separated by a comma; keep each old key " +
				"listed while the audit log has events from its time.",
			missing: "is missing. Set it to at least 32 random characters, for instance from: openssl rand -base64 32.",
			apply:   setKeys("AUDIT_KEY", func(c *Config) *[]Secret { return &c.AuditKeys }),
		},
	}
}

// accessSettings map groups and people to dashboard roles. Parse requires an admin.
func accessSettings() []Setting {
	return []Setting{
		{
			Name: "ADMIN_GROUPS",
			Text: "Groups of admins, separated by commas, such as ops,it-admins. ADMIN_GROUPS or ADMIN_PEOPLE is " +
				"required.",
			demoReplacement: demoOperators,
			apply:           setGroups(func(c *Config) *[]string { return &c.Access.AdminGroups }),
		},
		{
			Name:            "EDITOR_GROUPS",
			Text:            "Groups of editors, separated by commas.",
			demoReplacement: demoOperators,
			apply:           setGroups(func(c *Config) *[]string { return &c.Access.EditorGroups }),
		},
		{
			Name:            "AUDITOR_GROUPS",
			Text:            "Groups of auditors, separated by commas.",
			demoReplacement: demoOperators,
			apply:           setGroups(func(c *Config) *[]string { return &c.Access.AuditorGroups }),
		},
		{
			Name:            "VIEWER_GROUPS",
			Text:            "Groups of viewers, separated by commas.",
			demoReplacement: demoOperators,
			apply:           setGroups(func(c *Config) *[]string { return &c.Access.ViewerGroups }),
		},
		{
			Name: "ADMIN_PEOPLE",
			Text: "People who are admins, separated by commas. Each is the issuer, a vertical bar and the subject; instead " +
				"of the subject, email: and an e-mail address that the issuer has verified. With proxy-header the issuer is " +
				"proxy.",
			demoReplacement: demoOperators,
			apply:           setPeople(func(c *Config) *[]string { return &c.Access.AdminPeople }),
		},
		{
			Name:            "EDITOR_PEOPLE",
			Text:            "People who are editors, written as in ADMIN_PEOPLE.",
			demoReplacement: demoOperators,
			apply:           setPeople(func(c *Config) *[]string { return &c.Access.EditorPeople }),
		},
		{
			Name:            "AUDITOR_PEOPLE",
			Text:            "People who are auditors, written as in ADMIN_PEOPLE.",
			demoReplacement: demoOperators,
			apply:           setPeople(func(c *Config) *[]string { return &c.Access.AuditorPeople }),
		},
		{
			Name:            "VIEWER_PEOPLE",
			Text:            "People who are viewers, written as in ADMIN_PEOPLE.",
			demoReplacement: demoOperators,
			apply:           setPeople(func(c *Config) *[]string { return &c.Access.ViewerPeople }),
		},
		{
			Name:    "PRIVILEGED_ROLES",
			Default: "Owner, Admin",
			Text: "Names of privileged Voximplant roles, separated by commas. Only admins may grant or revoke them, or " +
				"change a subuser or key that has one.",
			apply: setList(func(c *Config) *[]string { return &c.PrivilegedRoles }),
		},
	}
}

// behaviorSettings are limits, times, links and logs.
func behaviorSettings() []Setting {
	return []Setting{
		{
			Name: "PANEL_LOGIN_URL",
			Text: "Address at which subusers sign in to Voximplant, such as https://manage.voximplant.com. Shown next to a " +
				"new password.",
			apply: setPanelURL,
		},
		{
			Name:    "REQUIRE_REASON",
			Default: "off",
			Text:    "on or off. on: every change requires a reason. off: only the grant of a privileged role does.",
			apply:   setSwitch(func(c *Config) *bool { return &c.RequireReason }),
		},
		{
			Name: "TICKET_PATTERN",
			Text: `Regular expression (Go syntax) for ticket numbers in reasons, such as \b[A-Z]+-[0-9]+\b. Every match ` +
				`becomes a link to TICKET_URL.`,
			apply: setTicketPattern,
		},
		{
			Name: "TICKET_URL",
			Text: "Address of a ticket, beginning with https://. $0 stands for the match of TICKET_PATTERN, $1 to $9 for its " +
				"groups, such as https://tickets.example.com/browse/$0.",
			apply: setTicketURL,
		},
		{
			Name:    "DESCRIPTION_TAGS",
			Default: "on",
			Text: "on or off. on: descriptions of subusers and keys that the console creates end in a tag. If the response " +
				"to a create is lost, the tag proves whether it was applied.",
			apply: setSwitch(func(c *Config) *bool { return &c.TagDescriptions }),
		},
		{
			Name:    "SNAPSHOT_MAX_AGE",
			Default: "5m",
			Text:    "Age at which a cached listing of the account is refreshed in the background, such as 90s or 5m.",
			apply:   setDuration(func(c *Config) *time.Duration { return &c.SnapshotMaxAge }),
		},
		{
			Name:    "SETTLE_AFTER",
			Default: "5m",
			Text:    "An unanswered change counts as possibly applied until this long after its token expired, such as 5m.",
			apply:   setDuration(func(c *Config) *time.Duration { return &c.ReconcileAfter }),
		},
		{
			Name: "VENDOR_RPS",
			Text: "Maximum requests per second to the Management API, above 0 and up to 1000. Default: 10. Halved while " +
				"the API reports too many requests.",
			apply: setRate,
		},
		{
			Name:    "SESSION_IDLE",
			Default: "30m",
			Text:    "A session ends after this time without a request, such as 30m, or up to a minute earlier.",
			apply:   setDuration(func(c *Config) *time.Duration { return &c.SessionIdle }),
		},
		{
			Name:    "SESSION_MAX",
			Default: "10h",
			Text:    "A session ends at this age, such as 10h. At least SESSION_IDLE.",
			apply:   setDuration(func(c *Config) *time.Duration { return &c.SessionMax }),
		},
		{
			Name:    "SHUTDOWN_DELAY",
			Default: "5s",
			Text: "After a signal to stop, /readyz reports that the console is not ready, and the console works on for this " +
				"time, so that balancers stop sending requests to it: such as 5s, or 0s. Default with -demo: 0s.",
			apply: setDelay,
		},
		{
			Name: "METRICS_LISTEN",
			Text: "Address and port of /metrics for Prometheus, such as 127.0.0.1:9090. It has no sign-in: every client that " +
				"can connect can read the metrics. Default: no metrics.",
			apply: setListen(func(c *Config) *string { return &c.Metrics }, "9090"),
		},
		{
			Name:    "LOG_LEVEL",
			Default: "info",
			Text:    "Least severe messages in the log: debug, info, warn or error.",
			apply:   setLogLevel,
		},
		{
			Name:    "LOG_FORMAT",
			Default: "json",
			Text:    "Format of the log: json or text.",
			apply:   setLogFormat,
		},
		{
			Name: "AUDIT_COPY",
			Text: "Path of a file to which copies of audit events are appended, in addition to those in the log, such as " +
				"/var/log/voxwarden/audit.jsonl. It is opened again after it was moved. Default: none.",
			apply: setWrittenFile(func(c *Config) *string { return &c.AuditCopy }, "/var/log/voxwarden/audit.jsonl"),
		},
		{
			Name: "AUDIT_WITNESS",
			Text: "Path of a file in which the server keeps the newest audit event that it has seen, to notice an audit log " +
				"that goes backwards, such as /var/lib/voxwarden/witness. Each server needs its own. Default: beside the SQLite " +
				"database, with -witness at the end of its name; none with PostgreSQL.",
			demoReplacement: "no witness",
			apply:           setWrittenFile(func(c *Config) *string { return &c.AuditWitness }, "/var/lib/voxwarden/witness"),
		},
	}
}
