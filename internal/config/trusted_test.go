package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

// folder creates a folder with exactly this mode below dir.
func folder(t *testing.T, dir, name string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// ownFolder creates a folder that only the owner can enter, regardless of the umask.
func ownFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// put creates a file with a key and exactly this mode in a folder.
func put(t *testing.T, dir, name string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func link(t *testing.T, target, path string) string {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFilesThatOthersCouldHaveWritten sets a secret with files of all kinds. want is the problem, or "".
func TestFilesThatOthersCouldHaveWritten(t *testing.T) {
	t.Parallel()
	const (
		byFile   = "names a file that users other than its owner can write. Change that with: chmod go-w "
		byFolder = ", in which users other than its owner can write. Change that with chmod go-w, or mount it read-only."
	)
	for _, tc := range []struct {
		name string
		path func(t *testing.T, dir string) string // dir has mode 0700
		want string
	}{
		{"only for the owner", func(t *testing.T, dir string) string { return put(t, dir, "k", 0o600) }, ""},
		{"only readable", func(t *testing.T, dir string) string { return put(t, dir, "k", 0o400) }, ""},
		{"readable by the group", func(t *testing.T, dir string) string { return put(t, dir, "k", 0o440) }, ""},
		{"writable by the group", func(t *testing.T, dir string) string { return put(t, dir, "k", 0o660) }, byFile},
		{"writable by all", func(t *testing.T, dir string) string { return put(t, dir, "k", 0o666) }, byFile},
		{"only writable by others", func(t *testing.T, dir string) string { return put(t, dir, "k", 0o602) }, byFile},
		{"folder writable by the group", func(t *testing.T, dir string) string {
			return put(t, folder(t, dir, "d", 0o770), "k", 0o600)
		}, byFolder},
		{"folder writable by all", func(t *testing.T, dir string) string {
			return put(t, folder(t, dir, "d", 0o777), "k", 0o600)
		}, byFolder},
		{"sticky folder", func(t *testing.T, dir string) string {
			return put(t, folder(t, dir, "d", 0o777|os.ModeSticky), "k", 0o600)
		}, ""},
		{"folder above writable", func(t *testing.T, dir string) string {
			return put(t, folder(t, folder(t, dir, "d", 0o777), "e", 0o700), "k", 0o600)
		}, byFolder},
		{"link to a file that all can write", func(t *testing.T, dir string) string {
			return link(t, put(t, dir, "k", 0o666), filepath.Join(dir, "l"))
		}, byFile},
		{"link to a folder that all can write", func(t *testing.T, dir string) string {
			return link(t, put(t, folder(t, dir, "d", 0o777), "k", 0o600), filepath.Join(dir, "l"))
		}, byFolder},
		{"link in a folder that all can write", func(t *testing.T, dir string) string {
			return link(t, put(t, dir, "k", 0o600), filepath.Join(folder(t, dir, "d", 0o777), "l"))
		}, byFolder},
		{"link through a folder that all can write", func(t *testing.T, dir string) string {
			put(t, dir, "k", 0o600)
			middle := folder(t, dir, "d", 0o777)
			link(t, "../k", filepath.Join(middle, "l"))
			return link(t, "d/l", filepath.Join(dir, "l"))
		}, byFolder},
		{"relative links", func(t *testing.T, dir string) string {
			put(t, folder(t, dir, "..2026", 0o755), "k", 0o600)
			link(t, "..2026", filepath.Join(dir, "..data"))
			return link(t, "..data/k", filepath.Join(dir, "k"))
		}, ""},
		{"dots in the path", func(t *testing.T, dir string) string {
			put(t, dir, "k", 0o600)
			folder(t, dir, "d", 0o700)
			return dir + "/d/..//./k"
		}, ""},
		{"link to a pipe of this process", func(*testing.T, string) string { return "/proc/self/fd/0" }, "regular file"},
		{"folder", func(_ *testing.T, dir string) string { return dir }, "names something that is not a regular file"},
		{"link to itself", func(t *testing.T, dir string) string {
			return link(t, "l", filepath.Join(dir, "l"))
		}, "names a file that cannot be read: too many levels of symbolic links"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := ownFolder(t)
			environ := without(minimalEnviron(t), "SECRET_KEY")
			environ = append(environ, "VOXWARDEN_SECRET_KEY_FILE="+tc.path(t, dir))
			_, err := config.Parse(environ)
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

// Every setting that names a file uses the same checks.
func TestEveryFileIsChecked(t *testing.T) {
	t.Parallel()
	custom := append(accountEnviron(t), signInEnvirons()["custom"]...)
	checked := 0
	for _, s := range config.Settings() {
		name, file := s.Name, strings.HasSuffix(s.Name, "_FILE")
		if s.Secret {
			name, file = s.Name+"_FILE", true
		}
		if !file {
			continue
		}
		checked++
		valid := minimalEnviron(t)
		if strings.HasPrefix(name, "PROXY_JWT") {
			valid = without(custom, "PROXY_JWT_KEYS_URL")
		}
		for _, mode := range []os.FileMode{0o620, 0o602, 0o666} {
			environ := append(without(valid, s.Name), config.Prefix+name+"="+writeFile(t, "{}", mode))
			_, err := config.Parse(environ)
			if want := config.Prefix + name + " names a file that users other than its owner can write"; err == nil ||
				!strings.Contains(err.Error(), want) {
				t.Errorf("%s with mode %o: %v", name, mode, err)
			}
		}
	}
	if checked < 7 {
		t.Errorf("only %d settings name files", checked)
	}
}

// A file of another user is refused, and so is a file in a folder of another user.
func TestFilesOfOtherUsers(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const other = 12345
	for _, tc := range []struct {
		name string
		path func(t *testing.T, dir string) (path, given string)
		want string
	}{
		{"file", func(t *testing.T, dir string) (string, string) {
			path := put(t, dir, "k", 0o600)
			return path, path
		}, "names a file that belongs to the user 12345. It must belong to root or to the user of the console"},
		{"folder", func(t *testing.T, dir string) (string, string) {
			given := folder(t, dir, "d", 0o755)
			return put(t, given, "k", 0o600), given
		}, "/d\", which belongs to the user 12345."},
		{"link in a sticky folder", func(t *testing.T, dir string) (string, string) {
			path := link(t, put(t, dir, "k", 0o600), filepath.Join(folder(t, dir, "d", 0o777|os.ModeSticky), "l"))
			return path, path
		}, "names a symbolic link in "},
		{"link in an own folder", func(t *testing.T, dir string) (string, string) {
			path := link(t, put(t, dir, "k", 0o600), filepath.Join(dir, "l"))
			return path, path
		}, ""},
	} {
		path, given := tc.path(t, ownFolder(t))
		if err := os.Lchown(given, other, other); err != nil {
			t.Fatal(err)
		}
		_, err := config.ParseAudit([]string{"VOXWARDEN_AUDIT_KEY_FILE=" + path})
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
	}
}

// A file that every user can read is a warning where it contains a secret.
func TestWorldReadableSecrets(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, content string
		mode          os.FileMode
		warned        bool
	}{
		{"CREDENTIALS_FILE", "{}", 0o644, true},
		{"CREDENTIALS_FILE", "{}", 0o440, false},
		{"SECRET_KEY_FILE", key, 0o604, true},
		{"AUDIT_KEY_FILE", auditKey, 0o444, true},
		{"OIDC_CLIENT_SECRET_FILE", "of-the-client", 0o644, true},
		{"DATABASE_URL_FILE", "sqlite:x.db", 0o644, true},
		{"DATABASE_URL_FILE", "sqlite:x.db", 0o640, false},
	} {
		environ := append(
			without(minimalEnviron(t), tc.name, strings.TrimSuffix(tc.name, "_FILE")),
			config.Prefix+tc.name+"="+writeFile(t, tc.content, tc.mode),
		)
		c, err := config.Parse(environ)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		want := config.Prefix + tc.name + " names a file that every user of this machine can read"
		if got := strings.Contains(strings.Join(c.Warnings(), "\n"), want); got != tc.warned {
			t.Errorf("%s with mode %o: warned %t", tc.name, tc.mode, got)
		}
	}
}

// Files that were written on Windows begin with a byte order mark, or are UTF-16.
func TestByteOrderMarks(t *testing.T) {
	t.Parallel()
	const utf8Mark = "\xef\xbb\xbf"
	for _, tc := range []struct{ name, content, want string }{
		{"no mark", "topsecret", ""},
		{"mark of UTF-8", utf8Mark + "topsecret", ""},
		{"mark of UTF-8 and a line end of Windows", utf8Mark + "topsecret\r\n", ""},
		{"only a mark", utf8Mark, "names an empty file"},
		{
			"UTF-16, little-endian",
			"\xff\xfet\x00o\x00p\x00",
			"names a file that begins with the byte order mark of UTF-16, FFFE. Write it as UTF-8 without a mark, in " +
				"PowerShell for example with: Set-Content -Encoding utf8NoBOM.",
		},
		{"UTF-16, big-endian", "\xfe\xff\x00t\x00o\x00p", "names a file that begins with the byte order mark of UTF-16, FE"},
		{"UTF-16 without a mark", "t\x00o\x00p\x00", "names a file that begins with a zero byte, as UTF-16 has them."},
		{"UTF-16 without a mark, big-endian", "\x00t\x00o\x00p", "names a file that begins with a zero byte"},
		{"UTF-32", "\xff\xfe\x00\x00t\x00\x00\x00", "names a file that begins with the byte order mark of UTF-16, FFFE."},
	} {
		for _, name := range []string{"OIDC_CLIENT_SECRET_FILE", "CREDENTIALS_FILE", "CA_FILE"} {
			if name != "OIDC_CLIENT_SECRET_FILE" && !strings.HasPrefix(tc.name, "UTF") {
				continue
			}
			environ := append(
				without(minimalEnviron(t), "OIDC_CLIENT_SECRET", "CREDENTIALS_FILE"),
				"VOXWARDEN_OIDC_CLIENT_SECRET_FILE="+writeFile(t, "x", 0o600),
				"VOXWARDEN_CREDENTIALS_FILE="+writeFile(t, utf8Mark+"{}", 0o600),
				config.Prefix+name+"="+writeFile(t, tc.content, 0o600),
			)
			c, err := config.Parse(environ)
			switch {
			case tc.want == "" && (err != nil || c.OIDC.ClientSecret.Reveal() != "topsecret"):
				t.Errorf("%s: got %q, %v", tc.name, c.OIDC.ClientSecret.Reveal(), err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), config.Prefix+name+" "+tc.want)):
				t.Errorf("%s in %s: got %v", tc.name, name, err)
			}
		}
	}
	// $(cat FILE) passes the mark on, and the first line of a marked file of variables begins with it.
	c, err := config.Parse(append(minimalEnviron(t), "VOXWARDEN_OIDC_CLIENT_SECRET="+utf8Mark+"topsecret"))
	if err != nil || c.OIDC.ClientSecret.Reveal() != "topsecret" {
		t.Errorf("mark in a variable: %q, %v", c.OIDC.ClientSecret.Reveal(), err)
	}
	if c, err := config.Parse(append(minimalEnviron(t), utf8Mark+"VOXWARDEN_LISTEN=127.0.0.1:9")); err != nil ||
		c.Listen != "127.0.0.1:9" {
		t.Errorf("mark in front of a variable: %q, %v", c.Listen, err)
	}
}

// A client secret is not used with characters that an editor, a shell or a copied page added: each sign-in would fail.
// Line ends at the end are removed.
func TestSecretsWithUnseenCharacters(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, content, want string }{
		{"line end of Linux", "topsecret\n", ""},
		{"line end of Windows", "topsecret\r\n", ""},
		{"two lines", "top\nsecret", "contains U+000A"},
		{"tab", "topsecret\t", "contains U+0009"},
		{"zero byte at the end", "topsecret\x00", "contains U+0000"},
		{"two byte order marks", "\ufeff\ufefftopsecret", "contains U+FEFF"},
		{"zero-width space", "topsecret\u200b", "contains U+200B"},
		{"no-break space", "topsecret\u00a0", "contains U+00A0"},
		{"not UTF-8", "top\xffsecret", "contains U+FFFD"},
	} {
		inFile := append(
			without(minimalEnviron(t), "OIDC_CLIENT_SECRET"),
			"VOXWARDEN_OIDC_CLIENT_SECRET_FILE="+writeFile(t, tc.content, 0o600),
		)
		inVariable := append(minimalEnviron(t), "VOXWARDEN_OIDC_CLIENT_SECRET="+tc.content)
		for where, environ := range map[string][]string{"_FILE": inFile, "": inVariable} {
			c, err := config.Parse(environ)
			switch {
			case tc.want == "" && (err != nil || c.OIDC.ClientSecret.Reveal() != "topsecret"):
				t.Errorf("%s%s: got %q, %v", tc.name, where, c.OIDC.ClientSecret.Reveal(), err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), "VOXWARDEN_OIDC_CLIENT_SECRET "+tc.want)):
				t.Errorf("%s%s: got %v", tc.name, where, err)
			case err != nil && strings.Contains(err.Error(), "topsecret"):
				t.Errorf("%s%s: the error contains the secret: %v", tc.name, where, err)
			}
		}
	}
	_, err := config.Parse(append(minimalEnviron(t), "VOXWARDEN_OIDC_CLIENT_ID=voxwarden\u200b"))
	if err == nil || !strings.Contains(err.Error(), "OIDC_CLIENT_ID contains a space or a character that is not printed") {
		t.Errorf("zero-width space after a client id: %v", err)
	}
	// echo in cmd.exe writes the space in front of the redirection too.
	c, err := config.Parse(append(minimalEnviron(t), "VOXWARDEN_OIDC_CLIENT_SECRET=topsecret \r\n"))
	if warnings := strings.Join(c.Warnings(), "\n"); err != nil || c.OIDC.ClientSecret.Reveal() != "topsecret " ||
		!strings.Contains(warnings, "VOXWARDEN_OIDC_CLIENT_SECRET begins or ends with a space") {
		t.Errorf("space at the end: %q, %v, %s", c.OIDC.ClientSecret.Reveal(), err, warnings)
	}
	c, err = config.Parse(append(minimalEnviron(t), "VOXWARDEN_OIDC_CLIENT_ID=voxwarden\r"))
	if err != nil || c.OIDC.ClientID != "voxwarden" {
		t.Errorf("line end of Windows after a client id: %q, %v", c.OIDC.ClientID, err)
	}
}

