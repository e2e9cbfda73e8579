package handlers

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// A shell passes on exactly the texts of the form, whatever they contain. curl is a shell function here that prints its
// arguments.
func TestCurlCommandsAreShellSafe(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal("bash is needed")
	}
	a := &App{Options: Options{APIURL: "https://api.voximplant.com/platform_api"}}
	nasty := "it's \"a\" $HOME `id` \\ test; rm -rf / & | > x\nsecond line !!"
	calls := operations.CreateSubuser{
		Login:       "anna_k",
		Description: nasty,
		Password:    config.NewSecret("Planted-1"),
		Roles:       []int64{3, 7},
		Offered:     []int64{3, 7},
	}.VendorCalls()
	script := "curl() { printf '%s\\0' \"$@\"; }\nVOXIMPLANT_TOKEN=tok NEW_PASSWORD='p w'\n" + a.curlCommands(calls)
	out, err := exec.CommandContext(t.Context(), shell, "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	want := []string{
		"-X",
		"POST",
		"https://api.voximplant.com/platform_api/AddSubUser",
		"-H",
		"Authorization: Bearer tok",
		"--data-urlencode",
		"new_subuser_name=anna_k",
		"--data-urlencode",
		"new_subuser_password=p w",
		"--data-urlencode",
		"role_id=3;7",
		"--data-urlencode",
		"description=" + nasty,
	}
	if strings.Join(got, "\x00") != strings.Join(want, "\x00") {
		t.Errorf("the shell has %q, want %q", got, want)
	}
	if strings.Contains(script, "Planted-1") {
		t.Error("the password is in the code")
	}
}
