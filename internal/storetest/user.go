package storetest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// PostgreSQL refuses to run as root: there it runs as the user that Debian's package makes, who owns its folder.

// ids are the user and the group to run as, when it is not as oneself.
func ids() (uid, gid int, other bool, err error) {
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

func ownedByPostgres(dir string) error {
	uid, gid, other, err := ids()
	if err != nil || !other {
		return err
	}
	return os.Chown(dir, uid, gid)
}

// asPostgres lets a command run as that user.
func asPostgres(cmd *exec.Cmd) {
	if uid, gid, other, err := ids(); err == nil && other {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
}
