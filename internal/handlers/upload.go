package handlers

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// maxUploadBytes limits the body of a form with a file: the file, the same pasted, and the other fields.
const maxUploadBytes = bulk.MaxFileBytes + bulk.MaxFileBytes + maxFormBytes

// maxUploadParts is the number of fields of a form with a file, with some to spare: up to 50 are for its columns.
const maxUploadParts = 70

// upload accepts a form with a file from operators with any of the permissions, if a page of this session sent it. The
// body may be large, so the operator is checked and the concurrency limit applied before it is read.
func (a *App) upload(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.public(func(w http.ResponseWriter, r *http.Request) error {
		if err := a.crossOrigin.Check(r); err != nil {
			return errCrossOrigin
		}
		if err := a.rateLimits.writes.consume(w, r); err != nil {
			return err
		}
		read := func(w http.ResponseWriter, r *http.Request) error {
			f, file, err := readUpload(w, r)
			if err != nil {
				return err
			}
			if !a.Sessions.CheckFormToken(r, f.text(formTokenField)) {
				return errFormToken
			}
			stateOf(r).form, stateOf(r).file = f, file
			return h(w, r)
		}
		return a.requirePermission(a.concurrencyLimited(read, a.concurrencyLimits.uploads), anyOf)(w, r)
	})
}

// readUpload reads a multipart form: its texts, and the content of the field "file". Nothing is written to disk. It
// returns errInvalidForm, or an *http.MaxBytesError for a body that is too large.
func readUpload(w http.ResponseWriter, r *http.Request) (f form, file []byte, err error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return form{}, nil, errInvalidForm
	}
	parts := multipart.NewReader(http.MaxBytesReader(w, r.Body, maxUploadBytes), params["boundary"])
	f = form{values: url.Values{}}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return form{}, nil, uploadError(err)
		}
		if n == maxUploadParts {
			return form{}, nil, errInvalidForm
		}
		content, err := io.ReadAll(part)
		switch {
		case err != nil:
			return form{}, nil, uploadError(err)
		case part.FormName() == "file":
			file = content
		case !isText(string(content)), len(content) > maxFormBytes && part.FormName() != "rows":
			return form{}, nil, errInvalidForm
		default:
			f.values.Add(part.FormName(), string(content))
		}
	}
	return f, file, nil
}

// uploadError distinguishes a body that is too large from one that cannot be read.
func uploadError(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge
	}
	return errInvalidForm
}
