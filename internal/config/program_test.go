package config_test

import (
	"os"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

// Only the program's name is replaced, not every server. It changes the name of the program, so it is not parallel.
func TestAsCalled(t *testing.T) {
	before := os.Args[0]
	defer func() { os.Args[0] = before }()
	for _, tc := range []struct{ text, want string }{
		{"server: run: server init", "voxwarden: run: voxwarden init"},
		{"“server audit verify -head”", "“voxwarden audit verify -head”"},
		{"Usage: server [flags]\n       server COMMAND", "Usage: voxwarden [flags]\n       voxwarden COMMAND"},
		{"unknown command: server -h lists all", "unknown command: voxwarden -h lists all"},
		{"the server initializes; from the server: EOF", "the server initializes; from the server: EOF"},
		{"/usr/lib/voxwarden/server", "/usr/lib/voxwarden/server"},
	} {
		os.Args[0] = "/usr/bin/voxwarden"
		if got := config.AsCalled(tc.text); got != tc.want {
			t.Errorf("%q became %q", tc.text, got)
		}
		os.Args[0] = "bin/server"
		if got := config.AsCalled(tc.text); got != tc.text {
			t.Errorf("as server, %q became %q", tc.text, got)
		}
	}
}
