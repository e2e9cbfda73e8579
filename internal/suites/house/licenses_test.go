package house

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/licenses"
)

// TestComponentsHaveLicenses compares the table of components with the modules that the program is built from, on both
// architectures of a release, and with the packages whose scripts it serves. The texts are added by the build.
func TestComponentsHaveLicenses(t *testing.T) {
	t.Parallel()
	want := []string{"go std"}
	for _, architecture := range []string{"amd64", "arm64"} {
		const path = `{{with .Module}}{{if not .Main}}go {{.Path}}{{end}}{{end}}`
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", path, "./cmd/server")
		list.Dir = root
		list.Env = append(list.Environ(), "GOOS=linux", "GOARCH="+architecture, "CGO_ENABLED=0")
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })...)
	}
	var manifest struct{ Dependencies map[string]string }
	if err := json.Unmarshal([]byte(readAll(t, "package.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	for name := range manifest.Dependencies {
		want = append(want, "npm "+name)
	}
	components, err := licenses.Components()
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, c := range components {
		have = append(have, c.Source+" "+c.Name)
	}
	for _, component := range want {
		if !slices.Contains(have, component) {
			t.Errorf("internal/licenses/components.tsv lacks %s", component)
			have = append(have, component)
		}
	}
	for _, component := range have {
		if !slices.Contains(want, component) {
			t.Errorf("internal/licenses/components.tsv lists %s, which the program lacks", component)
		}
	}
}
