package voxsim

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// pause waits for a duration or until Close. It does not end with the request: a received call is carried out.
func (s *Sim) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.done:
	}
}

// sendJSON sends JSON, which the service does for refusals too.
func (s *Sim) sendJSON(w http.ResponseWriter, body any) {
	s.send(w, s.status(body), "application/json", encode(body))
}

// status returns 200, also for a refusal unless a variant changes it.
func (s *Sim) status(body any) int {
	if _, refused := body.(errorBody); refused {
		return cmp.Or(s.Variants().ErrorStatus, http.StatusOK)
	}
	return http.StatusOK
}

func (s *Sim) send(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Date", s.clock().UTC().Format(http.TimeFormat))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have disconnected
}

// encode encodes a body of this package as JSON, which cannot fail.
func encode(body any) []byte {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return text
}
