package session

import (
	"net"
	"net/http"
	"strings"
	"unicode"
)

// addressBytes and browserBytes are how much is kept of what a request says about where it comes from.
const (
	addressBytes = 64
	browserBytes = 200
)

// peer answers the address at the other end of a request's connection, without the port.
func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// bounded answers the printable part of a text that came with a request, of at most limit bytes and never half a
// character: it will stand on a page.
func bounded(text string, limit int) string {
	text = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) || c == unicode.ReplacementChar {
			return -1
		}
		return c
	}, text)
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "")
}
