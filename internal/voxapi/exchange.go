package voxapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"
)

// maxResponseBytes is the largest response that is read, after decompression.
const maxResponseBytes = 8 << 20

// rawResponse is an HTTP response with its whole body.
type rawResponse struct {
	status   int
	header   http.Header
	body     []byte
	received time.Time
}

// exchange sends one request and reads the response, within the call timeout. After a failure it returns as much of the
// response as was received.
func (c *Client) exchange(ctx context.Context, k call, t token) (rawResponse, *Error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.CallTimeout)
	defer cancel()
	if ctx.Err() != nil {
		return rawResponse{}, k.notSent(newTransportError(ctx.Err()))
	}
	var tracker sendTracker
	request, err := c.newRequest(httptrace.WithClientTrace(ctx, tracker.trace()), k, t)
	if err != nil {
		return rawResponse{}, k.notSent(errors.New("the request could not be built"))
	}

	response, err := c.transports.forCall(k.write).RoundTrip(request)
	if err != nil {
		return rawResponse{}, k.connectionFailure(err, tracker.provenNotSent())
	}
	defer response.Body.Close()
	r := rawResponse{status: response.StatusCode, header: response.Header, received: c.options.Now()}
	r.body, err = io.ReadAll(io.LimitReader(response.Body, maxResponseBytes+1))
	if err != nil {
		return r, k.connectionFailure(err, false)
	}
	if len(r.body) > maxResponseBytes {
		return r, k.unusableResponse(fmt.Errorf("the response is larger than %d bytes", maxResponseBytes))
	}
	return r, nil
}

// newRequest puts every parameter into the body, so that no parameter is in a URL, which proxies would log.
func (c *Client) newRequest(ctx context.Context, k call, t token) (*http.Request, error) {
	body := strings.NewReader(k.params.values.Encode())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.options.BaseURL+"/"+k.method, body)
	if err != nil {
		return nil, err
	}
	// Without GetBody, and without an Idempotency-Key header, http.Transport cannot repeat the request by itself.
	request.GetBody = nil
	request.Header.Set("Authorization", "Bearer "+t.text)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "voxwarden")
	return request, nil
}

// isJSON reports whether the content type is JSON. An error page of a proxy must not be taken for a response of the
// vendor.
func (r rawResponse) isJSON() bool {
	mediaType, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	return err == nil && (mediaType == "application/json" || strings.HasSuffix(mediaType, "+json"))
}

// date returns the Date header, or the zero time.
func (r rawResponse) date() time.Time {
	date, err := http.ParseTime(r.header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return date
}

// retryAfter returns the Retry-After header, in seconds or as a date, or 0.
func (r rawResponse) retryAfter() time.Duration {
	value := r.header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, date.Sub(r.received))
}
