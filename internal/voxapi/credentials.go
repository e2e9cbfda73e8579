package voxapi

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
)

// Credentials is the vendor's credentials.json: a service-account key and the account that it belongs to. Its text
// forms never contain the private key. See https://docs.voximplant.ai/api-reference/management-api/authorization.
type Credentials struct {
	// AccountEmail is the e-mail address of the account; may be empty.
	AccountEmail string
	// AccountID is the account in which the key was created.
	AccountID int64
	// KeyID is the key's id, a UUID. It is not secret.
	KeyID string

	key *rsa.PrivateKey
}

// FixedCredentials returns an Options.Credentials function for a program that does not reload its credentials.
func FixedCredentials(c *Credentials) func() *Credentials {
	return func() *Credentials { return c }
}

// ParseCredentials parses the content of a credentials.json: the value of CreateKey's result, or the whole response
// {"result":{…}} around it. The private key is an RSA key in PEM, PKCS#8 or PKCS#1. Errors name the field and never
// quote the file.
func ParseCredentials(data []byte) (*Credentials, error) {
	file, err := readCredentialsFile(data)
	if err != nil {
		return nil, err
	}
	account, err := requiredID(file.AccountID, "credentials: account_id is missing or is not a positive number")
	switch {
	case err != nil:
		return nil, err
	case file.KeyID == "":
		return nil, errors.New("credentials: key_id is missing")
	case file.PrivateKey == "":
		return nil, errors.New("credentials: private_key is missing")
	}
	key, err := parsePrivateKey(string(file.PrivateKey))
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	return &Credentials{
		AccountEmail: string(file.AccountEmail),
		AccountID:    account,
		KeyID:        string(file.KeyID),
		key:          key,
	}, nil
}

// readCredentialsFile decodes the JSON. The decoder's own errors may quote the file, so they are replaced.
func readCredentialsFile(data []byte) (wireKeyInfo, error) {
	var wrapper struct {
		Result *wireKeyInfo `json:"result"`
	}
	var unwrapped wireKeyInfo
	if json.Unmarshal(data, &wrapper) != nil || json.Unmarshal(data, &unwrapped) != nil {
		return wireKeyInfo{}, errors.New("credentials: not a JSON object of the form of credentials.json")
	}
	if wrapper.Result != nil {
		return *wrapper.Result, nil
	}
	return unwrapped, nil
}

func parsePrivateKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("private_key is not in the PEM format")
	}
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err != nil {
			return nil, errors.New("private_key is not a valid PKCS#1 key")
		}
		return key, nil
	case "PRIVATE KEY":
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, errors.New("private_key is not a valid PKCS#8 key")
		}
		rsaKey, ok := key.(*rsa.PrivateKey)
		if !ok {
			return nil, errors.New("private_key is not an RSA key")
		}
		return rsaKey, nil
	default:
		return nil, errors.New("private_key is not an unencrypted private key")
	}
}

// String returns the account and the key id, without the private key.
func (c Credentials) String() string {
	return fmt.Sprintf("key %s of account %d", c.KeyID, c.AccountID)
}

// GoString returns the same as String.
func (c Credentials) GoString() string { return c.String() }

// LogValue returns a group of the account id and the key id.
func (c Credentials) LogValue() slog.Value {
	return slog.GroupValue(slog.Int64("account_id", c.AccountID), slog.String("key_id", c.KeyID))
}

// MarshalJSON returns the shape of credentials.json with the private key redacted.
func (c Credentials) MarshalJSON() ([]byte, error) {
	return json.Marshal(keyFile{
		AccountEmail: c.AccountEmail,
		AccountID:    c.AccountID,
		KeyID:        c.KeyID,
		PrivateKey:   redacted,
	})
}

// keyFile is credentials.json as the vendor writes it.
type keyFile struct {
	AccountEmail string `json:"account_email"`
	AccountID    int64  `json:"account_id"`
	KeyID        string `json:"key_id"`
	PrivateKey   string `json:"private_key"`
}
