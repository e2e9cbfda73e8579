package main

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/voxwarden/voxwarden/internal/config"
)

const setupUsage = `Usage: server setup [-as FOLDER] DIR

Writes the keys of a new console and a file with all settings into DIR, and prints what to do next. It creates DIR if
it is missing, and overwrites nothing: it refuses a folder with keys, and keeps a file with settings.

As root it gives the files to the owner of DIR. If root owns DIR, members of its group can read them.
`

// envFileName is the name of the file with the settings.
const envFileName = "voxwarden.env"

// systemdCredentials is where systemd shows a unit the files of LoadCredential, in a folder with the unit's name.
const systemdCredentials = "/run/credentials"

// keySize is the number of random bytes in a key.
const keySize = 32

// keyVariables returns the variables of the files that setup fills with keys, without the prefix.
func keyVariables() []string { return []string{"AUDIT_KEY_FILE", "SECRET_KEY_FILE"} }

// setupCommand runs server setup: it prepares the folder of a new console.
func setupCommand(args []string, stdout, stderr io.Writer) error {
	set := flag.NewFlagSet("server setup", flag.ContinueOnError)
	as := set.String(
		"as",
		"",
		"the `FOLDER` in which the console will find the files of DIR, if that is another one: /run/secrets in a container, "+
			"or /run/credentials/voxwarden.service with systemd's LoadCredential",
	)
	set.SetOutput(stderr)
	set.Usage = func() {
		fmt.Fprint(stderr, config.AsCalled(setupUsage))
		set.PrintDefaults()
	}
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() != 1 || set.Arg(0) == "" {
		return errors.New("missing or more than one folder: server setup DIR")
	}
	if *as != "" && !filepath.IsAbs(*as) {
		return fmt.Errorf("-as must be an absolute path, such as /run/secrets, not %q", *as)
	}
	dir, err := filepath.Abs(set.Arg(0))
	if err != nil {
		return fmt.Errorf("finding the folder: %w", err)
	}
	s := setup{dir: dir, as: cmp.Or(*as, dir)}
	if *as == "" {
		s.data = dir
	}
	if err := s.write(); err != nil {
		return err
	}
	_, err = io.WriteString(stdout, s.nextSteps())
	return err
}

// setup is a new folder of a console.
type setup struct {
	dir  string // absolute
	as   string // the same folder as the console sees it
	data string // folder of the database, "" if the service or the image sets it

	uid, gid     int // of the folder
	mode         fs.FileMode
	written      []string
	kept         bool   // there was a file with settings
	keptSettings string // what it contained
}

// write creates the folder and the files. After an error none of them is left.
func (s *setup) write() (err error) {
	if err := s.prepareFolder(); err != nil {
		return err
	}
	settings := filepath.Join(s.dir, envFileName)
	content, err := os.ReadFile(settings)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return config.AccessError("read", settings, err)
	}
	s.kept, s.keptSettings = err == nil, string(content)
	defer func() {
		if err != nil {
			for _, path := range s.written {
				err = errors.Join(err, os.Remove(path))
			}
		}
	}()
	for _, variable := range keyVariables() {
		key := make([]byte, keySize)
		_, _ = rand.Read(key) // never fails
		name := config.SetupFiles()[variable]
		if err := s.writeFile(name, base64.StdEncoding.EncodeToString(key)+"\n"); err != nil {
			return err
		}
	}
	if !s.kept {
		if err := s.writeFile(envFileName, config.EnvFile(config.FirstValues(s.as, s.data))); err != nil {
			return err
		}
	}
	return s.check()
}

// prepareFolder creates the folder with mode 0700 if it is missing, and refuses one with keys.
func (s *setup) prepareFolder() error {
	info, err := os.Stat(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(s.dir, 0o700); err != nil {
			return config.AccessError("create", s.dir, err)
		}
		info, err = os.Stat(s.dir)
	}
	switch {
	case err != nil:
		return config.AccessError("read", s.dir, err)
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder: name one that does not exist yet, or an empty one", s.dir)
	}
	for _, variable := range keyVariables() {
		path := filepath.Join(s.dir, config.SetupFiles()[variable])
		if exists(path) {
			return fmt.Errorf(
				"%s exists: the key of a console is never replaced, because its audit log or sessions need it. Nothing was "+
					"written. Name another folder, or go on with the files in this one",
				path,
			)
		}
	}
	owner := info.Sys().(*syscall.Stat_t)
	s.uid, s.gid, s.mode = os.Geteuid(), -1, 0o600
	if s.uid == 0 {
		s.uid, s.gid = int(owner.Uid), int(owner.Gid)
		if s.uid == 0 && s.gid != 0 {
			s.mode, s.data = 0o640, "" // members of the group cannot write in it
		}
	}
	return nil
}

