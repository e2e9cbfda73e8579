package config

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"os"
)

// How large a file may be, in bytes. Secrets and key sets have a few thousand, a system's whole list of certificates
// a few hundred thousand; a larger one is a wrong path.
const (
	secretLimit       = 64 << 10
	certificatesLimit = 4 << 20
)

// readTrusted reads a file by which the console is told what to trust. Its error is the end of a sentence and never
// holds the path: people put a secret where its path should be, and the sentence ends up in a log.
//
// Who can write such a file decides what the console believes, so one that others than its owner can write is refused.
// One that others can read is not: container platforms mount secrets readable for everybody inside (0444 or 0644) and
// owned by root, while the console runs as somebody else, and inside that container there is nobody but the console.
//
// Only a file as such is read: waiting for a pipe would look like a console that does not start.
func readTrusted(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, cannotRead(err)
	}
	if !info.Mode().IsRegular() {
		return nil, valueError("names something that is not a file. Give it the path of a file.")
	}
	if info.Mode().Perm()&0o022 != 0 {
		return nil, valueError(
			"names a file that others than its owner can write, and so decide what the console trusts. Take that from them: " +
				"chmod go-w.",
		)
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
		return nil, valueError("names a file that is far too large for what belongs there. Check the path.")
	}
	return data, nil
}

// cannotRead says why a file cannot be read, without the operation and the path that os errors carry.
func cannotRead(err error) error {
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		err = pathErr.Err
	}
	return valueError("names a file that cannot be read: " + err.Error() + ". Check the path and who may read it.")
}

// setCredentialsFile takes the path of a file that can be read. What is in it is for the client of the Management API
// to say, which reads it again whenever it changes.
func setCredentialsFile(c *Config, path string) error {
	data, err := readTrusted(path, secretLimit)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return valueError("names a file which is empty. Put the credentials.json there that Voximplant handed out.")
	}
	c.CredentialsFile = path
	return nil
}

// setRootCAs reads certificates to trust beside the system's.
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
		return valueError("names a file without a PEM certificate. Give it one that begins with -----BEGIN CERTIFICATE-----.")
	}
	c.RootCAs = pool
	return nil
}

// setKeysFile takes the path of a JSON Web Key Set. Whether its keys can be used is for the sign-in to say.
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
			`names a file that is not a key set. Give it JSON such as {"keys": […]}, as the proxy publishes it.`,
		)
	}
	c.ProxyJWT.KeysFile = path
	return nil
}
