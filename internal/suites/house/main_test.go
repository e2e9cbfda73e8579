package house

import (
	"os"
	"syscall"
	"testing"
)

// TestMain makes folders of tests writable for their owner only: files with secrets in any other folder are refused.
func TestMain(m *testing.M) {
	syscall.Umask(0o022)
	os.Exit(m.Run())
}
