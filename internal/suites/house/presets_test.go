package house

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

// TestPresetNamesAreInOnePlace keeps the names of the proxy-jwt presets out of all code but their table, and requires a
// description of each in docs/sign-in/proxy-jwt.md.
func TestPresetNamesAreInOnePlace(t *testing.T) {
	t.Parallel()
	docs := readAll(t, "docs/sign-in/proxy-jwt.md")
	for _, name := range config.PresetNames() {
		if !strings.Contains(docs, "PROXY_JWT_PRESET="+name+"\n") {
			t.Errorf("docs/sign-in/proxy-jwt.md has no example with VOXWARDEN_PROXY_JWT_PRESET=%s", name)
		}
	}
	for _, file := range goFiles(t) {
		if file.test || file.helper || file.path == "internal/config/presets.go" {
			continue
		}
		text := readAll(t, file.path)
		for _, name := range config.PresetNames() {
			// "custom" is also an ordinary word, so only the quoted value counts.
			if strings.Contains(text, `"`+name+`"`) || name != "custom" && strings.Contains(text, name) {
				t.Errorf("%s contains the preset name %s: read it from internal/config/presets.go", file.path, name)
			}
		}
	}
}
