package store

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// postgresIDs returns the user and group to run PostgreSQL as. switchUser is false when it can run as the current
// user. PostgreSQL refuses to run as root, so root runs it as the user that Debian's package creates.
func postgresIDs() (uid, gid int, switchUser bool, err error) {
	if os.Getuid() != 0 {
		return 0, 0, false, nil
	}
	postgres, err := user.Lookup("postgres")
	if err != nil {
		return 0, 0, false, fmt.Errorf("PostgreSQL does not run as root: %w", err)
	}
	uid, err = strconv.Atoi(postgres.Uid)
	if err != nil {
		return 0, 0, false, err
	}
	gid, err = strconv.Atoi(postgres.Gid)
	return uid, gid, true, err
}

func chownToPostgres(dir string) error {
	uid, gid, switchUser, err := postgresIDs()
	if err != nil || !switchUser {
		return err
	}
	return os.Chown(dir, uid, gid)
}

// runAsPostgres makes a command run as the user of postgresIDs.
func runAsPostgres(cmd *exec.Cmd) {
	if uid, gid, switchUser, err := postgresIDs(); err == nil && switchUser {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
}
