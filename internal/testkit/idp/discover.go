package idp

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
)

// discover serves the discovery document without endpoints that this provider does not have.
func (p *Provider) discover(w http.ResponseWriter, r *http.Request, server http.Handler) {
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, r)
	var document map[string]any
	if err := json.Unmarshal(recorder.Body.Bytes(), &document); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if p.options.NoEndSession {
		delete(document, "end_session_endpoint")
	}
	writeJSON(w, http.StatusOK, document)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
