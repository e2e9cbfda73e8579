package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Maximum file sizes in bytes. Secrets and key sets have a few thousand bytes, a system's list of certificates a few
// hundred thousand. A larger file is a wrong path.
const (
	secretLimit       = 64 << 10
	certificatesLimit = 4 << 20
)

// TrustedFile is a file that decides what the console trusts.
type TrustedFile struct {
	Data          []byte      // the content, without a byte order mark
	Info          fs.FileInfo // of the file that was read
	WorldReadable bool        // every user can read the file, and its mount is not read-only
	GroupReadable bool        // the file is our own, and its group can read it too; its mount is not read-only
}

// ReadTrusted reads a file with secrets or keys, of at most 64 KiB. Every such file is read with it, at the start and
// again when it has changed. It refuses a file that another user could have written:
//
//   - The file must be regular, must belong to root or to our own user, and must not be writable by group or others.
//   - The same holds for each folder on the way, symbolic links followed. A writable folder is accepted on a read-only
//     mount, as Kubernetes mounts secrets, and if it is sticky, as /tmp is: there only the owner can replace an entry.
//
// So only root and our own user could have changed the path between these checks; the content and the mode are those of
// one opened file. A byte order mark of UTF-8 is removed, and UTF-16 is refused.
//
// The error is a noun phrase that continues with what to do: "a file that …". It names a folder, but a file only if
// there is one at the path: that may be a secret that was set by mistake.
func ReadTrusted(path string) (TrustedFile, error) { return ownRules().read(path, secretLimit) }

// Unchanged reports whether a file is still the one that was read, with the same content and permissions. A replacement
// may have the same time and size.
func Unchanged(before, now fs.FileInfo) bool {
	return os.SameFile(before, now) && before.ModTime().Equal(now.ModTime()) && before.Size() == now.Size() &&
		before.Mode() == now.Mode() && owner(before) == owner(now)
}

// fileRules are what decides whether a file is trusted.
type fileRules struct {
	uid      int                   // the console's user
	groups   []int                 // groups with write permission that are accepted
	readOnly func(dir string) bool // whether the mount of a folder is read-only
}

func ownRules() fileRules { return fileRules{uid: os.Geteuid(), readOnly: readOnlyMount} }

// readOnlyMount reports whether a folder is on a read-only mount. ST_RDONLY is 1 on every system.
func readOnlyMount(dir string) bool {
	var mount syscall.Statfs_t
	return syscall.Statfs(dir, &mount) == nil && mount.Flags&1 != 0
}

// errReplaced means that the path led to another file after the file was opened.
const errReplaced = valueError("a file that is being replaced again and again. Check the program that writes it.")

// maxReplaced is how often a file is opened that is replaced meanwhile, as Kubernetes replaces the files of a secret.
const maxReplaced = 3

func (r fileRules) read(path string, limit int64) (TrustedFile, error) {
	for try := 1; ; try++ {
		file, err := r.readOnce(path, limit)
		if !errors.Is(err, errReplaced) || try == maxReplaced {
			return file, err
		}
	}
}

func (r fileRules) readOnce(path string, limit int64) (TrustedFile, error) {
	// Without O_NONBLOCK, opening a pipe would wait for a writer.
	opened, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return TrustedFile{}, r.cannotOpen(path, err)
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return TrustedFile{}, cannotRead(err)
	}
	if !info.Mode().IsRegular() {
		return TrustedFile{}, valueError("something that is not a regular file. Set it to the path of a file.")
	}
	if err := r.checkFile(path, info); err != nil {
		return TrustedFile{}, err
	}
	folder, err := r.checkFolders(path, info)
	if err != nil {
		return TrustedFile{}, err
	}
	data, err := io.ReadAll(io.LimitReader(opened, limit))
	switch {
	case err != nil:
		return TrustedFile{}, cannotRead(err)
	case int64(len(data)) == limit:
		return TrustedFile{}, valueError("a file that is too large for this setting. Check the path.")
	}
	if data, err = withoutMark(data); err != nil {
		return TrustedFile{}, err
	}
	file := TrustedFile{Data: data, Info: info}
	if !r.readOnly(folder) {
		file.WorldReadable = info.Mode().Perm()&0o004 != 0
		// A file of root is read through its group: packages install files so. The group of root has no other users.
		file.GroupReadable = info.Mode().Perm()&0o040 != 0 && owner(info) == r.uid && group(info) != 0
	}
	return file, nil
}

