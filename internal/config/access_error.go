package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// AccessError returns what this process cannot do with a file or folder, who owns it, and what to do. action is as in
// "cannot read PATH". The error wraps the cause without the operation and the path of an os error.
func AccessError(action, path string, cause error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](cause); ok {
		cause = pathErr.Err
	}
	return fmt.Errorf("cannot %s %s: %w: %s", action, path, cause, accessAdvice(path, cause))
}

// accessAdvice returns why the system refused access to a path, and what to do, as the end of a sentence.
func accessAdvice(path string, cause error) string {
	uid, gid := os.Geteuid(), os.Getegid()
	switch {
	case errors.Is(cause, syscall.EROFS):
		folder := path
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			folder = filepath.Dir(path)
		}
		return "mount it for writing, or, in a service of systemd, add ReadWritePaths=" + folder
	case errors.Is(cause, syscall.ENOSPC), errors.Is(cause, syscall.EDQUOT):
		return "free space on that disk"
	case errors.Is(cause, fs.ErrNotExist):
		return fmt.Sprintf("create it for the user %d of the console", uid)
	}
	// A folder on the way may be what cannot be entered.
	inTheWay, info := nearest(path)
	if info == nil {
		return fmt.Sprintf("the console runs as the user %d and the group %d", uid, gid)
	}
	subject := "it"
	if inTheWay != path {
		subject = inTheWay
	}
	advice := fmt.Sprintf("change that with: chown %d:%d %s", uid, gid, inTheWay)
	switch {
	case inTheWay == path && sharedFolder(path):
		advice = fmt.Sprintf("use a folder of its own that belongs to the user %d", uid)
	case owner(info) == uid:
		advice = "change that with: chmod u+rwX " + inTheWay // X: only for a folder
	case inTheWay != path: // a folder of another user, with other files
		advice = fmt.Sprintf("move the file to a folder that the user %d can enter", uid)
	}
	return fmt.Sprintf(
		"%s belongs to the user %d and the group %d and has the mode %04o, and the console runs as the user %d and the "+
			"group %d: %s",
		subject, owner(info), group(info), info.Mode().Perm(), uid, gid, advice,
	)
}

// sharedFolder reports whether a folder is one that other programs use too, by the Filesystem Hierarchy Standard. The
// console must not be its owner.
func sharedFolder(path string) bool {
	switch filepath.Dir(path) {
	case "/":
		return path == "/" || slices.Contains(strings.Fields(
			"bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var",
		), filepath.Base(path))
	case "/home", "/usr", "/var":
		return true
	}
	return false
}

// nearest returns the longest part of a path of which this process can see the owner, nil for none.
func nearest(path string) (string, fs.FileInfo) {
	for {
		if info, err := os.Stat(path); err == nil {
			return path, info
		}
		parent := filepath.Dir(path)
		if parent == path {
			return "", nil
		}
		path = parent
	}
}
