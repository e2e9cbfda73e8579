package handlers

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"github.com/voxwarden/voxwarden/static"
)

// The levels of gzip, chosen by measurement: docs/decisions/0038. Most pages are ordinary. Of a large one, and of an
// export of unknown length, the bytes count more than the processor time.
const (
	ordinaryLevel = 1
	largeLevel    = 5
	largeBytes    = 32 << 10
)

// CompressionLevel returns the level of gzip for a response of a length in bytes, -1 for an unknown one.
func CompressionLevel(length int) int {
	if length < 0 || length >= largeBytes {
		return largeLevel
	}
	return ordinaryLevel
}

// minCompressedBytes is the size from which a response is compressed. A smaller one fits into a packet anyway.
const minCompressedBytes = 1 << 10

// gzipPools are the writers of gzip by level. They are pooled, because each has large tables.
type gzipPools map[int]*sync.Pool // of *gzip.Writer

func newGzipPools(levels ...int) gzipPools {
	pools := gzipPools{}
	for _, level := range levels {
		pools[level] = &sync.Pool{New: func() any {
			zipped, err := gzip.NewWriterLevel(io.Discard, level)
			if err != nil {
				panic(fmt.Sprintf("level of compression: %v", err)) // the tests use the same levels
			}
			return zipped
		}}
	}
	return pools
}

// newCompressor returns middleware that compresses pages and exports for browsers that accept gzip.
func newCompressor() func(http.Handler) http.Handler {
	pools := newGzipPools(ordinaryLevel, largeLevel)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Vary", "Accept-Encoding")
			if !static.AcceptsGzip(r) {
				next.ServeHTTP(w, r)
				return
			}
			compressed := &compressedResponse{ResponseWriter: w, pools: pools}
			next.ServeHTTP(compressed, r)
			// Not after a panic: the end of the gzip stream would make a part look like the whole.
			compressed.finish()
		})
	}
}

// compressedResponse compresses the body if its headers allow it.
type compressedResponse struct {
	http.ResponseWriter
	pools   gzipPools
	started bool
	level   int          // of zipped
	zipped  *gzip.Writer // nil for a body that is not compressed
}

// WriteHeader decides whether the body is compressed.
func (c *compressedResponse) WriteHeader(status int) {
	if !c.started && status >= http.StatusOK {
		c.started = true
		if h := c.Header(); isCompressible(status, h) {
			c.level = CompressionLevel(contentLength(h))
			h.Set("Content-Encoding", "gzip")
			h.Del("Content-Length")
			c.zipped = c.pools[c.level].Get().(*gzip.Writer)
			c.zipped.Reset(c.ResponseWriter)
		}
	}
	c.ResponseWriter.WriteHeader(status)
}

// isCompressible reports whether a response is compressed: a page or an export that is not known to be small. The few
// bytes of a redirect have no length.
func isCompressible(status int, h http.Header) bool {
	if status == http.StatusNoContent || status/100 == 3 || h.Get("Content-Encoding") != "" {
		return false
	}
	if length := contentLength(h); length >= 0 && length < minCompressedBytes {
		return false
	}
	mediaType, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return mediaType == "text/html" || mediaType == "text/csv" || mediaType == jsonLinesType
}

// contentLength returns the length of a body in bytes, -1 when its headers do not say.
func contentLength(h http.Header) int {
	length, err := strconv.Atoi(h.Get("Content-Length"))
	if err != nil {
		return -1
	}
	return length
}

func (c *compressedResponse) Write(p []byte) (int, error) {
	if !c.started {
		c.WriteHeader(http.StatusOK)
	}
	if c.zipped != nil {
		return c.zipped.Write(p)
	}
	return c.ResponseWriter.Write(p)
}

// FlushError sends what was written so far, however little. http.ResponseController calls it.
func (c *compressedResponse) FlushError() error {
	if !c.started {
		c.WriteHeader(http.StatusOK)
	}
	if c.zipped != nil {
		if err := c.zipped.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(c.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController set deadlines.
func (c *compressedResponse) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// finish ends the gzip stream.
func (c *compressedResponse) finish() {
	if c.zipped == nil {
		return
	}
	_ = c.zipped.Close() // fails only when the browser is gone
	c.zipped.Reset(io.Discard)
	c.pools[c.level].Put(c.zipped)
	c.zipped = nil
}
