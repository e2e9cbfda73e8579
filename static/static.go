// Package static holds the style sheet, the script and the icons of the console, and serves them under
// addresses that change with their content, so that browsers may keep them for good.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"
)

// Prefix is the path under which all assets are served.
const Prefix = "/static/"

//go:embed css app.js favicon.svg all:lib
var files embed.FS

// asset is one file in the forms in which it is served.
type asset struct {
	name        string // as it is called in the source, such as "lib/htmx.min.js"
	hashed      string // with the hash of its content before the ending
	contentType string
	plain       []byte
	gzipped     []byte
}

// styles is the folder whose files are served as one style sheet, in the order of their names.
const styles = "css"

// script is our own script. Its comments are for whoever changes it, and a quarter of its size: they are not served.
const script = "app.js"

// comments are the lines of a script that hold nothing else.
var comments = regexp.MustCompile(`(?m)^[ \t]*//.*\n`)

// table is every asset by both of its names.
type table struct{ byName, byHashed map[string]asset }

// assets reads and compresses the embedded files on first use; they cannot change afterwards.
var assets = sync.OnceValue(func() table {
	t, err := load(files)
	if err != nil {
		panic(fmt.Sprintf("embedded assets: %v", err)) // cannot happen to a program that was built
	}
	return t
})

// Has says whether there is an asset of this name. What npm provides is missing from a bare clone.
func Has(name string) bool {
	_, ok := assets().byName[name]
	return ok
}

// URL is the path of an asset, with a hash of its content in it. The path of an asset that does not exist
// is the plain one, which answers 404.
func URL(name string) string {
	if a, ok := assets().byName[name]; ok {
		return Prefix + a.hashed
	}
	return Prefix + name
}

func load(fsys fs.FS) (table, error) {
	t := table{byName: map[string]asset{}, byHashed: map[string]asset{}}
	var sheet []byte
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || contentType(name) == "" {
			return err
		}
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		switch {
		case path.Dir(name) == styles:
			sheet = append(sheet, content...)
			return nil
		case name == script:
			content = comments.ReplaceAll(content, nil)
		}
		return t.add(name, content)
	})
	if err != nil {
		return table{}, err
	}
	return t, t.add("app.css", sheet)
}

// add puts one asset into the table.
func (t table) add(name string, content []byte) error {
	a, err := newAsset(name, content)
	if err != nil {
		return fmt.Errorf("preparing %s: %w", name, err)
	}
	t.byName[a.name], t.byHashed[a.hashed] = a, a
	return nil
}

func newAsset(name string, content []byte) (asset, error) {
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return asset{}, err
	}
	if _, err := w.Write(content); err != nil {
		return asset{}, err
	}
	if err := w.Close(); err != nil {
		return asset{}, err
	}
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return asset{
		name:        name,
		hashed:      strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
		contentType: contentType(name),
		plain:       content,
		gzipped:     zipped.Bytes(),
	}, nil
}

// contentType answers the type of what we serve, "" for what we do not. It does not ask the system's table
// of types, which differs from machine to machine.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return ""
	}
}