// An existing database that every user can write is refused. The console's own group may write, as with a volume of
// Kubernetes.
func TestDatabaseFileMode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		file, folder os.FileMode
		suffix       string
		err, warning string
	}{
		{0o600, 0o700, "", "", ""},
		{0o660, 0o770, "", "", ""},
		{0o660, 0o770 | os.ModeSetgid, "", "", ""},
		{0o666, 0o700, "", "x.db is a file that users other than its owner can write", ""},
		{0o602, 0o700, "", "x.db is a file that users other than its owner can write", ""},
		{0o600, 0o700, "-wal", "x.db-wal is a file that users other than its owner can write", ""},
		{0o600, 0o777, "", "", "in which users other than its owner can write"},
		{0o600, 0o777 | os.ModeSticky, "", "", ""},
	} {
		t.Run(fmt.Sprintf("%o in %o%s", tc.file, tc.folder, tc.suffix), func(t *testing.T) {
			t.Parallel()
			dir := folder(t, ownFolder(t), "data", tc.folder)
			path := put(t, dir, "x.db", tc.file)
			if tc.suffix != "" {
				put(t, dir, "x.db"+tc.suffix, 0o666)
			}
			warning, err := config.CheckDatabaseFile(path)
			if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("got error %v, want %q", err, tc.err)
			}
			if (warning == "") != (tc.warning == "") || !strings.Contains(warning, tc.warning) {
				t.Errorf("got warning %q, want %q", warning, tc.warning)
			}
		})
	}
	if warning, err := config.CheckDatabaseFile(filepath.Join(t.TempDir(), "none")); warning != "" || err != nil {
		t.Errorf("missing file: %q, %v", warning, err)
	}
}

