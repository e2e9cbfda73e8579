package idp

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
)

// discover answers the server's own description, without what this provider does not have.
func (p *Provider) discover(w http.ResponseWriter, r *http.Request, server http.Handler) {
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, r)
	var description map[string]any
	if err := json.Unmarshal(recorder.Body.Bytes(), &description); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if p.options.NoEndSession {
		delete(description, "end_session_endpoint")
	}
	writeJSON(w, http.StatusOK, description)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