// cannotOpen is cannotRead with the path of a file that is missing in a folder which exists, and with the owner of a
// file that exists: such a path is no secret that was set by mistake. With fs.protected_symlinks Linux itself refuses
// what foreignLinkError is about.
func (r fileRules) cannotOpen(path string, err error) error {
	switch folder, statErr := os.Stat(filepath.Dir(path)); {
	case errors.Is(err, fs.ErrNotExist) && filepath.IsAbs(path) && filepath.Dir(path) != "/" && statErr == nil &&
		folder.IsDir():
		return valueError("a file that does not exist: " + path + ". " + missingAdvice(path))
	case !errors.Is(err, fs.ErrPermission):
		return cannotRead(err)
	}
	_, why := r.checkFolders(path, nil)
	if link, ok := errors.AsType[foreignLinkError](why); ok {
		return link
	}
	return valueError("a file that cannot be read: permission denied: " + accessAdvice(path, err))
}

// putFile is what to do about a missing file.
const putFile = "Put it there, or correct the path."

// missingAdvice returns what to do about a missing file. systemd makes the files below /run/credentials for a service.
func missingAdvice(path string) string {
	if strings.HasPrefix(path, serviceFiles) {
		return "Add LoadCredential=" + filepath.Base(path) + ":… to the service with the path of the file, and restart it."
	}
	return putFile
}

// cannotRead returns an error without the operation and the path of an os error.
func cannotRead(err error) error {
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		err = pathErr.Err
	}
	return valueError("a file that cannot be read: " + err.Error() + ". Check the path and the permissions.")
}

// checkFile checks the owner and the mode of a file.
func (r fileRules) checkFile(path string, info fs.FileInfo) error {
	if !r.owns(info) {
		advice := fmt.Sprintf("change that with: chown %d %s", r.uid, path)
		if r.uid == 0 {
			advice = fmt.Sprintf("run this as the user %d, or %s", owner(info), advice)
		}
		return valueError(fmt.Sprintf(
			"a file that belongs to the user %d. It must belong to root or to the user of the console, %d: %s",
			owner(info),
			r.uid,
			advice,
		))
	}
	if r.writable(info) {
		return valueError("a file that users other than its owner can write. Change that with: chmod go-w " + path)
	}
	return nil
}

// checkFolder checks the owner and the mode of a folder.
func (r fileRules) checkFolder(dir string, info fs.FileInfo) error {
	if !r.owns(info) {
		return valueError(fmt.Sprintf(
			"a file in the folder %q, which belongs to the user %d. It must belong to root or to the user of the console, %d: "+
				"move the file to such a folder.",
			dir,
			owner(info),
			r.uid,
		))
	}
	if r.writable(info) && info.Mode()&fs.ModeSticky == 0 && !r.readOnly(dir) {
		return valueError(fmt.Sprintf(
			"a file in the folder %q, in which users other than its owner can write. Change that with chmod go-w, or mount it "+
				"read-only.",
			dir,
		))
	}
	return nil
}

// maxLinks is how many symbolic links Linux follows on one path.
const maxLinks = 40

// checkFolders follows a path from the root, checks each folder on the way, and that the path leads to the opened file.
// It returns the folder of the file. It checks what each symbolic link leads to, and, in sticky folders, the link's
// owner.
func (r fileRules) checkFolders(path string, opened fs.FileInfo) (folder string, err error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", cannotRead(err)
	}
	folder = "/"
	pending := strings.Split(absolute, "/")
	links := 0
	for {
		info, err := os.Lstat(folder)
		if err != nil {
			return "", cannotRead(err)
		}
		if err := r.checkFolder(folder, info); err != nil {
			return "", err
		}
		var next string
		if next, pending, err = r.enter(folder, pending, info.Mode()&fs.ModeSticky != 0, &links); err != nil {
			return "", err
		}
		if len(pending) == 0 {
			last, err := os.Lstat(next)
			if err != nil || !os.SameFile(last, opened) {
				return "", errReplaced
			}
			return filepath.Dir(next), nil
		}
		folder = next
	}
}

