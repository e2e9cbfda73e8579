package config_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	secret := config.NewSecret("hunter2")
	holder := struct{ Password config.Secret }{secret}
	hidden := struct{ password config.Secret }{secret}
	asJSON, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", secret, "holder", holder, "hidden", hidden)
	for name, text := range map[string]string{
		"verb v":  fmt.Sprintf("%v", secret),
		"plus v":  fmt.Sprintf("%+v %+v", holder, hidden),
		"sharp v": fmt.Sprintf("%#v %#v", holder, hidden),
		"hex":     fmt.Sprintf("%x %X %q %d", secret, holder, secret, secret),
		"json":    string(asJSON),
		"log":     log.String(),
	} {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e74657232") ||
			!strings.Contains(text, "[redacted]") {
			t.Errorf("%s shows %q", name, text)
		}
	}
	if secret.Reveal() != "hunter2" || secret.Empty() || !(config.Secret{}).Empty() {
		t.Error("Reveal or Empty is wrong")
	}
}
