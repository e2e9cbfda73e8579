package voxsim

import (
	"cmp"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// apiPath is the path of the API. The method follows in the path, or is the parameter cmd.
const apiPath = "/platform_api"

// apiRequest is one request for an API method.
type apiRequest struct {
	method        string // as sent
	params        params
	invalidParams bool // the parameters could not be parsed
	authorization string
	host          string
	ip            string
	call          *Call
}

func (s *Sim) serveAPI(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "only GET and POST are documented", http.StatusMethodNotAllowed)
		return
	}
	p, err := readParams(r)
	in := &apiRequest{
		method:        methodName(r.URL.Path, p),
		params:        p,
		invalidParams: err != nil,
		authorization: r.Header.Get("Authorization"),
		host:          r.Host,
		ip:            clientAddress(r),
	}
	in.call = &Call{Verb: r.Method, Method: in.method, Target: cmp.Or(p["subuser_id"], p["key_id"])}
	s.mu.Lock()
	fault := s.receive(in.call)
	s.mu.Unlock()

	s.pause(s.latency)
	if fault != nil {
		s.serveFault(w, r, in, *fault)
		return
	}
	s.sendJSON(w, s.execute(in))
}

// clientAddress returns the address of the peer, or "" if there is none.
func clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}

// methodName returns the method from the path, with or without a trailing slash, else from cmd.
func methodName(path string, p params) string {
	if name := strings.Trim(strings.TrimPrefix(path, apiPath), "/"); name != "" {
		return name
	}
	return p["cmd"]
}

// execute carries out a call and returns the response body, also for a refusal.
func (s *Sim) execute(in *apiRequest) any {
	by, refusal := s.authenticate(in.authorization)
	s.mu.Lock()
	defer s.mu.Unlock()
	var result successBody
	if refusal == nil {
		in.call.KeyID = by.keyID
		refusal = s.checkRequest(in, by)
	}
	if refusal == nil {
		result, refusal = s.dispatch(in, by)
	}
	if refusal != nil {
		in.call.Code = refusal.Code
		return s.errorBody(refusal)
	}
	return result
}

// checkRequest runs the checks between the token and the parameters of the method. The lock must be held.
func (s *Sim) checkRequest(in *apiRequest, by identity) *Refusal {
	_, caller := s.account.ofKey(by.keyID)
	if caller == nil {
		return refuse(codeAuthorizationFailed) // deleted after its signature was checked
	}
	if s.account.withID(by.accountID).inactive {
		return refuse(codeNotActivated) // by its published text; when the service checks it is not published
	}
	if !s.bucket.allow(s.now(), s.variants.RateLimit) {
		return refuse(codeRateLimit)
	}
	if in.method == "" {
		return refuse(codeMissingCommand)
	}
	m, known := s.methods[in.method]
	if !known {
		return refuse(codeUnknownCommand)
	}
	if !s.mayCall(caller, m) {
		return refuse(cmp.Or(s.variants.ForbiddenCode, codeForbiddenCommand))
	}
	if in.invalidParams {
		return refuse(codeInvalidArguments)
	}
	// The vendor's Java client sends the account in the token and as a parameter. It is not published which one counts if
	// they differ.
	if id, given := in.params["account_id"]; given && id != strconv.FormatInt(by.accountID, 10) {
		return refuse(codeInvalidAccountID)
	}
	if format, given := in.params["output"]; given && !strings.EqualFold(format, cmp.Or(m.output, "json")) {
		return refuse(codeOutputFormat)
	}
	if name, found := m.unknownParameter(in.params); found {
		return refuse(codeForbiddenParameter, name)
	}
	return nil
}

// dispatch carries out a call that passed all checks. The lock must be held.
func (s *Sim) dispatch(in *apiRequest, by identity) (successBody, *Refusal) {
	m := s.methods[in.method]
	x := s.newInvocation(in.method, in.params, by)
	x.host, x.ip = in.host, in.ip
	if !m.writes {
		x.account = s.readAccount().withID(by.accountID)
		return m.handler(x)
	}
	if s.isResend(x) {
		return successBody{}, refuse(codeProbableResend)
	}
	withoutEffect := s.variants.NoEffect.Covers(in.method)
	if withoutEffect {
		x.account = x.account.clone()
	}
	result, refusal := m.handler(x)
	if withoutEffect {
		s.account.withID(by.accountID).nextSubuser = x.account.nextSubuser // as after a transaction that was rolled back
		return result, refusal
	}
	if refusal == nil {
		s.commit(x, result.Result)
		s.rememberCommit(x)
		in.call.Committed = true
	}
	return result, refusal
}
