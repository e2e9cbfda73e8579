package voxsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// controlPath is the path of the control API, which is served to loopback clients only.
const controlPath = "/_sim/"

func (s *Sim) serveControl(w http.ResponseWriter, r *http.Request) {
	if !fromLoopback(r) {
		http.Error(w, "the control API accepts loopback clients only", http.StatusForbidden)
		return
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		http.Error(w, "the control API rejects cross-origin requests", http.StatusForbidden)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body is too large", http.StatusRequestEntityTooLarge)
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET " + controlPath + "state":
		s.sendJSON(w, s.report())
		return
	case "POST " + controlPath + "change":
		err = s.controlExternal(body)
	case "POST " + controlPath + "faults":
		err = s.controlFault(body)
	case "DELETE " + controlPath + "faults":
		s.ClearFaults()
	case "POST " + controlPath + "variants":
		err = s.controlVariants(body)
	default:
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// fromLoopback checks the peer of the connection, not a header.
func fromLoopback(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// report is the body of GET /_sim/state.
type report struct {
	State    State         `json:"state"`
	Ledger   []LedgerEntry `json:"ledger"`
	Calls    []Call        `json:"calls"`
	Variants string        `json:"variants"` // those that are not the default, in the form of POST /_sim/variants
}

func (s *Sim) report() report {
	return report{State: s.State(), Ledger: s.Ledger(), Calls: s.Calls(), Variants: s.Variants().String()}
}

func (s *Sim) controlExternal(body []byte) error {
	var a ExternalChange
	if err := json.Unmarshal(body, &a); err != nil {
		return fmt.Errorf("reading the change: %w", err)
	}
	return s.ApplyExternal(a)
}

// faultRequest is a Fault as JSON, with its delay in seconds.
type faultRequest struct {
	Method  string    `json:"method"`
	Nth     int       `json:"nth"`
	Count   int       `json:"count"`
	Kind    FaultKind `json:"kind"`
	Code    int       `json:"code"`
	Seconds float64   `json:"seconds"`
}

func (s *Sim) controlFault(body []byte) error {
	var f faultRequest
	if err := json.Unmarshal(body, &f); err != nil {
		return fmt.Errorf("reading the fault: %w", err)
	}
	if !slices.Contains(AllFaultKinds(), f.Kind) {
		return fmt.Errorf("unknown fault %q (known: %v)", f.Kind, AllFaultKinds())
	}
	if _, known := s.methods[f.Method]; f.Method != "" && !known {
		return errors.New("the method of the fault is not simulated")
	}
	s.AddFault(Fault{
		Method: f.Method,
		Nth:    f.Nth,
		Count:  f.Count,
		Kind:   f.Kind,
		Code:   f.Code,
		Delay:  time.Duration(f.Seconds * float64(time.Second)),
	})
	return nil
}

// controlVariants replaces all variants. The body has the form of ParseVariants.
func (s *Sim) controlVariants(body []byte) error {
	v, err := ParseVariants(string(body))
	if err != nil {
		return err
	}
	s.SetVariants(v)
	return nil
}
