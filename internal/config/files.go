package config

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"os"
)

// Maximum file sizes in bytes. Secrets and key sets have a few thousand bytes, a system's list of certificates a few
// hundred thousand. A larger file is a wrong path.
const (
	secretLimit       = 64 << 10
	certificatesLimit = 4 << 20
)

// readTrusted reads a file with secrets, keys or certificates. Its error is the end of a sentence and never contains
// the path: the value may be a secret that was set by mistake instead of its path, and the sentence is logged.
//
// A file that group or others can write is refused, because it decides what the console trusts. A file that others can
// read is accepted: container platforms mount secrets with mode 0444 or 0644 and owner root, while the console runs as
// another user.
//
// Only regular files are read: waiting for a pipe would look like a console that does not start.
func readTrusted(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, cannotRead(err)
	}
	if !info.Mode().IsRegular() {
		return nil, valueError("names something that is not a regular file. Set it to the path of a file.")
	}
	if info.Mode().Perm()&0o022 != 0 {
		return nil, valueError("names a file that users other than its owner can write. Change that with: chmod go-w.")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, cannotRead(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit))
	switch {
	case err != nil:
		return nil, cannotRead(err)
	case int64(len(data)) == limit:
		return nil, valueError("names a file that is too large for this setting. Check the path.")
	}
	return data, nil
}

// cannotRead returns an error without the operation and the path of an os error.
func cannotRead(err error) error {
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		err = pathErr.Err
	}
	return valueError("names a file that cannot be read: " + err.Error() + ". Check the path and the permissions.")
}

// setCredentialsFile accepts the path of a readable file. The client of the Management API checks its content, and
// reads it again whenever it changes.
func setCredentialsFile(c *Config, path string) error {
	data, err := readTrusted(path, secretLimit)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return valueError("names an empty file. Write the credentials.json from Voximplant into it.")
	}
	c.CredentialsFile = path
	return nil
}

// setRootCAs reads certificates to trust in addition to the system's.
func setRootCAs(c *Config, path string) error {
	data, err := readTrusted(path, certificatesLimit)
	if err != nil {
		return err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(data) {
		return valueError("names a file without a PEM certificate. It must contain -----BEGIN CERTIFICATE-----.")
	}
	c.RootCAs = pool
	return nil
}

// setKeysFile accepts the path of a JSON Web Key Set. Package identity checks the keys.
func setKeysFile(c *Config, path string) error {
	data, err := readTrusted(path, secretLimit)
	if err != nil {
		return err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(data, &set) != nil || len(set.Keys) == 0 {
		return valueError(
			`names a file that is not a key set. It must contain JSON such as {"keys": […]}, as the proxy publishes it.`,
		)
	}
	c.ProxyJWT.KeysFile = path
	return nil
}
