package voxapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

// No way of printing a value that contains a secret shows the secret.
func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	const planted = "hunter2-Planted!"
	type hidden struct{ password config.Secret }
	key := testCredentials()
	values := map[string]any{
		"secret":           config.NewSecret(planted),
		"pointer":          ptr(config.NewSecret(planted)),
		"exported field":   NewSubUser{Login: "jdoe_1", Password: config.NewSecret(planted)},
		"unexported field": hidden{config.NewSecret(planted)},
		"deep":             []map[string]*hidden{{"a": {config.NewSecret(planted)}}},
		"key info":         KeyInfo{KeyID: "k", PrivateKey: config.NewSecret(planted)},
		"credentials":      key,
		"credentials copy": *key,
	}
	secrets := []string{planted, key.key.D.String(), key.key.D.Text(16), key.key.Primes[0].String()}
	for name, value := range values {
		for i, text := range printedForms(t, value) {
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s, printing %d shows a secret: %s", name, i, text)
				}
			}
		}
	}
}

func printedForms(t *testing.T, value any) []string {
	t.Helper()
	var texts []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%t", "%p"} {
		texts = append(texts, fmt.Sprintf(verb, value))
	}
	if raw, err := json.Marshal(value); err == nil {
		texts = append(texts, string(raw))
	}
	var log, page bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "value", value)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "value", value)
	if err := template.Must(template.New("").Parse("{{.}}<script>{{.}}</script>")).Execute(&page, value); err != nil {
		t.Fatal(err)
	}
	return append(texts, log.String(), page.String())
}
