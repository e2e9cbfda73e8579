package voxsim

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
)

// keyInfo is the result of CreateKey and the content of a credentials.json.
type keyInfo struct {
	AccountEmail string `json:"account_email"`
	AccountID    int64  `json:"account_id"`
	KeyID        string `json:"key_id"`
	PrivateKey   string `json:"private_key"`
	Extra        *extra `json:"x_sim_extra,omitempty"`
}

func newKeyInfo(a *account, keyID string, private *rsa.PrivateKey) (keyInfo, error) {
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return keyInfo{}, fmt.Errorf("encoding a private key: %w", err)
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return keyInfo{AccountEmail: a.email, AccountID: a.id, KeyID: keyID, PrivateKey: string(block)}, nil
}

func credentialsFile(a *account, keyID string, private *rsa.PrivateKey) ([]byte, error) {
	info, err := newKeyInfo(a, keyID, private)
	if err != nil {
		return nil, err
	}
	file, err := json.MarshalIndent(info, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding credentials: %w", err)
	}
	return append(file, '\n'), nil
}
