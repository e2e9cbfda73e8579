package session

import (
	"net"
	"net/http"
	"strings"
	"unicode"
)

// addressBytes and browserBytes limit the stored client address and User-Agent.
const (
	addressBytes = 64
	browserBytes = 200
)

// peer returns the remote address of a request's connection without the port.
func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// bounded returns the printable characters of a text, at most limit bytes of them. The text is valid UTF-8.
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
