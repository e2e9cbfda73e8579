package voxapi

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/voxwarden/voxwarden/internal/config"
)

// KeyInfo is a new key with its private key, which exists nowhere else. Show it once and store it nowhere.
type KeyInfo struct {
	// AccountEmail is the e-mail address of the account; may be empty.
	AccountEmail string
	// AccountID is the account that the key is for.
	AccountID int64
	// KeyID is the key's id, a UUID.
	KeyID string
	// PrivateKey is the private key in the PEM format, as the vendor sent it.
	PrivateKey config.Secret
}

// CredentialsJSON returns the file credentials.json that the vendor's clients read: the four fields of CreateKey's
// result, without the wrapper. It contains the private key in plain text.
func (k KeyInfo) CredentialsJSON() []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	// Encoding a struct of strings and a number to a buffer cannot fail.
	_ = encoder.Encode(keyFile{
		AccountEmail: k.AccountEmail,
		AccountID:    k.AccountID,
		KeyID:        k.KeyID,
		PrivateKey:   k.PrivateKey.Reveal(),
	})
	return b.Bytes()
}

// wireKeyInfo is the vendor's KeyInfo: CreateKey's result, and credentials.json.
type wireKeyInfo struct {
	AccountEmail text    `json:"account_email"`
	AccountID    *number `json:"account_id"`
	KeyID        text    `json:"key_id"`
	PrivateKey   text    `json:"private_key"`
}

// decodeKeyInfo decodes CreateKey's result: one object, also accepted as a list of one, since the vendor's own clients
// expect a list and a private key that cannot be decoded is lost. If the response has no account, it is the requested
// one.
func decodeKeyInfo(result json.RawMessage, account int64) (KeyInfo, error) {
	var wire oneOrMany[wireKeyInfo]
	if json.Unmarshal(result, &wire) != nil || len(wire) != 1 {
		return KeyInfo{}, errors.New("the result is not the documented object")
	}
	w := wire[0]
	if w.KeyID == "" || w.PrivateKey == "" {
		return KeyInfo{}, errors.New("a new key without key_id or private_key")
	}
	if w.AccountID != nil {
		account = int64(*w.AccountID)
	}
	return KeyInfo{
		AccountEmail: string(w.AccountEmail),
		AccountID:    account,
		KeyID:        string(w.KeyID),
		PrivateKey:   config.NewSecret(string(w.PrivateKey)),
	}, nil
}