// A file is not read further than its limit, and a replaced file counts as changed.
func TestReadTrusted(t *testing.T) {
	t.Parallel()
	dir := ownFolder(t)
	path := put(t, dir, "k", 0o600)
	before, err := config.ReadTrusted(path)
	if err != nil || string(before.Data) != key || before.WorldReadable {
		t.Fatalf("%+v, %v", before, err)
	}
	unchanged := func() bool {
		now, err := os.Stat(path)
		return err == nil && config.Unchanged(before.Info, now)
	}
	if !unchanged() {
		t.Error("changed without a change")
	}
	if err := os.Chmod(path, 0o640); err != nil || unchanged() {
		t.Errorf("another mode: unchanged, %v", err)
	}
	if err := errors.Join(os.Rename(put(t, dir, "new", 0o600), path), os.Chtimes(path, before.Info.ModTime(),
		before.Info.ModTime())); err != nil || unchanged() {
		t.Errorf("another file with the same size, time and mode: unchanged, %v", err)
	}
	if err := os.Truncate(path, 1<<40); err != nil {
		t.Fatal(err)
	}
	if _, err := config.ReadTrusted(path); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("file of a terabyte: %v", err)
	}
}

// Files that the database address names are checked like the others.
func TestFilesOfDatabaseAddress(t *testing.T) {
	t.Parallel()
	const certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
	for _, tc := range []struct {
		parameter, content string
		mode               os.FileMode
		want               string
	}{
		{"sslrootcert", certificate, 0o644, ""},
		{"sslrootcert", certificate, 0o666, "names in sslrootcert a file that users other than its owner can write"},
		{"sslrootcert", "nonsense", 0o644, "names in sslrootcert a file without a PEM certificate"},
		{"sslrootcert", "\xef\xbb\xbf" + certificate, 0o644, "names in sslrootcert a file with a byte order mark"},
		{"sslkey", "key", 0o620, "names in sslkey a file that users other than its owner can write"},
		{"sslcert", certificate, 0o602, "names in sslcert a file that users other than its owner can write"},
		{"passfile", "*:*:*:*:hunter2", 0o666, "names in passfile a file that users other than its owner can write"},
		{"passfile", "*:*:*:*:hunter2", 0o600, ""},
		{"servicefile", "[db]", 0o666, "names in servicefile a file that users other than its owner can write"},
	} {
		address := "postgres://u:hunter2@db/x?sslmode=verify-full&" + tc.parameter + "=" + writeFile(t, tc.content, tc.mode)
		_, err := config.DatabaseURL([]string{"VOXWARDEN_DATABASE_URL=" + address})
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s with mode %o: got %v, want %q", tc.parameter, tc.mode, err, tc.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("quotes the password: %v", err)
		}
	}
	if _, err := config.DatabaseURL([]string{"VOXWARDEN_DATABASE_URL=postgres://u@db/x?sslrootcert=system"}); err != nil {
		t.Errorf("the system's authorities: %v", err)
	}
}
