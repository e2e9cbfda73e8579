package identity_test

import (
	"os"
	"syscall"
	"testing"
)

// TestMain makes folders of tests writable for their owner only: a key file in any other folder is refused.
func TestMain(m *testing.M) {
	syscall.Umask(0o022)
	os.Exit(m.Run())
}
