package config_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

// invalidEnvironment is an environment with one problem. Its lines are added to a valid environment.
type invalidEnvironment struct {
	name  string
	lines string // without the prefix, separated by spaces; a name without = removes the variable
	want  string // required beginning of the problem, with the variable's name
}

// environ applies the lines to a valid environment. Two underscores in a value stand for a space.
func (w invalidEnvironment) environ(valid []string) []string {
	for line := range strings.FieldsSeq(w.lines) {
		name, value, set := strings.Cut(line, "=")
		valid = without(valid, name)
		if set {
			valid = append(valid, config.Prefix+name+"="+strings.ReplaceAll(value, "__", " "))
		}
	}
	return valid
}

// pasteable matches a sentence that ends in a command: a full stop behind it would be pasted too.
var pasteable = regexp.MustCompile(`: (chmod|chown) \S+ /\S*[^.]$`)

// wantOneProblem requires exactly one problem: the wanted sentence, without a secret.
func (w invalidEnvironment) wantOneProblem(t *testing.T, valid []string) {
	t.Helper()
	_, err := config.Parse(w.environ(valid))
	problems, ok := errors.AsType[*config.Problems](err)
	if !ok || len(problems.Sentences) != 1 {
		t.Fatalf("got %v, want one problem", err)
	}
	sentence := problems.Sentences[0]
	if !strings.HasPrefix(sentence, config.Prefix+w.want[:strings.IndexByte(w.want, ' ')+1]) ||
		!strings.Contains(sentence, w.want) ||
		!strings.HasSuffix(sentence, ".") && !pasteable.MatchString(sentence) {
		t.Errorf("got %q, want it to say %q", sentence, w.want)
	}
	if strings.Contains(sentence, "hunter2") {
		t.Errorf("the problem quotes a secret: %s", sentence)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	const published = "BASE_URL=https://voxwarden.example.com "
	empty, writable := writeFile(t, "\n", 0o600), writeFile(t, key, 0o666)
	for _, tc := range []invalidEnvironment{
		{"port of a setting that there is not", "LISTEN_PORT=8080", "LISTEN_PORT is not a setting of this version"},
		{"port alone", "PORT=8080", "PORT is not a setting of this version"},
		{"service name alone", "SERVICE_NAME=voxwarden", "SERVICE_NAME is not a setting of this version"},
		{"misspelt setting", "LISTNE=x", "LISTNE is not a setting of this version. Check the spelling"},
		{"file for a setting that is not a secret", "LISTEN_FILE=x", "LISTEN_FILE is not a setting"},
		{"LISTEN without a port", "LISTEN=127.0.0.1", "LISTEN must be an address and a port"},
		{"LISTEN with a port over 65535", "LISTEN=127.0.0.1:99999", "LISTEN must end in a port number"},
		{
			"METRICS_LISTEN without a port",
			"METRICS_LISTEN=127.0.0.1",
			"METRICS_LISTEN must be an address and a port, such as 127.0.0.1:9090",
		},
		{
			"METRICS_LISTEN equal to LISTEN",
			"METRICS_LISTEN=127.0.0.1:8080",
			"METRICS_LISTEN is the same address as VOXWARDEN_LISTEN",
		},
		{
			"LISTEN on all addresses without BASE_URL",
			"LISTEN=:8080",
			"BASE_URL is missing. Set it to the address at which browsers reach the console",
		},
		{"base url relative", "BASE_URL=voxwarden", "BASE_URL must be an address such as"},
		{"base url with user", "BASE_URL=https://a:hunter2@voxwarden.example.com", "BASE_URL must be an address such as"},
		{"base url with query", "BASE_URL=https://voxwarden.example.com?x=1", "BASE_URL must be an address such as"},
		{"base url with empty query", "BASE_URL=https://voxwarden.example.com?", "BASE_URL must be an address such as"},
		{"base url with fragment", "BASE_URL=https://voxwarden.example.com#top", "BASE_URL must be an address such as"},
		{"base url with a wildcard", "BASE_URL=https://*.example.com", "BASE_URL must be an address such as"},
		{"base url with port 0", "BASE_URL=https://voxwarden.example.com:0", "BASE_URL must be an address such as"},
		{"base url without the port", "BASE_URL=https://voxwarden.example.com:", "BASE_URL must be an address such as"},
		{"base url in another script", "BASE_URL=https://вокс.example.com", "BASE_URL must be an address such as"},
		{"base url with plain http", "BASE_URL=http://voxwarden.example.com", "BASE_URL must begin with https://"},
		{"base url with dots", "BASE_URL=https://example.com/a/../b", "BASE_URL has a path with unsupported characters"},
		{"base url with one dot", "BASE_URL=https://example.com/./b", "BASE_URL has a path with unsupported characters"},
		{"base url with two slashes", "BASE_URL=https://example.com/a//b", "BASE_URL has a path with unsupported characters"},
		{
			"base url that ends in two slashes",
			"BASE_URL=https://example.com//",
			"BASE_URL has a path with unsupported characters",
		},
		{"base url with an escape", "BASE_URL=https://example.com/%2e%2e", "BASE_URL has a path with unsupported characters"},
		{
			"base url with an escaped letter",
			"BASE_URL=https://example.com/%41",
			"BASE_URL has a path with unsupported characters",
		},
		{
			"base url with two dots in its host",
			"BASE_URL=https://voxwarden..example.com",
			"BASE_URL must be an address such as",
		},
		{"base url in a zone", "BASE_URL=http://[::1%25lo]:8080", "BASE_URL must be an address such as"},
		{"base url with a semicolon", "BASE_URL=https://example.com/a;b", "BASE_URL has a path with unsupported characters"},
		{"base url with a space", "BASE_URL=https://example.com/a__b", "BASE_URL has a path with unsupported characters"},
		{"no credentials", "CREDENTIALS_FILE", "CREDENTIALS_FILE is missing. Set it to the path"},
		{
			"credentials file missing",
			"CREDENTIALS_FILE=/nowhere/x",
			"CREDENTIALS_FILE names a file that cannot be read: no such file",
		},
		{
			"credentials instead of their path",
			`CREDENTIALS_FILE={"private_key":"hunter2"}`,
			"CREDENTIALS_FILE names a file that cannot be read",
		},
		{
			"credentials path of a directory",
			"CREDENTIALS_FILE=/",
			"CREDENTIALS_FILE names something that is not a regular file",
		},
		{"credentials empty", "CREDENTIALS_FILE=" + empty, "CREDENTIALS_FILE names an empty file"},
		{
			"credentials large",
			"CREDENTIALS_FILE=" + writeFile(t, strings.Repeat("x", 64<<10), 0o600),
			"CREDENTIALS_FILE names a file that is too large",
		},
		{
			"credentials writable by all",
			"CREDENTIALS_FILE=" + writable,
			"CREDENTIALS_FILE names a file that users other than its owner can write",
		},
		{
			"credentials writable by the group",
			"CREDENTIALS_FILE=" + writeFile(t, "{}", 0o620),
			"CREDENTIALS_FILE names a file that users other than its owner can write",
		},
		{"api url with plain http", "API_URL=http://api.example.com", "API_URL must begin with https://"},
		{"api url with query", "API_URL=https://api.example.com?x=1", "API_URL must be an address"},
		{"proxy without a scheme", "HTTPS_PROXY=u:hunter2@proxy:3128", "HTTPS_PROXY must be the address of a proxy, such as"},
		{"proxy with SOCKS", "HTTPS_PROXY=socks5://u:hunter2@proxy:1080", "HTTPS_PROXY must be the address of a proxy"},
		{"proxy with a path", "HTTPS_PROXY=http://u:hunter2@proxy:3128/x", "HTTPS_PROXY must be the address of a proxy"},
		{"proxy that is an example", "HTTPS_PROXY=http://u:changeme@proxy:3128", "HTTPS_PROXY contains the password of an"},
		{"exceptions without a proxy", "NO_PROXY=id.example.com", "NO_PROXY has no effect without VOXWARDEN_HTTPS_PROXY"},
		{"commas without a host", "HTTPS_PROXY=http://proxy:3128 NO_PROXY=,", "NO_PROXY is empty"},
		{"ca missing", "CA_FILE=/nowhere/ca.pem", "CA_FILE names a file that cannot be read"},
		{"ca not pem", "CA_FILE=" + empty, "CA_FILE names a file without a PEM certificate"},
		{"postgres without its slashes", "DATABASE_URL=postgres:u:hunter2@db/x", "DATABASE_URL must begin with postgres://"},
		{"postgres with one slash", "DATABASE_URL=postgres:/u:hunter2@db/x", "DATABASE_URL must begin with postgres://"},
		{
			"postgres with a stray percent",
			"DATABASE_URL=postgres://u:hunter2%@db/x",
			"DATABASE_URL is not a valid address. Write every character",
		},
		{
			"postgres with a stray slash",
			"DATABASE_URL=postgres://u:hunter2/@db/x",
			"DATABASE_URL is not a valid address. Write every character",
		},
		{"postgres with a stray #", "DATABASE_URL=postgres://u:12#hunter2@db/x", "DATABASE_URL contains a #"},
		{
			"postgres with the password of the documentation",
			"DATABASE_URL=postgres://u:PASSWORD@db/x",
			"DATABASE_URL contains the password of an example",
		},
		{
			"postgres with an example as the password",
			"DATABASE_URL=postgres://u:change-me@db/x",
			"DATABASE_URL contains the password of an example",
		},
		{"postgres without a name", "DATABASE_URL=postgres://u:hunter2@db:5432/", "DATABASE_URL has no database name"},
		{"postgres without a host", "DATABASE_URL=postgres://u:hunter2@/x", "DATABASE_URL has no host"},
		{"postgres with port 0", "DATABASE_URL=postgres://u:hunter2@db:0/x", "DATABASE_URL must have a port number"},
		{"postgres with a high port", "DATABASE_URL=postgres://u:hunter2@db:65536/x", "DATABASE_URL must have a port number"},
		{
			"postgres with a socket folder that is not escaped",
			"DATABASE_URL=postgres://u:hunter2@/run/postgresql/x",
			"DATABASE_URL has no host. For a socket, write its folder after the name",
		},
		{
			"sqlite with options",
			"DATABASE_URL=sqlite:/data/voxwarden.db?_pragma=synchronous(0)",
			"DATABASE_URL contains a ?. A SQLite database has no options: write only sqlite: and the path",
		},
		{"sqlite with empty options", "DATABASE_URL=sqlite:voxwarden.db?", "DATABASE_URL contains a ?."},
		{"sqlite in memory", "DATABASE_URL=sqlite::memory:", "DATABASE_URL must name a file"},
		{"sqlite with the path of a URL", "DATABASE_URL=sqlite:file:voxwarden.db", "DATABASE_URL must name a file"},
		{"database without a scheme", "DATABASE_URL=hunter2.db", "DATABASE_URL must be sqlite:"},
		{"no secret key", "SECRET_KEY", "SECRET_KEY is missing. Set it to at least 32"},
		{"no folder for copies", "AUDIT_COPY=/nowhere/a.jsonl", "AUDIT_COPY must be the path of a file in a folder"},
		{"folder as a copy", "AUDIT_COPY=/tmp", "AUDIT_COPY must be the path of a file, such as"},
		{"device as a copy", "AUDIT_COPY=/dev/null", "AUDIT_COPY must be the path of a file, such as"},
		{"address as a copy", "AUDIT_COPY=udp://127.0.0.1:514", "AUDIT_COPY must be the path of a file in a folder"},
		{"no audit key", "AUDIT_KEY", "AUDIT_KEY is missing. Set it to at least 32"},
		{"short audit key", "AUDIT_KEY=hunter2", "AUDIT_KEY contains a key with fewer than 32"},
		{"short key", "SECRET_KEY=hunter2", "SECRET_KEY contains a key with fewer than 32"},
		{"one of two keys short", "SECRET_KEY=" + key + ",hunter2", "SECRET_KEY contains a key with fewer than 32"},
		{
			"key of one character",
			published + "SECRET_KEY=" + strings.Repeat("s", 40),
			"SECRET_KEY contains a key that is not random: it has fewer than 8 different characters. Create a new one",
		},
		{
			"audit key of one character",
			published + "AUDIT_KEY=" + strings.Repeat("0", 64),
			"AUDIT_KEY contains a key that is not random",
		},
		{
			"second key of one character",
			published + "SECRET_KEY=" + key + "," + strings.Repeat("s", 40),
			"SECRET_KEY contains a key that is not random: it has fewer than 8",
		},
		{
			"key of two characters",
			published + "SECRET_KEY=" + strings.Repeat("ab", 20),
			"SECRET_KEY contains a key that is not random",
		},
		{
			"key of spaces",
			published + "SECRET_KEY=a" + strings.Repeat("__", 40) + "b",
			"SECRET_KEY contains a key that is not random",
		},
		{
			"key that repeats a text",
			published + "SECRET_KEY=" + strings.Repeat("voxwarden-1", 4),
			"SECRET_KEY contains a key that is not random: it repeats a shorter text",
		},
		{
			"key that repeats a text, cut off",
			published + "SECRET_KEY=" + strings.Repeat("correct-horse", 3)[:35],
			"SECRET_KEY contains a key that is not random: it repeats a shorter text",
		},
		{
			"key of the alphabet",
			published + "AUDIT_KEY=abcdefghijklmnopqrstuvwxyz0123456789",
			"AUDIT_KEY contains a key that is not random: its characters are in order",
		},
		{
			"key of digits in order",
			published + "SECRET_KEY=12345678901234567890123456789012345",
			"SECRET_KEY contains a key that is not random",
		},
		{
			"key with a placeholder",
			published + "SECRET_KEY=please-Change_me-before-you-use-it-0123",
			"SECRET_KEY contains a key that is not random: it is an example",
		},
		{
			"key that is the command of our documentation",
			published + "AUDIT_KEY=openssl__rand__-base64__32__gives__a__key",
			"AUDIT_KEY contains a key that is not random: it is an example",
		},
		{
			"audit key that is a secret key",
			"SECRET_KEY=" + auditKey + "," + key,
			"AUDIT_KEY contains a key of VOXWARDEN_SECRET_KEY. Create another one",
		},
		{"no key", "SECRET_KEY=,", "SECRET_KEY contains no key"},
		{"key and file", "SECRET_KEY_FILE=" + empty, "SECRET_KEY and VOXWARDEN_SECRET_KEY_FILE are both set"},
		{
			"key instead of its path",
			"SECRET_KEY SECRET_KEY_FILE=hunter2",
			"SECRET_KEY_FILE names a file that cannot be read",
		},
		{"empty file", "DATABASE_URL_FILE=" + empty, "DATABASE_URL_FILE names an empty file"},
		{"missing file", "DATABASE_URL_FILE=/nowhere/x", "DATABASE_URL_FILE names a file that cannot be read: no such file"},
		{
			"secret file writable by all",
			"SECRET_KEY SECRET_KEY_FILE=" + writable,
			"SECRET_KEY_FILE names a file that users other than its owner can write",
		},
		{
			"secret file that never ends",
			"SECRET_KEY SECRET_KEY_FILE=/dev/zero",
			"SECRET_KEY_FILE names something that is not a regular file",
		},
		{"no admin", "ADMIN_GROUPS", "ADMIN_GROUPS and VOXWARDEN_ADMIN_PEOPLE are both missing"},
		{"commas without a group", "ADMIN_GROUPS=,", "ADMIN_GROUPS is empty"},
		{
			"distinguished name",
			"ADMIN_GROUPS=cn=ops,ou=groups,dc=example,dc=com",
			`ADMIN_GROUPS contains "cn=ops", a part of an LDAP distinguished name`,
		},
		{"end of a distinguished name", "EDITOR_GROUPS=staff,DC=com", `EDITOR_GROUPS contains "DC=com", a part`},
		{"commas without a person", "ADMIN_PEOPLE=,", "ADMIN_PEOPLE is empty"},
		{"person without issuer", "ADMIN_PEOPLE=anna@example.com", "ADMIN_PEOPLE must contain people as issuer|subject"},
		{
			"person without subject",
			"EDITOR_PEOPLE=https://id.example.com|",
			"EDITOR_PEOPLE must contain people as issuer|subject",
		},
		{
			"person of another issuer",
			"ADMIN_PEOPLE=https://id.example.com/|anna",
			`ADMIN_PEOPLE contains a person with the issuer "https://id.example.com/", but the issuer of all operators is ` +
				`"https://id.example.com"`,
		},
		{
			"person with an invalid e-mail address",
			"VIEWER_PEOPLE=https://id.example.com|email:anna",
			`VIEWER_PEOPLE contains "anna", which is not an e-mail address`,
		},
		{
			"person with two @",
			"VIEWER_PEOPLE=https://id.example.com|email:anna@example.com@evil.example",
			"VIEWER_PEOPLE contains ",
		},
		{
			"person with a space in the e-mail address",
			"VIEWER_PEOPLE=https://id.example.com|email:anna@exa__mple.com",
			"VIEWER_PEOPLE contains ",
		},
		{"commas without a privileged role", "PRIVILEGED_ROLES=,", "PRIVILEGED_ROLES is empty"},
		{"switch with another word", "REQUIRE_REASON=perhaps", "REQUIRE_REASON must be on or off"},
		{"duration without a unit", "SESSION_IDLE=30", "SESSION_IDLE must be a time"},
		{"negative duration", "SETTLE_AFTER=-5m", "SETTLE_AFTER must be a time"},
		{"duration of zero", "SESSION_MAX=0", "SESSION_MAX must be a time"},
		{"negative delay", "SHUTDOWN_DELAY=-1s", "SHUTDOWN_DELAY must be a time such as 5s, or 0s."},
		{"delay without a unit", "SHUTDOWN_DELAY=5", "SHUTDOWN_DELAY must be a time such as 5s, or 0s."},
		{"SESSION_IDLE longer than SESSION_MAX", "SESSION_MAX=5m", "SESSION_MAX is shorter"},
		{"rate not a number", "VENDOR_RPS=NaN", "VENDOR_RPS must be a number of requests per second"},
		{"rate zero", "VENDOR_RPS=0", "VENDOR_RPS must be a number of requests per second"},
		{"level", "LOG_LEVEL=loud", "LOG_LEVEL must be debug"},
		{"format", "LOG_FORMAT=xml", "LOG_FORMAT must be json or text"},
		{"panel", "PANEL_LOGIN_URL=javascript:alert(1)", "PANEL_LOGIN_URL must be a link"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.wantOneProblem(t, minimalEnviron(t))
		})
	}
}