// enter goes one step from a folder: into the first of the pending names, or to the start of a symbolic link's target.
// It returns where that is, and the names that are left.
func (r fileRules) enter(folder string, pending []string, sticky bool, links *int) (string, []string, error) {
	name, rest := pending[0], pending[1:]
	switch name {
	case "", ".":
		if len(rest) == 0 {
			return "", nil, errReplaced // a folder took the place of the file
		}
		return folder, rest, nil
	case "..":
		return filepath.Dir(folder), rest, nil
	}
	next := filepath.Join(folder, name)
	info, err := os.Lstat(next)
	if err != nil {
		return "", nil, errReplaced
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return next, rest, nil
	}
	if *links++; *links > maxLinks {
		return "", nil, errReplaced
	}
	if sticky && !r.owns(info) {
		return "", nil, foreignLinkError{folder: folder, owner: owner(info)}
	}
	target, err := os.Readlink(next)
	if err != nil {
		return "", nil, errReplaced
	}
	rest = append(strings.Split(target, "/"), rest...)
	if filepath.IsAbs(target) {
		return "/", rest, nil
	}
	return folder, rest, nil
}

// foreignLinkError is a symbolic link of another user in a sticky folder.
type foreignLinkError struct {
	folder string
	owner  int
}

func (e foreignLinkError) Error() string {
	return fmt.Sprintf("a symbolic link in %q that belongs to the user %d. Remove it.", e.folder, e.owner)
}

// owns reports whether root or the console's user owns a file.
func (r fileRules) owns(info fs.FileInfo) bool { return owner(info) == 0 || owner(info) == r.uid }

// writable reports whether users other than the owner can write a file or folder, beside members of accepted groups.
func (r fileRules) writable(info fs.FileInfo) bool {
	others := info.Mode().Perm() & 0o022
	if slices.Contains(r.groups, group(info)) {
		others &^= 0o020
	}
	return others != 0
}

func owner(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

func group(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Gid) }

// withoutMark returns text without the byte order mark of UTF-8, which editors on Windows write. It refuses UTF-16,
// also without a mark: then one of the first two bytes is zero.
func withoutMark(data []byte) ([]byte, error) {
	const advice = ". Write it as UTF-8 without a mark, in PowerShell for example with: Set-Content -Encoding utf8NoBOM."
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return nil, valueError(fmt.Sprintf("a file that begins with the byte order mark of UTF-16, %X%s", data[:2], advice))
	case bytes.Contains(data[:min(2, len(data))], []byte{0}):
		return nil, valueError("a file that begins with a zero byte, as UTF-16 has them" + advice)
	}
	return bytes.TrimPrefix(data, []byte(mark)), nil
}

// CheckDatabaseFile checks the file of a SQLite database and its folders like ReadTrusted, with two differences:
// members of the console's own groups may write, because Kubernetes gives a volume to a group (fsGroup) and lets it
// write; and a folder that others can write is only a warning, because volumes of several kinds are such folders, and
// changed events are found by the audit log's chain. The file may be missing.
func CheckDatabaseFile(path string) (warning string, err error) {
	rules := ownRules()
	rules.groups, _ = os.Getgroups()
	rules.groups = append(rules.groups, os.Getegid())
	return rules.checkDatabaseFile(path)
}

func (r fileRules) checkDatabaseFile(path string) (warning string, err error) {
	// SQLite keeps changes in files beside the database, and reads them when it opens it.
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		info, err := os.Stat(path + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", r.cannotOpen(path+suffix, err)
		}
		if err := r.checkFile(path+suffix, info); err != nil {
			return "", fmt.Errorf("%s is %w", path+suffix, err)
		}
		if suffix != "" {
			continue
		}
		if _, err := r.checkFolders(path, info); err != nil && !errors.Is(err, errReplaced) {
			return strconv.Quote(path) + " is " + err.Error(), nil
		}
	}
	return "", nil
}
