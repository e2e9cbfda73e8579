package voxapi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

func pemText(t *testing.T, kind string, der []byte) string {
	t.Helper()
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pemText(t, "PRIVATE KEY", der)
}

func credentialsFile(t *testing.T, account any, keyID, key string) string {
	t.Helper()
	raw, err := json.Marshal(map[string]any{
		"account_email": "ops@example.com", "account_id": account, "key_id": keyID, "private_key": key, "extra": 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestParseCredentials(t *testing.T) {
	t.Parallel()
	pkcs1PEM := pemText(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(testKey()))
	pkcs8PEM := pkcs8(t, testKey())
	files := map[string]string{
		"PKCS#8":            credentialsFile(t, 4711, "k-1", pkcs8PEM),
		"PKCS#1":            credentialsFile(t, 4711, "k-1", pkcs1PEM),
		"account as string": credentialsFile(t, "4711", "k-1", pkcs8PEM),
		"wrapped":           `{"result":` + credentialsFile(t, 4711, "k-1", pkcs8PEM) + `}`,
		"from CredentialsJSON": string(KeyInfo{
			AccountEmail: "ops@example.com",
			AccountID:    4711,
			KeyID:        "k-1",
			PrivateKey:   config.NewSecret(pkcs8PEM),
		}.CredentialsJSON()),
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := ParseCredentials([]byte(file))
			if err != nil {
				t.Fatal(err)
			}
			if c.AccountID != 4711 || c.KeyID != "k-1" || c.AccountEmail != "ops@example.com" || !c.key.Equal(testKey()) {
				t.Errorf("read %v, %s", c, c.AccountEmail)
			}
		})
	}
}

func TestParseCredentialsErrors(t *testing.T) {
	t.Parallel()
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := pkcs8(t, testKey())
	tests := map[string]struct{ file, want string }{
		"empty":          {"", "credentials.json"},
		"only a key":     {good, "credentials.json"},
		"a list":         {"[]", "credentials.json"},
		"no account":     {credentialsFile(t, 0, "k", good), "account_id"},
		"account a word": {credentialsFile(t, "mine", "k", good), "credentials.json"},
		"no key id":      {credentialsFile(t, 1, "", good), "key_id"},
		"no private key": {credentialsFile(t, 1, "k", ""), "private_key is missing"},
		"no PEM":         {credentialsFile(t, 1, "k", "planted-secret"), "PEM"},
		"broken PKCS#8":  {credentialsFile(t, 1, "k", pemText(t, "PRIVATE KEY", []byte("planted-secret"))), "PKCS#8"},
		"broken PKCS#1":  {credentialsFile(t, 1, "k", pemText(t, "RSA PRIVATE KEY", []byte("planted-secret"))), "PKCS#1"},
		"another kind":   {credentialsFile(t, 1, "k", pkcs8(t, curve)), "not an RSA key"},
		"encrypted":      {credentialsFile(t, 1, "k", pemText(t, "ENCRYPTED PRIVATE KEY", []byte("x"))), "unencrypted"},
		"no result":      {`{"result":null}`, "account_id"},
		"error response": {`{"error":{"code":100,"msg":"x"}}`, "account_id"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := ParseCredentials([]byte(test.file))
			if err == nil {
				t.Fatalf("accepted as %v", c)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not name %q", err, test.want)
			}
			if strings.Contains(err.Error(), "planted") || strings.Contains(err.Error(), "BEGIN") {
				t.Errorf("error quotes the file: %v", err)
			}
		})
	}
}
