package voxsim

import (
	"net/http"
	"strconv"
	"time"
)

// maxHang ends a call that hangs if the client does not give up.
const maxHang = time.Minute

const maintenancePage = "<!doctype html><title>Maintenance</title><p>We will be back soon."

// serveFault handles a call with a fault.
func (s *Sim) serveFault(w http.ResponseWriter, r *http.Request, in *apiRequest, f Fault) {
	switch f.Kind {
	case Refuse:
		s.sendRefusal(w, in, f.Code)
	case HTTP401:
		s.sendStatus(w, http.StatusUnauthorized)
	case HTTP429:
		s.sendStatus(w, http.StatusTooManyRequests)
	case HTTP500:
		s.sendStatus(w, http.StatusInternalServerError)
	case HTMLBody:
		s.send(w, http.StatusOK, "text/html; charset=utf-8", []byte(maintenancePage))
	case HangBeforeCommit:
		s.hang(r)
	case ResetBeforeCommit:
		reset()
	case TruncatedJSON:
		body := s.execute(in)
		text := encode(body)
		s.send(w, s.status(body), "application/json", text[:len(text)/2])
	case SlowDrip:
		s.drip(w, r, s.execute(in), f.Delay)
	case CommitThenHang:
		s.execute(in)
		s.hang(r)
	case CommitThenReset:
		s.execute(in)
		reset()
	case CommitThenRefuse:
		s.executeThenRefuse(w, in, f.Code)
	case CommitThenHTTP500:
		s.execute(in)
		s.sendStatus(w, http.StatusInternalServerError)
	case NullResult:
		s.execute(in)
		s.sendJSON(w, map[string]any{"result": nil})
	case EmptyList:
		s.execute(in)
		s.sendJSON(w, map[string]any{"result": []any{}})
	case ResetThenCommit:
		s.executeLater(in, f.Delay)
		reset()
	case HangThenCommit:
		s.executeLater(in, f.Delay)
		s.hang(r)
	case StaleReads:
		s.freezeReads(f.Delay)
		s.sendJSON(w, s.execute(in))
	default:
		s.sendJSON(w, s.execute(in))
	}
}

// executeThenRefuse carries out a call and refuses it nevertheless. A call that is refused anyway keeps its own
// refusal.
func (s *Sim) executeThenRefuse(w http.ResponseWriter, in *apiRequest, code int) {
	body := s.execute(in)
	if _, refused := body.(errorBody); refused {
		s.sendJSON(w, body)
		return
	}
	s.sendRefusal(w, in, code)
}

func (s *Sim) sendRefusal(w http.ResponseWriter, in *apiRequest, code int) {
	s.mu.Lock()
	in.call.Code = code
	body := s.errorBody(refuse(code))
	s.mu.Unlock()
	s.sendJSON(w, body)
}

func (s *Sim) sendStatus(w http.ResponseWriter, status int) {
	s.send(w, status, "text/plain; charset=utf-8", []byte(http.StatusText(status)+"\n"))
}

// reset closes the connection without a response.
func reset() { panic(http.ErrAbortHandler) }

// hang waits until the client gives up, the simulator is closed or maxHang has passed.
func (s *Sim) hang(r *http.Request) {
	timer := time.NewTimer(maxHang)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
	case <-s.done:
	case <-timer.C:
	}
	reset()
}

// drip sends a body byte by byte, spread over a duration.
func (s *Sim) drip(w http.ResponseWriter, r *http.Request, body any, duration time.Duration) {
	text := encode(body)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(s.status(body))
	flush := http.NewResponseController(w).Flush
	tick := time.NewTicker(max(duration/time.Duration(len(text)), 1))
	defer tick.Stop()
	for i := range text {
		select {
		case <-tick.C:
		case <-s.done:
			reset()
		case <-r.Context().Done():
			reset()
		}
		if _, err := w.Write(text[i : i+1]); err != nil {
			reset()
		}
		if err := flush(); err != nil {
			reset()
		}
	}
}
