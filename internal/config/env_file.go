package config

import (
	"fmt"
	"path/filepath"
	"strings"
)

// envFileWidth is the width of the comments in characters.
const envFileWidth = 100

// envFileHead is the beginning of every file. It holds for systemd (EnvironmentFile=), docker compose (env_file) and
// shells.
const envFileHead = `# Settings of Voxwarden, one NAME=VALUE a line.
#
# A # in front of a name means that the setting is not set: then the value behind it is used.
#
# Put a value with spaces or signs such as $ & ; | into single quotes. systemd, docker compose and
# shells remove them; docker run --env-file does not.
#
# After a change, run:
#     %s config check --online
`

// serviceFiles is where services of systemd find the files of LoadCredential, and packagedFiles where that of a package
// does.
const (
	serviceFiles  = "/run/credentials/"
	packagedFiles = serviceFiles + packagedName + ".service/"
)

// EnvFile returns a file with all settings as environment variables, each with its description and default. values are
// by variable, without the prefix. Settings with a value, which may be empty to be filled in, come first; the others
// are commented out.
func EnvFile(values map[string]string) string {
	var first, rest strings.Builder
	for _, section := range sections() {
		heading := "\n\n### " + section.title + "\n"
		for _, s := range section.settings {
			part, isSet := s.envLines(values)
			if isSet {
				first.WriteString(part)
				continue
			}
			rest.WriteString(heading + part)
			heading = ""
		}
	}
	head := fmt.Sprintf(envFileHead, "server")
	if strings.HasPrefix(values["SECRET_KEY_FILE"], packagedFiles) {
		head = fmt.Sprintf(envFileHead, packagedName) + "#     systemctl restart " + packagedName + "\n"
	}
	return head + first.String() + rest.String()
}

// envLines returns the lines of a setting, and whether values has a value for it.
func (s Setting) envLines(values map[string]string) (text string, isSet bool) {
	sign, name, value := "#", s.Name, s.Default
	if s.Secret && s.Default == "" {
		name += "_FILE"
	}
	for _, variable := range s.variables() {
		if given, ok := values[variable]; ok {
			sign, name, value = "", variable, given
		}
	}
	description := s.Text
	if s.Secret {
		description += fmt.Sprintf(
			" Set %[1]s%[2]s to the value, or %[1]s%[2]s_FILE to the path of a file with it.", Prefix, s.Name,
		)
	}
	return "\n" + comment(description) + sign + Prefix + name + "=" + ShellWord(value) + "\n", sign == ""
}

// ShellWord returns a value as a shell, systemd and docker compose read it: in single quotes where it needs some.
func ShellWord(value string) string {
	if !strings.ContainsAny(value, " \t$&;|<>()'\"`\\#*?[]~!") {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// comment returns a text as lines of a comment.
func comment(text string) string {
	var lines strings.Builder
	line := "#"
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > envFileWidth && line != "#" {
			lines.WriteString(line + "\n")
			line = "#"
		}
		line += " " + word
	}
	return lines.String() + line + "\n"
}

// FirstValues returns the values of EnvFile for a new installation: the paths of its files, and empty values to be
// filled in for the sign-in with OpenID Connect. files is the folder with the secrets as the console sees it, data that
// of the database. Either is "" if the paths are set elsewhere, such as in a unit of systemd.
func FirstValues(files, data string) map[string]string {
	values := map[string]string{
		"BASE_URL":       "",
		"AUTH":           "oidc",
		"OIDC_ISSUER":    "",
		"OIDC_CLIENT_ID": "",
		"ADMIN_GROUPS":   "",
	}
	if files != "" {
		for variable, name := range SetupFiles() {
			values[variable] = filepath.Join(files, name)
		}
	}
	if data != "" {
		values["DATABASE_URL"] = "sqlite:" + filepath.Join(data, "voxwarden.db")
	}
	return values
}

// SetupFiles returns the names of the files with secrets of a new installation by variable, without the prefix.
func SetupFiles() map[string]string {
	return map[string]string{
		"SECRET_KEY_FILE":         "secret.key",
		"AUDIT_KEY_FILE":          "audit.key",
		"OIDC_CLIENT_SECRET_FILE": "oidc.secret",
		"CREDENTIALS_FILE":        "credentials.json",
	}
}

// SettingsTable returns the table of all settings in Markdown, for the documentation.
func SettingsTable() string {
	var table strings.Builder
	table.WriteString("| variable | default | what it is |\n|---|---|---|\n")
	for _, s := range Settings() {
		name, value := "`"+Prefix+s.Name+"`", ""
		if s.Secret {
			name += " (or `_FILE`)"
		}
		if s.Default != "" {
			value = "`" + s.Default + "`"
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", name, value, s.Text)
	}
	return table.String()
}
