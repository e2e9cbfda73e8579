package handlers

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/voxwarden/voxwarden/internal/identity"
)

// contentSecurityPolicy allows only resources of this console. form-action also forbids the redirect of a form to
// another site.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxProblemBytes limits the error in the line of a request.
const maxProblemBytes = 2000

// requestIDLength is the length of an id that the console gives a request, in base 32: 80 bits.
const requestIDLength = 16

// logRequests sets the state of the request, and logs one line at its end. The line contains the path and never the
// query, which contains names.
func (a *App) logRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := a.Now()
		v := &requestState{requestID: requestID(r)}
		w.Header().Set("X-Request-Id", v.requestID)
		wrapped := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(wrapped, withState(r, v))
		elapsed := a.Now().Sub(started)
		if a.Measure != nil {
			a.Measure(r.Method, chi.RouteContext(r.Context()).RoutePattern(), wrapped.Status(), elapsed)
		}
		fields := []slog.Attr{
			slog.String("method", identity.Printable(r.Method, maxRouteBytes)),
			slog.String("path", identity.Printable(r.URL.Path, maxRouteBytes)),
			slog.Int("status", wrapped.Status()),
			slog.Int("bytes", wrapped.BytesWritten()),
			slog.Float64("duration_ms", float64(elapsed.Microseconds())/1000),
			slog.String("address", ClientAddress(r)),
			slog.String("operator", operatorLogID(v)),
			slog.String("request_id", v.requestID),
		}
		if v.failure != nil {
			fields = append(fields, slog.String("problem", identity.Printable(v.failure.Error(), maxProblemBytes)))
		}
		a.Logger.LogAttrs(r.Context(), requestLogLevel(r.URL.Path, wrapped.Status()), "request", fields...)
	})
}

// requestID returns the id that a trusted proxy gave the request, else a new one.
func requestID(r *http.Request) string {
	if id, ok := r.Context().Value(proxyRequestIDKey{}).(string); ok {
		return id
	}
	return strings.ToLower(rand.Text()[:requestIDLength])
}

// requestLogLevel returns debug for requests that machines repeat all day, such as health checks.
func requestLogLevel(path string, status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	case path == "/healthz" || path == "/readyz" || strings.HasPrefix(path, "/static/"):
		return slog.LevelDebug
	default:
		return slog.LevelInfo
	}
}

// operatorLogID returns the operator for the log, "-" for no one.
func operatorLogID(v *requestState) string {
	if !v.operator.Authenticated() {
		return "-"
	}
	return v.operator.ID()
}

// panicError is the error of a handler that panicked.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// recoverPanic turns a panic into the page of an unknown error.
func (a *App) recoverPanic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(value)
			}
			err := &panicError{value: value, stack: debug.Stack()}
			a.Logger.LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("stack", string(err.stack)),
				slog.String("request_id", stateOf(r).requestID))
			a.handleError(w, r, err)
		}()
		next.ServeHTTP(w, r)
	})
}

// securityHeaders sets the headers that restrict what browsers do with pages.
func (a *App) securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if a.BaseURL.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
