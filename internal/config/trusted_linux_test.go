package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// volume is a folder as Kubernetes fills it for a secret: every user may write to it, unless its mount is read-only.
// The links ..data and k lead to the newest version.
type volume struct {
	t        *testing.T
	dir      string
	versions int
}

func newVolume(t *testing.T) *volume {
	t.Helper()
	base := t.TempDir()
	v := &volume{t: t, dir: filepath.Join(base, "volume")}
	if err := errors.Join(os.Chmod(base, 0o700), os.Mkdir(v.dir, 0o700), os.Chmod(v.dir, 0o777)); err != nil {
		t.Fatal(err)
	}
	v.replace("version 1")
	if err := os.Symlink("..data/k", filepath.Join(v.dir, "k")); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v *volume) path() string { return filepath.Join(v.dir, "k") }

// replace writes a new version beside the old one, and moves the link to it.
func (v *volume) replace(content string) {
	v.t.Helper()
	v.versions++
	name := "..2026_11_28_" + strings.Repeat("1", v.versions)
	version, link := filepath.Join(v.dir, name), filepath.Join(v.dir, "..data")
	old, _ := os.Readlink(link)
	if err := errors.Join(
		os.Mkdir(version, 0o755),
		os.WriteFile(filepath.Join(version, "k"), []byte(content), 0o644),
		os.Chmod(filepath.Join(version, "k"), 0o644),
		os.Chmod(version, 0o755),
		os.Symlink(name, link+"_tmp"),
		os.Rename(link+"_tmp", link),
	); err != nil {
		v.t.Fatal(err)
	}
	if old != "" {
		if err := os.RemoveAll(filepath.Join(v.dir, old)); err != nil {
			v.t.Fatal(err)
		}
	}
}

// rules return the rules of this user, with a function in the place of the system's knowledge of mounts.
func rules(readOnly func(dir string) bool) fileRules {
	return fileRules{uid: os.Geteuid(), readOnly: readOnly}
}

func below(dir string) func(string) bool {
	return func(path string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }
}

func TestSecretVolumeOfKubernetes(t *testing.T) {
	t.Parallel()
	v := newVolume(t)
	if _, err := rules(func(string) bool { return false }).read(v.path(), secretLimit); err == nil ||
		!strings.Contains(err.Error(), "in which users other than its owner can write") {
		t.Errorf("mounted for writing: %v", err)
	}
	readOnly := rules(below(v.dir))
	file, err := readOnly.read(v.path(), secretLimit)
	if err != nil || string(file.Data) != "version 1" || file.WorldReadable {
		t.Errorf("mounted read-only: %q, world-readable %t, %v", file.Data, file.WorldReadable, err)
	}
	v.replace("version 2")
	replaced, err := readOnly.read(v.path(), secretLimit)
	if err != nil || string(replaced.Data) != "version 2" || Unchanged(file.Info, replaced.Info) {
		t.Errorf("after the replacement: %q, %v", replaced.Data, err)
	}
	// A file that all can write is refused on any mount: the mount may be writable elsewhere.
	if err := os.Chmod(v.path(), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := readOnly.read(v.path(), secretLimit); err == nil {
		t.Error("accepts a file with mode 0666 on a read-only mount")
	}
}

// A path that leads to another file after the file was opened is followed again. The content is never that of a file
// other than the checked one.
func TestFileReplacedWhileItIsChecked(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		replacements int
		want         string
	}{
		{"once", 1, "version 2"},
		{"twice", 2, "version 3"},
		{"again and again", 1000, ""},
	} {
		v := newVolume(t)
		done := 0
		seen := rules(func(dir string) bool {
			if dir == v.dir && done < tc.replacements {
				done++
				v.replace("version " + string(rune('1'+done)))
			}
			return below(v.dir)(dir)
		})
		file, err := seen.read(v.path(), secretLimit)
		if tc.want == "" {
			if err == nil || !strings.Contains(err.Error(), "is being replaced again and again") || done > 3*maxReplaced {
				t.Errorf("%s: %q, %v after %d replacements", tc.name, file.Data, err, done)
			}
			continue
		}
		if err != nil || string(file.Data) != tc.want {
			t.Errorf("%s: got %q, %v, want %q", tc.name, file.Data, err, tc.want)
		}
	}
}

// systemd's LoadCredential= gives the service a folder that nothing can be written to, with files of root or of the
// service's user.
func TestCredentialsOfSystemd(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	for _, mode := range []os.FileMode{0o400, 0o440} {
		dir := filepath.Join(base, mode.String())
		path := filepath.Join(dir, "secret-key")
		if err := errors.Join(
			os.Chmod(base, 0o700),
			os.Mkdir(dir, 0o700),
			os.WriteFile(path, []byte("secret"), mode),
			os.Chmod(path, mode),
			os.Chmod(dir, mode|mode>>2),
		); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
		for _, readOnly := range []bool{true, false} {
			file, err := rules(func(string) bool { return readOnly }).read(path, secretLimit)
			if err != nil || string(file.Data) != "secret" || file.WorldReadable {
				t.Errorf("mode %o: %q, %v", mode, file.Data, err)
			}
		}
	}
}

// A real mount, as far as the system lets this user make one.
func TestRealMount(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mount")
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o700), os.Mkdir(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	// The goroutine does not give the thread back, so that the thread and its mounts end with it.
	done := make(chan error, 1)
	go func() {
		defer close(done)
		runtime.LockOSThread()
		done <- inMount(t, dir)
	}()
	if err := <-done; errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skipf("this user cannot mount a file system: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
}

// inMount reads a secret volume on a tmpfs, mounted for writing and then read-only. Only the calling thread has the
// mount.
func inMount(t *testing.T, dir string) error {
	if err := syscall.Unshare(syscall.CLONE_NEWNS | syscall.CLONE_FS); err != nil {
		return err
	}
	if err := syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0777"); err != nil {
		return err
	}
	v := &volume{t: t, dir: dir}
	v.replace("version 1")
	if err := os.Symlink("..data/k", v.path()); err != nil {
		return err
	}
	if _, err := ReadTrusted(v.path()); err == nil || !strings.Contains(err.Error(), "or mount it read-only") {
		t.Errorf("mounted for writing: %v", err)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""); err != nil {
		return err
	}
	file, err := ReadTrusted(v.path())
	if err != nil || string(file.Data) != "version 1" || file.WorldReadable {
		t.Errorf("mounted read-only: %q, world-readable %t, %v", file.Data, file.WorldReadable, err)
	}
	return nil
}

// Our own file must not be readable by its group. A file of root is read through its group, as packages install it.
func TestFilesThatTheGroupCanRead(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	for _, tc := range []struct {
		uid, gid int
		mode     os.FileMode
		want     bool
	}{
		{12345, 12345, 0o640, true},
		{12345, 12345, 0o600, false},
		{0, 12345, 0o640, false},
		{12345, 0, 0o640, false},
	} {
		path := filepath.Join(t.TempDir(), "secret")
		err := errors.Join(
			os.WriteFile(path, []byte("x"), 0o600), os.Chown(path, tc.uid, tc.gid), os.Chmod(path, tc.mode),
		)
		if err != nil {
			t.Fatal(err)
		}
		rules := fileRules{uid: 12345, readOnly: readOnlyMount}
		file, err := rules.read(path, secretLimit)
		if err != nil || file.GroupReadable != tc.want {
			t.Errorf("%d:%d %v: got %t, %v", tc.uid, tc.gid, tc.mode, file.GroupReadable, err)
		}
	}
}
