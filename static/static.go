// Package static contains the style sheet, the script and the icons of the console. Their addresses contain a hash of
// the content, so that browsers can cache them without revalidation.
package static

import (
	"bytes"
	"cmp"
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

//go:embed css app.js palette.js favicon.svg icons.svg all:lib
var files embed.FS

// asset is a file in the forms in which it is served.
type asset struct {
	name        string // path in the source, such as "lib/htmx.min.js"
	hashed      string // path with a hash of the content before the extension
	contentType string
	plain       []byte
	gzipped     []byte
}

// styles is the folder of the style sheet. Its files are served as one, in the order of their names.
const styles = "css"

// references matches what a style sheet loads: a file by its name, such as "url(icons.svg)".
var references = regexp.MustCompile(`url\(([\w.-]+)\)`)

// These match the comments, without which our files are served: of a script, lines with only a comment, which are a
// quarter of its size; of a style sheet all, which are an eighth of it.
var (
	scriptComments = regexp.MustCompile(`(?m)^[ \t]*//.*\n`)
	styleComments  = regexp.MustCompile(`(?s)[ \t]*/\*.*?\*/\n?`)
)

// table contains all assets by both names.
type table struct{ byName, byHashed map[string]asset }

// assets reads and compresses the embedded files once.
var assets = sync.OnceValue(func() table {
	t, err := load(files)
	if err != nil {
		panic(fmt.Sprintf("embedded assets: %v", err)) // the tests load the same files
	}
	return t
})

// Has reports whether there is an asset with this name. Assets from npm are missing after git clone.
func Has(name string) bool {
	_, ok := assets().byName[name]
	return ok
}

// URL returns the path of an asset with a hash of its content. For a missing asset it returns the path without a hash,
// which leads to 404.
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
			sheet = append(sheet, styleComments.ReplaceAll(content, nil)...)
			return nil
		case path.Dir(name) == "." && path.Ext(name) == ".js":
			content = scriptComments.ReplaceAll(content, nil)
		}
		return t.add(name, content)
	})
	if err != nil {
		return table{}, err
	}
	sheet = references.ReplaceAllFunc(sheet, func(reference []byte) []byte {
		name := string(references.FindSubmatch(reference)[1])
		return []byte("url(" + cmp.Or(t.byName[name].hashed, name) + ")")
	})
	return t, t.add("app.css", sheet)
}

// add adds an asset to the table.
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

// contentType returns the media type of an asset, or "" for files that are not served. It does not use the system's
// media types, which differ between machines.
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