// writeFile writes a new file for the owner of the folder. It never follows a symbolic link.
func (s *setup) writeFile(name, content string) (err error) {
	path := filepath.Join(s.dir, name)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s exists, and is not replaced: delete it, or name another folder", path)
	case err != nil:
		return config.AccessError("write", s.dir, err)
	}
	s.written = append(s.written, path)
	if s.gid >= 0 {
		err = file.Chown(s.uid, s.gid)
	}
	_, writeErr := file.WriteString(content)
	if err := errors.Join(err, file.Chmod(s.mode), writeErr, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// check reads a key as the console would, which refuses a folder in which other users can write.
func (s *setup) check() error {
	if s.uid != os.Geteuid() {
		return nil // then the console runs as another user
	}
	if _, err := config.ReadTrusted(filepath.Join(s.dir, config.SetupFiles()["AUDIT_KEY_FILE"])); err != nil {
		return fmt.Errorf("the console would refuse a key in %s: it would be %w Nothing was written", s.dir, err)
	}
	return nil
}

// nextSteps returns what is left to do, with commands for a shell in lines of their own.
func (s *setup) nextSteps() string {
	var text strings.Builder
	text.WriteString("Written for the user of the console:\n")
	for _, path := range s.written {
		text.WriteString("  " + path + "\n")
	}
	text.WriteString("Keep a copy of the keys where only admins can read it. Without " +
		config.SetupFiles()["AUDIT_KEY_FILE"] + " the audit log cannot be verified.\n")
	install := "install -m " + fmt.Sprintf("%#o", s.mode)
	if s.gid >= 0 && s.uid+s.gid > 0 {
		install += fmt.Sprintf(" -o %d -g %d", s.uid, s.gid)
	}
	step := 0
	next := func(sentence string, commands ...string) {
		step++
		fmt.Fprintf(&text, "\n%d. %s\n", step, sentence)
		for _, command := range commands {
			text.WriteString("    " + command + "\n")
		}
	}
	at := func(name string) string { return config.ShellWord(filepath.Join(s.dir, name)) }
	next(
		"Create a service account with the role Owner in Voximplant's panel, and put its key in place:",
		install+" credentials.json "+at("credentials.json"),
	)
	next(
		"Register the console at your OpenID Connect provider, with BASE_URL and /sign-in/callback behind it as the "+
			"redirect URI. Put the client secret in place: paste it, press Enter and Control D.",
		install+" /dev/stdin "+at("oidc.secret"),
	)
	sentence := "Fill in the settings at the beginning of " + filepath.Join(s.dir, envFileName) +
		". For a sign-in by a proxy, change AUTH, and remove the lines of OIDC."
	if lines := s.missingSettings(); len(lines) > 0 {
		sentence = "Set BASE_URL, ADMIN_GROUPS and the sign-in in " + filepath.Join(s.dir, envFileName) +
			", which was kept. Add these lines, unless the service sets them:\n  " + strings.Join(lines, "\n  ")
	}
	next(sentence)
	commands := []string{"set -a; . " + at(envFileName) + "; set +a"}
	program := config.ShellWord(os.Args[0])
	for _, arguments := range []string{" config check --online", " init", ""} {
		commands = append(commands, program+arguments)
	}
	const check = "Check the settings, create the database once, and start the console"
	sentence = check + ":"
	if s.as != s.dir {
		sentence = check + ", where it finds the files in " + s.as + ":"
		commands = commands[1 : len(commands)-1]
		if unit := filepath.Base(s.as); filepath.Dir(s.as) == systemdCredentials {
			commands = append(commands, "systemctl enable --now "+unit)
		}
	} else if as := s.otherUser(); as != "" {
		sentence = check + ", as its user, in a shell of its own:"
		commands = append([]string{as + " sh"}, commands...)
	}
	next(sentence, commands...)
	return text.String()
}

// missingSettings returns the lines that the kept file with settings lacks.
func (s *setup) missingSettings() []string {
	if !s.kept {
		return nil
	}
	var missing []string
	for variable, name := range config.SetupFiles() {
		_, rest, found := strings.Cut("\n"+s.keptSettings, "\n"+config.Prefix+strings.TrimSuffix(variable, "_FILE"))
		if !found || !strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, "_FILE=") {
			missing = append(missing, config.Prefix+variable+"="+config.ShellWord(filepath.Join(s.as, name)))
		}
	}
	slices.Sort(missing)
	return missing
}

// otherUser returns the start of a command that runs as the user of the console, if this process is root and the folder
// is for another one: its owner, or the user with the name of its group. Otherwise it returns "".
func (s *setup) otherUser() string {
	uid := s.uid
	if s.gid <= 0 {
		return ""
	}
	if uid == 0 {
		group, err := user.LookupGroupId(strconv.Itoa(s.gid))
		if err != nil {
			return ""
		}
		named, err := user.Lookup(group.Name)
		if err != nil {
			return ""
		}
		if uid, err = strconv.Atoi(named.Uid); err != nil {
			return ""
		}
	}
	return fmt.Sprintf("setpriv --reuid=%d --regid=%d --clear-groups", uid, s.gid)
}