// TestProblemsOfSignIn checks single problems of each sign-in method.
func TestProblemsOfSignIn(t *testing.T) {
	t.Parallel()
	keys := writeFile(t, `{"keys":[{"kty":"EC"}]}`, 0o600)
	for method, cases := range map[string][]invalidEnvironment{
		"oidc": {
			{
				"no method",
				"AUTH OIDC_ISSUER OIDC_CLIENT_ID OIDC_CLIENT_SECRET",
				"AUTH is missing. Set it to how people sign in: oidc, proxy-jwt or proxy-header. To try the console without " +
					"sign-in, start it with -demo.",
			},
			{"no method, but its settings", "AUTH", "AUTH is missing."},
			{"method of the demo", "AUTH=demo", "AUTH must be oidc, proxy-jwt or proxy-header"},
			{"upper case", "AUTH=OIDC", "AUTH must be oidc, proxy-jwt or proxy-header"},
			{"no issuer", "OIDC_ISSUER", "OIDC_ISSUER is missing. Set it to the provider's issuer"},
			{
				"discovery document",
				"OIDC_ISSUER=https://id.example.com/.well-known/openid-configuration",
				"OIDC_ISSUER is the address of the discovery document. Remove",
			},
			{"issuer with plain http", "OIDC_ISSUER=http://id.example.com", "OIDC_ISSUER must begin with https://"},
			{"issuer without https", "OIDC_ISSUER=id.example.com", "OIDC_ISSUER must be the provider's issuer"},
			{"issuer with query", "OIDC_ISSUER=https://id.example.com?tenant=1", "OIDC_ISSUER must be the provider's issuer"},
			{"no client", "OIDC_CLIENT_ID", "OIDC_CLIENT_ID is missing. Register the console"},
			{"client with a space", "OIDC_CLIENT_ID=a__b", "OIDC_CLIENT_ID contains a space"},
			{"no client secret", "OIDC_CLIENT_SECRET", "OIDC_CLIENT_SECRET is missing. Register the console"},
			{
				"client secret that is an example",
				"OIDC_CLIENT_SECRET=changeme",
				"OIDC_CLIENT_SECRET is an example. Set it to the client secret from the provider.",
			},
			{"blank client secret", "OIDC_CLIENT_SECRET=__", "OIDC_CLIENT_SECRET is blank"},
			{
				"client secret twice",
				"OIDC_CLIENT_SECRET=hunter2 OIDC_CLIENT_SECRET_FILE=" + keys,
				"OIDC_CLIENT_SECRET and VOXWARDEN_OIDC_CLIENT_SECRET_FILE are both set",
			},
			{"scopes without openid", "OIDC_SCOPES=profile__email", "OIDC_SCOPES must contain openid"},
			{
				"scopes with commas",
				"OIDC_SCOPES=openid,email",
				"OIDC_SCOPES must contain openid. Write the scopes separated by spaces",
			},
			{"groups claim", "OIDC_GROUPS_CLAIM=my__groups", "OIDC_GROUPS_CLAIM contains a space"},
			{"switch", "OIDC_REAUTHENTICATE=never", "OIDC_REAUTHENTICATE must be on or off"},
			{
				"setting of proxy-header",
				"PROXY_HEADER_USER=X-User",
				"PROXY_HEADER_USER belongs to VOXWARDEN_AUTH=proxy-header, but VOXWARDEN_AUTH is oidc. Unset it, or change " +
					"VOXWARDEN_AUTH.",
			},
			{"setting of proxy-jwt", "PROXY_JWT_PRESET=nonsense", "PROXY_JWT_PRESET belongs to VOXWARDEN_AUTH=proxy-jwt"},
			{
				"setting of both proxy methods",
				"PROXY_SIGN_OUT_URL=/out",
				"PROXY_SIGN_OUT_URL belongs to VOXWARDEN_AUTH=proxy-jwt or proxy-header, but",
			},
			{"wildcard", "TRUSTED_PROXIES=*", `TRUSTED_PROXIES contains "*", which is not an IP address or network`},
			{
				"host name",
				"TRUSTED_PROXIES=10.0.3.7,proxy.local",
				`TRUSTED_PROXIES contains "proxy.local", which is not an IP address`,
			},
			{"zone", "TRUSTED_PROXIES=fe80::1%eth0", "TRUSTED_PROXIES contains "},
			{"commas without a proxy", "TRUSTED_PROXIES=,", "TRUSTED_PROXIES is empty"},
			{
				"all of IPv4",
				"TRUSTED_PROXIES=0.0.0.0/0",
				`TRUSTED_PROXIES contains "0.0.0.0/0", which is too large a network to trust`,
			},
			{"all of IPv6", "TRUSTED_PROXIES=10.0.3.7,::/0", `TRUSTED_PROXIES contains "::/0", which is too large a network`},
			{
				"half of IPv4",
				"TRUSTED_PROXIES=128.0.0.0/1",
				"TRUSTED_PROXIES contains \"128.0.0.0/1\", which is too large a network",
			},
			{"IPv4 /7", "TRUSTED_PROXIES=10.0.0.0/7", "TRUSTED_PROXIES contains \"10.0.0.0/7\", which is too large a network"},
			{"IPv6 /15", "TRUSTED_PROXIES=2000::/15", "TRUSTED_PROXIES contains \"2000::/15\", which is too large a network"},
			{
				"all of IPv4, mapped to IPv6",
				"TRUSTED_PROXIES=::ffff:0.0.0.0/96",
				"TRUSTED_PROXIES contains \"::ffff:0.0.0.0/96\", an IPv4-mapped IPv6 address",
			},
			{
				"unspecified address",
				"TRUSTED_PROXIES=0.0.0.0",
				"TRUSTED_PROXIES contains \"0.0.0.0\", which is not the address of a proxy",
			},
			{
				"address with the prefix of a network",
				"TRUSTED_PROXIES=10.0.3.7/24",
				"TRUSTED_PROXIES contains \"10.0.3.7/24\", which mixes an address and a network. Write 10.0.3.7 for the " +
					"address or 10.0.3.0/24 for the network.",
			},
			{
				"prefix too long",
				"TRUSTED_PROXIES=10.0.3.0/33",
				"TRUSTED_PROXIES contains \"10.0.3.0/33\", which is not an IP address",
			},
		},
		"proxy-header": {
			{"no user", "PROXY_HEADER_USER", "PROXY_HEADER_USER is missing. Set it to the header"},
			{"user with underscores", "PROXY_HEADER_USER=Remote_User", "PROXY_HEADER_USER must be the name of a header"},
			{"user with a colon", "PROXY_HEADER_USER=Remote-User:", "PROXY_HEADER_USER must be the name of a header"},
			{"e-mail with a space", "PROXY_HEADER_EMAIL=Remote__Email", "PROXY_HEADER_EMAIL must be the name of a header"},
			{
				"no trusted proxies",
				"TRUSTED_PROXIES",
				"TRUSTED_PROXIES is missing. Set it to the addresses from which the proxy connects",
			},
			{
				"all proxies trusted",
				"TRUSTED_PROXIES=0.0.0.0/0",
				"TRUSTED_PROXIES contains \"0.0.0.0/0\", which is too large a network",
			},
			{"no groups", "PROXY_HEADER_GROUPS", "PROXY_HEADER_GROUPS is missing, but groups are mapped"},
			{
				"separator without groups",
				"PROXY_HEADER_GROUPS ADMIN_GROUPS ADMIN_PEOPLE=proxy|anna PROXY_GROUPS_SEPARATOR=;",
				"PROXY_GROUPS_SEPARATOR has no effect without",
			},
			{
				"groups in the header of the name",
				"PROXY_HEADER_NAME=remote-groups",
				"PROXY_HEADER_GROUPS is also the header of a name",
			},
			{"groups with a colon", "PROXY_HEADER_GROUPS=Remote-Groups:", "PROXY_HEADER_GROUPS must be the name of a header"},
			{"separator of two characters", "PROXY_GROUPS_SEPARATOR=||", "PROXY_GROUPS_SEPARATOR must be one character"},
			{"letter as separator", "PROXY_GROUPS_SEPARATOR=x", "PROXY_GROUPS_SEPARATOR must be one character"},
			{
				"person with the issuer of a provider",
				"ADMIN_PEOPLE=https://id.example.com|anna",
				`ADMIN_PEOPLE contains a person with the issuer "https://id.example.com", but the issuer of all operators is ` +
					`"proxy"`,
			},
			{
				"setting of oidc",
				"OIDC_ISSUER=https://id.example.com",
				"OIDC_ISSUER belongs to VOXWARDEN_AUTH=oidc, but VOXWARDEN_AUTH is proxy-header",
			},
			{"secret of oidc", "OIDC_CLIENT_SECRET=hunter2", "OIDC_CLIENT_SECRET belongs to VOXWARDEN_AUTH=oidc"},
			{
				"secret file of oidc",
				"OIDC_CLIENT_SECRET_FILE=/nowhere",
				"OIDC_CLIENT_SECRET_FILE belongs to VOXWARDEN_AUTH=oidc",
			},
			{"sign-out path to another host", "PROXY_SIGN_OUT_URL=//evil.example/out", "PROXY_SIGN_OUT_URL must be a link"},
			{
				"sign-out path with three slashes",
				"PROXY_SIGN_OUT_URL=///evil.example/out",
				"PROXY_SIGN_OUT_URL must be a link",
			},
			{"sign-out path with a backslash", `PROXY_SIGN_OUT_URL=/\evil.example`, "PROXY_SIGN_OUT_URL must be a link"},
			{"sign-out link with a script", "PROXY_SIGN_OUT_URL=javascript:alert(1)", "PROXY_SIGN_OUT_URL must be a link"},
			{
				"sign-out link with plain http",
				"PROXY_SIGN_OUT_URL=http://proxy.example.com/out",
				"PROXY_SIGN_OUT_URL must be a link",
			},
		},
		"custom": {
			{"no preset", "PROXY_JWT_PRESET", "PROXY_JWT_PRESET is missing. Set it to the proxy in front"},
			{
				"unknown preset",
				"PROXY_JWT_PRESET=cloudflare",
				"PROXY_JWT_PRESET must be cloudflare-access, google-iap, aws-alb, pomerium or custom",
			},
			{"no header", "PROXY_JWT_HEADER", "PROXY_JWT_HEADER is missing"},
			{"header with an underscore", "PROXY_JWT_HEADER=X_Assertion", "PROXY_JWT_HEADER must be the name of a header"},
			{"no issuer", "PROXY_JWT_ISSUER", "PROXY_JWT_ISSUER is missing"},
			{
				"no audience",
				"PROXY_JWT_AUDIENCE",
				"PROXY_JWT_AUDIENCE is missing. Set it to the audience of the proxy's assertion",
			},
			{"audience with a space", "PROXY_JWT_AUDIENCE=a__b", "PROXY_JWT_AUDIENCE must be one or more audiences"},
			{"no keys", "PROXY_JWT_KEYS_URL", "PROXY_JWT_KEYS_URL and VOXWARDEN_PROXY_JWT_KEYS_FILE are both missing"},
			{"keys twice", "PROXY_JWT_KEYS_FILE=" + keys, "PROXY_JWT_KEYS_URL and VOXWARDEN_PROXY_JWT_KEYS_FILE are both set"},
			{
				"keys with plain http",
				"PROXY_JWT_KEYS_URL=http://proxy.example.com/jwks",
				"PROXY_JWT_KEYS_URL must begin with https://",
			},
			{
				"path instead of an address of the keys",
				"PROXY_JWT_KEYS_URL=/etc/keys.json",
				"PROXY_JWT_KEYS_URL must be the address of a key set",
			},
			{
				"key file without keys",
				"PROXY_JWT_KEYS_URL PROXY_JWT_KEYS_FILE=" + writeFile(t, `{"keys":[]}`, 0o600),
				"PROXY_JWT_KEYS_FILE names a file that is not a key set",
			},
			{
				"key file writable by all",
				"PROXY_JWT_KEYS_URL PROXY_JWT_KEYS_FILE=" + writeFile(t, `{"keys":[{}]}`, 0o602),
				"PROXY_JWT_KEYS_FILE names a file that users other than its owner can write",
			},
			{"no algorithm", "PROXY_JWT_ALGORITHMS", "PROXY_JWT_ALGORITHMS is missing"},
			{
				"symmetric algorithm",
				"PROXY_JWT_ALGORITHMS=ES256,HS256",
				`PROXY_JWT_ALGORITHMS contains "HS256", which is not an algorithm with a public key`,
			},
			{"algorithm none", "PROXY_JWT_ALGORITHMS=none", `PROXY_JWT_ALGORITHMS contains "none", which is not`},
			{"commas without an algorithm", "PROXY_JWT_ALGORITHMS=,", "PROXY_JWT_ALGORITHMS is empty"},
			{
				"setting of aws-alb",
				"PROXY_JWT_REGION=eu-central-1",
				"PROXY_JWT_REGION belongs to VOXWARDEN_PROXY_JWT_PRESET=aws-alb, but VOXWARDEN_PROXY_JWT_PRESET is custom. " +
					"Unset it, or change VOXWARDEN_PROXY_JWT_PRESET.",
			},
			{
				"person of another issuer",
				"ADMIN_PEOPLE=proxy|anna",
				`ADMIN_PEOPLE contains a person with the issuer "proxy", but the issuer of all operators is "gateway"`,
			},
		},
		"cloudflare-access": {
			{"no issuer", "PROXY_JWT_ISSUER", "PROXY_JWT_ISSUER is missing"},
			{
				"issuer with a slash",
				"PROXY_JWT_ISSUER=https://team.cloudflareaccess.com/",
				"PROXY_JWT_ISSUER must be the team's address without a path or slash",
			},
			{
				"issuer without https",
				"PROXY_JWT_ISSUER=team.cloudflareaccess.com",
				"PROXY_JWT_ISSUER must be the team's address",
			},
			{"no audience", "PROXY_JWT_AUDIENCE", "PROXY_JWT_AUDIENCE is missing"},
			{"header", "PROXY_JWT_HEADER=X-Other", "PROXY_JWT_HEADER belongs to VOXWARDEN_PROXY_JWT_PRESET=custom, but"},
			{
				"keys",
				"PROXY_JWT_KEYS_URL=https://evil.example/keys",
				"PROXY_JWT_KEYS_URL belongs to VOXWARDEN_PROXY_JWT_PRESET=custom, but",
			},
		},
		"google-iap": {
			{
				"issuer",
				"PROXY_JWT_ISSUER=https://cloud.google.com/iap",
				"PROXY_JWT_ISSUER belongs to VOXWARDEN_PROXY_JWT_PRESET=cloudflare-access, aws-alb, pomerium or custom, but",
			},
			{"no audience", "PROXY_JWT_AUDIENCE", "PROXY_JWT_AUDIENCE is missing"},
			{"audience", "PROXY_JWT_AUDIENCE=1234.apps.googleusercontent.com", "PROXY_JWT_AUDIENCE must begin with /projects/"},
			{
				"person",
				"EDITOR_PEOPLE=accounts.google.com|1",
				`EDITOR_PEOPLE contains a person with the issuer "accounts.google.com", but the issuer of all operators is ` +
					`"https://cloud.google.com/iap"`,
			},
		},
		"aws-alb": {
			{"no issuer", "PROXY_JWT_ISSUER", "PROXY_JWT_ISSUER is missing"},
			{
				"no signer",
				"PROXY_JWT_SIGNER",
				"PROXY_JWT_SIGNER is missing. Set it to the ARN of the load balancer: the keys of its region verify the " +
					"assertions of other customers' load balancers too.",
			},
			{"signer", "PROXY_JWT_SIGNER=my-balancer", "PROXY_JWT_SIGNER must be the ARN"},
			{
				"signer of another kind",
				"PROXY_JWT_SIGNER=arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/x/50dc6c495c0c9188",
				"PROXY_JWT_SIGNER must be the ARN",
			},
			{"no client", "PROXY_JWT_CLIENT", "PROXY_JWT_CLIENT is missing"},
			{"no region", "PROXY_JWT_REGION", "PROXY_JWT_REGION is missing"},
			{"region", "PROXY_JWT_REGION=eu-central-1.evil.example", "PROXY_JWT_REGION must be an AWS region"},
			{"another region", "PROXY_JWT_REGION=us-east-1", "PROXY_JWT_REGION is not the region in VOXWARDEN_PROXY_JWT_SIGNER"},
			{
				"audience",
				"PROXY_JWT_AUDIENCE=x",
				"PROXY_JWT_AUDIENCE belongs to VOXWARDEN_PROXY_JWT_PRESET=cloudflare-access, google-iap, pomerium or custom, but",
			},
		},
		"pomerium": {
			{"no issuer", "PROXY_JWT_ISSUER", "PROXY_JWT_ISSUER is missing"},
			{
				"issuer with a path",
				"PROXY_JWT_ISSUER=https://voxwarden.example.com/x",
				"PROXY_JWT_ISSUER must be the route's host name",
			},
			{"no audience", "PROXY_JWT_AUDIENCE", "PROXY_JWT_AUDIENCE is missing"},
			{
				"two audiences",
				"PROXY_JWT_AUDIENCE=a.example.com,b.example.com",
				"PROXY_JWT_AUDIENCE must be the route's host name and nothing else",
			},
			{
				"audience with a path",
				"PROXY_JWT_AUDIENCE=voxwarden.example.com/x",
				"PROXY_JWT_AUDIENCE must be the route's host name",
			},
		},
	} {
		for _, tc := range cases {
			t.Run(method+"/"+tc.name, func(t *testing.T) {
				t.Parallel()
				tc.wantOneProblem(t, slices.Concat(accountEnviron(t), signInEnvirons()[method]))
			})
		}
	}
}
