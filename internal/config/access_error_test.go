package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Advice never gives away a folder that other programs use.
func TestAccessAdviceForSharedFolders(t *testing.T) {
	t.Parallel()
	for path, shared := range map[string]bool{
		"/": true, "/root": true, "/etc": true, "/var": true, "/var/lib": true, "/srv": true, "/tmp": true, "/home": true,
		"/home/anna": true, "/usr/local": true, "/run": true, "/mnt": true, "/data": false, "/srv/voxwarden": false,
		"/var/lib/voxwarden": false, "/home/anna/voxwarden": false,
	} {
		if got := sharedFolder(path); got != shared {
			t.Errorf("%s: %t", path, got)
		}
	}
	advice := accessAdvice("/", fs.ErrPermission)
	if strings.Contains(advice, ": ch") || !strings.Contains(advice, "use a folder of its own") {
		t.Error(advice)
	}
}

// A service of systemd sees a folder as read-only that is not on a read-only disk.
func TestReadOnlyAdvice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "x.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, file, filepath.Join(dir, "missing.db")} {
		const want = ", or, in a service of systemd, add ReadWritePaths="
		if got := accessAdvice(path, syscall.EROFS); got != "mount it for writing"+want+dir {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// The service of a package gets an empty file for one that is missing, and nothing can be written where it sees it.
func TestEmptyCredentialOfService(t *testing.T) {
	t.Parallel()
	const path = "/run/credentials/voxwarden.service/audit.key"
	const write = "Write the value into it."
	got := emptyFile(path, write)
	if !strings.Contains(got, "LoadCredential=audit.key") || !strings.Contains(got, "restart") ||
		strings.Contains(got, "into it") {
		t.Error(got)
	}
	if got := emptyFile("/etc/x/audit.key", write); got != "names an empty file. "+write {
		t.Error(got)
	}
}
