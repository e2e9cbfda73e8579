package config

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// readSetting reads a file that a setting names. Its error is the end of a sentence.
func readSetting(path string, limit int64) (TrustedFile, error) {
	file, err := ownRules().read(path, limit)
	if err != nil {
		return TrustedFile{}, valueError("names " + err.Error())
	}
	return file, nil
}

// setCredentialsFile accepts the path of a readable file. The client of the Management API checks its content, and
// reads it again whenever it changes.
func setCredentialsFile(c *Config, path string) error {
	file, err := readSetting(path, secretLimit)
	if err != nil {
		return err
	}
	c.warnIfReadable("CREDENTIALS_FILE", path, file)
	if len(bytes.TrimSpace(file.Data)) == 0 {
		return valueError(emptyFile(path, "Write the credentials.json from Voximplant into it."))
	}
	c.CredentialsFile = path
	return nil
}

// setWrittenFile accepts the path of a file that need not exist, in a folder that does.
func setWrittenFile(field func(*Config) *string, example string) func(*Config, string) error {
	return func(c *Config, path string) error {
		if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
			return valueError("must be the path of a file, such as " + example + ". It names something else.")
		}
		if folder, err := os.Stat(filepath.Dir(path)); err != nil || !folder.IsDir() {
			return valueError("must be the path of a file in a folder that exists, such as " + example + ".")
		}
		*field(c) = path
		return nil
	}
}

// setRootCAs reads certificates to trust in addition to the system's.
func setRootCAs(c *Config, path string) error {
	file, err := readSetting(path, certificatesLimit)
	if err != nil {
		return err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(file.Data) {
		return valueError("names a file without a PEM certificate. It must contain -----BEGIN CERTIFICATE-----.")
	}
	c.RootCAs = pool
	return nil
}

// setKeysFile accepts the path of a JSON Web Key Set. Package identity checks the keys.
func setKeysFile(c *Config, path string) error {
	file, err := readSetting(path, secretLimit)
	if err != nil {
		return err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(file.Data, &set) != nil || len(set.Keys) == 0 {
		return valueError(
			`names a file that is not a key set. It must contain JSON such as {"keys": […]}, as the proxy publishes it.`,
		)
	}
	c.ProxyJWT.KeysFile = path
	return nil
}

// emptyFile returns the problem of a file without content. write is what to do, unless it is a file that systemd made
// for a service: that is empty when the file of LoadCredential is missing, and nothing can be written into it.
func emptyFile(path, write string) string {
	if name := filepath.Base(path); strings.HasPrefix(path, serviceFiles) {
		return "names an empty file, because the file that the service loads it from (LoadCredential=" + name +
			":…) is missing or empty. Put that in place, and restart the service."
	}
	return "names an empty file. " + write
}

// warnIfReadable adds a warning for a file with a secret that other users can read.
func (c *Config) warnIfReadable(name, path string, file TrustedFile) {
	warning := ""
	switch {
	case file.WorldReadable:
		warning = " names a file that every user of this machine can read. Change that with: chmod o-r " + path
	case file.GroupReadable:
		warning = fmt.Sprintf(
			" names a file of this user that its group, %d, can read. Change that with: chmod g-r %s",
			group(file.Info), path,
		)
	default:
		c.secretFiles = append(c.secretFiles, Prefix+name)
		return
	}
	c.valueWarnings = append(c.valueWarnings, Prefix+name+warning)
	c.exposedFiles = append(c.exposedFiles, Prefix+name+warning)
}

// SecretFiles returns the variables of the files with secrets that no other user can read, and a sentence for each of
// the other ones, which is also among the Warnings.
func (c Config) SecretFiles() (private, exposed []string) { return c.secretFiles, c.exposedFiles }

// CheckWritable returns why this process cannot write a file and replace it in its folder. The file may be missing.
func CheckWritable(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|syscall.O_NONBLOCK, 0)
	switch {
	case err == nil:
		err = file.Close()
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err != nil {
		return AccessError("write", path, err)
	}
	folder := filepath.Dir(path)
	const write, search = 2, 1 // of access(2)
	if err := syscall.Access(folder, write|search); err != nil {
		return AccessError("create files in", folder, err)
	}
	return nil
}
