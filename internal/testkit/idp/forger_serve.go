package idp

import (
	"crypto/rand"
	"encoding/base64"
	"math/big"
	"net/http"
	"net/url"
)

func (f *Forger) discover(w http.ResponseWriter, _ *http.Request) {
	document := Claims{
		"issuer":                                f.URL,
		"authorization_endpoint":                f.URL + "/authorize",
		"token_endpoint":                        f.URL + "/token",
		"jwks_uri":                              f.URL + "/keys",
		"userinfo_endpoint":                     f.URL + "/userinfo",
		"end_session_endpoint":                  f.URL + "/end",
		"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
	}
	if f.Discovery != nil {
		f.Discovery(document)
	}
	writeJSON(w, http.StatusOK, document)
}

func (f *Forger) keys(w http.ResponseWriter, _ *http.Request) {
	if f.KeysDown {
		panic(http.ErrAbortHandler)
	}
	number := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
	valid := Claims{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "key-1",
		"n": number(f.key.N), "e": number(big.NewInt(int64(f.key.E))),
	}
	var set any = []Claims{valid}
	if f.KeySet != nil {
		set = f.KeySet(valid)
	}
	writeJSON(w, http.StatusOK, Claims{"keys": set})
}

func (f *Forger) authorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.lastAuthRequest = r.URL.Query()
	f.mu.Unlock()
	query := url.Values{"code": {rand.Text()}, "state": {r.FormValue("state")}}
	if f.CallbackQuery != nil {
		f.CallbackQuery(query)
	}
	http.Redirect(w, r, r.FormValue("redirect_uri")+"?"+query.Encode(), http.StatusFound)
}

func (f *Forger) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	method := "form"
	if _, _, ok := r.BasicAuth(); ok {
		method = "header"
	}
	f.mu.Lock()
	f.clientAuth = append(f.clientAuth, method)
	f.mu.Unlock()
	if f.Token != nil {
		if status, body := f.Token(r.PostForm); status != 0 {
			writeJSON(w, status, body)
			return
		}
	}
	response := Claims{"access_token": "opaque-access", "token_type": "Bearer", "expires_in": 300}
	issue := f.IDToken
	if issue == nil {
		issue = f.Sign
	}
	if token := issue(f.ValidClaims()); token != "" {
		response["id_token"] = token
	}
	writeJSON(w, http.StatusOK, response)
}

func (f *Forger) userInfo(w http.ResponseWriter, _ *http.Request) {
	if f.SignedUserInfo {
		w.Header().Set("Content-Type", "application/jwt")
		_, _ = w.Write([]byte(f.Sign(Claims{"sub": "anna"})))
		return
	}
	status, body := http.StatusNotFound, Claims{}
	if f.UserInfo != nil {
		status, body = f.UserInfo()
	}
	writeJSON(w, status, body)
}
