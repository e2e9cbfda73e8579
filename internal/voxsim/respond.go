package voxsim

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// pause waits, though never beyond Close. It does not end with the request: what has arrived will be carried out.
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

// sendJSON answers as the service always does: in JSON, also for a refusal.
func (s *Sim) sendJSON(w http.ResponseWriter, body any) {
	s.send(w, s.status(body), "application/json", encode(body))
}

// status is 200, also for a refusal unless a variant says otherwise.
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
	_, _ = w.Write(body) // the client may be gone, which is its own business
}

// encode writes a body of this package; all of them can be written as JSON.
func encode(body any) []byte {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return text
}
