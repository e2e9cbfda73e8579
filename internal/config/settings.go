package config

import "time"

// Setting is one environment variable, as the README's table shows it.
type Setting struct {
	Name    string // without the prefix
	Default string // empty when there is none
	Text    string // what it is, for people
	Secret  bool   // may be given as a file instead: the name with _FILE at its end holds the path
	apply   func(*Config, string) error
}

// Settings is every setting there is, in the order in which to read about them.
func Settings() []Setting {
	return []Setting{
		{Name: "LISTEN", Default: "127.0.0.1:8080", Text: "Address and port the console listens on.", apply: setListen},
		{Name: "BASE_URL", Text: "How browsers reach the console, such as https://voxwarden.example.com. Without it, http:// and LISTEN, which must then be a loopback address.", apply: setBaseURL},
		{Name: "CREDENTIALS_FILE", Text: "Path of the service account's credentials.json, as Voximplant hands it out.", apply: setText(func(c *Config) *string { return &c.CredentialsFile })},
		{Name: "API_URL", Default: "https://api.voximplant.com/platform_api", Text: "The Management API.", apply: setAPIURL},
		{Name: "CA_FILE", Text: "Path of PEM certificates to trust beside the system's, for the Management API.", apply: setRootCAs},
		{Name: "DATABASE_URL", Default: "sqlite:voxwarden.db", Secret: true, Text: "Where sessions and the record are kept: sqlite: and a path.", apply: setDatabase},
		{Name: "SECRET_KEY", Secret: true, Text: "Seals the sessions: at least 32 random characters. Several, newest first, separated by commas, while changing it.", apply: setSecretKeys},
		{Name: "ADMIN_GROUPS", Text: "Groups whose members are admins, separated by commas.", apply: setList(func(c *Config) *[]string { return &c.Access.AdminGroups })},
		{Name: "EDITOR_GROUPS", Text: "The same for editors.", apply: setList(func(c *Config) *[]string { return &c.Access.EditorGroups })},
		{Name: "AUDITOR_GROUPS", Text: "The same for auditors.", apply: setList(func(c *Config) *[]string { return &c.Access.AuditorGroups })},
		{Name: "VIEWER_GROUPS", Text: "The same for viewers.", apply: setList(func(c *Config) *[]string { return &c.Access.ViewerGroups })},
		{Name: "ADMIN_PEOPLE", Text: "People who are admins, each as issuer|subject, separated by commas.", apply: setPeople(func(c *Config) *[]string { return &c.Access.AdminPeople })},
		{Name: "EDITOR_PEOPLE", Text: "The same for editors.", apply: setPeople(func(c *Config) *[]string { return &c.Access.EditorPeople })},
		{Name: "AUDITOR_PEOPLE", Text: "The same for auditors.", apply: setPeople(func(c *Config) *[]string { return &c.Access.AuditorPeople })},
		{Name: "VIEWER_PEOPLE", Text: "The same for viewers.", apply: setPeople(func(c *Config) *[]string { return &c.Access.ViewerPeople })},
		{Name: "PRIVILEGED_ROLES", Default: "Owner, Admin", Text: "Voximplant roles that only admins may grant, revoke or act upon, separated by commas.", apply: setList(func(c *Config) *[]string { return &c.PrivilegedRoles })},
		{Name: "PANEL_LOGIN_URL", Text: "The address at which subusers sign in to Voximplant; shown beside a new password.", apply: setPanelURL},
		{Name: "REQUIRE_REASON", Default: "off", Text: "on: nobody changes anything without writing why.", apply: setSwitch(func(c *Config) *bool { return &c.RequireReason })},
		{Name: "DESCRIPTION_TAGS", Default: "on", Text: "on: the description of what the console creates ends in a mark, by which a create whose answer was lost can be proven.", apply: setSwitch(func(c *Config) *bool { return &c.MarkCreated })},
		{Name: "SNAPSHOT_MAX_AGE", Default: "5m", Text: "A listing older than this is refreshed behind the page.", apply: setDuration(func(c *Config) *time.Duration { return &c.SnapshotMaxAge })},
		{Name: "SETTLE_AFTER", Default: "5m", Text: "How long after the end of its token a change without an answer may still happen.", apply: setDuration(func(c *Config) *time.Duration { return &c.SettleAfter })},
		{Name: "VENDOR_RPS", Text: "The most calls a second to the Management API; halved while it says that there are too many.", apply: setRate},
		{Name: "SESSION_IDLE", Default: "30m", Text: "Sign in again after this long without a click.", apply: setDuration(func(c *Config) *time.Duration { return &c.SessionIdle })},
		{Name: "SESSION_MAX", Default: "10h", Text: "Sign in again after this long, whatever happened.", apply: setDuration(func(c *Config) *time.Duration { return &c.SessionMax })},
		{Name: "LOG_LEVEL", Default: "info", Text: "debug, info, warn or error.", apply: setLogLevel},
		{Name: "LOG_FORMAT", Default: "json", Text: "json or text.", apply: setLogFormat},
	}
}
